//! The BPF programs compile for every architecture that they are written for; the build makes those of
//! its own only.

use std::{env, path::Path, process::Command};

#[test]
fn programs_compile_for_every_architecture() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bpf/watchkeeper.bpf.c");
    let clang = env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    for arch in ["x86", "arm64"] {
        let output = Command::new(&clang)
            .args(["-O2", "-Wall", "-Werror", "-mcpu=v3", "-target", "bpf", "-fsyntax-only"])
            .arg(format!("-D__TARGET_ARCH_{arch}"))
            .args(["-I", env!("BPF_HEADERS")])
            .arg(&source)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arch}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
