//! Compiles the BPF programs in `bpf/` to the object that is embedded.

mod strip;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn main() {
    let bpf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bpf");
    println!("cargo:rerun-if-changed={}", bpf.display());
    println!("cargo:rerun-if-env-changed=CLANG");
    // Cargo sets both for build scripts; the headers are those of the loader that is linked.
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("watchkeeper.bpf.o");
    let headers = env::var_os("DEP_BPF_INCLUDE").unwrap_or_default();
    // For the test that compiles for other architectures.
    println!("cargo:rustc-env=BPF_HEADERS={}", Path::new(&headers).display());
    let arch = match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("aarch64") => "arm64",
        _ => "x86",
    };
    let clang = env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let output = Command::new(&clang)
        .args(["-g", "-O2", "-Wall", "-fno-addrsig", "-mcpu=v3", "-target", "bpf", "-c"])
        .arg(format!("-D__TARGET_ARCH_{arch}"))
        .arg("-I")
        .arg(headers)
        .arg(bpf.join("watchkeeper.bpf.c"))
        .arg("-o")
        .arg(&out)
        .output();
    match output {
        Ok(Output { status, stderr, .. }) if status.success() => {
            // Compilers to come may warn of more: that is seen, and no reason not to build.
            for line in String::from_utf8_lossy(&stderr).lines() {
                println!("cargo::warning={line}");
            }
            strip(&out);
        }
        Ok(Output { status, stderr, .. }) => {
            eprint!("{}", String::from_utf8_lossy(&stderr));
            fail(&format!("bpf/watchkeeper.bpf.c: {} ended with {status}", clang.display()))
        }
        Err(error) => fail(&format!(
            "{}: {error}; install clang (Debian and Ubuntu: apt-get install clang), or name one in CLANG",
            clang.display()
        )),
    }
}

/// Takes out of the object what is not loaded.
fn strip(object: &Path) {
    let stripped = fs::read(object)
        .map_err(Into::into)
        .and_then(|bytes| strip::strip(&bytes))
        .and_then(|stripped| Ok(fs::write(object, stripped)?));
    if let Err(error) = stripped {
        fail(&format!("{}: {error}", object.display()));
    }
}

fn fail(why: &str) -> ! {
    println!("cargo::error={why}");
    std::process::exit(1)
}
