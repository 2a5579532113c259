//! What recording costs beside sysdig with its kernel module: in one guest, one after the other.

use testkit::vm::{Kernel, scap};

use super::{
    Figures, figures, guest,
    table::{Table, count, times},
};
use crate::Outcome;

/// A reader is stopped while the loops run, and has room for all that comes, so that only the kernel's
/// side counts. Then it goes on, and what it does itself for a file is counted.
const SCRIPT: &str = r#"
recorded() {
    kill -STOP $2
    loops $1
    kill -CONT $2
    sleep 3
    echo "reader-$1 $(each $2)"
}
loops none
start --store /tmp/store
sleep 1
recorded ours $agent
end
echo "lost-ours $(lost)"
insmod /scap.ko
sysdig -v 'fd.name contains /etc/zzz' >/tmp/nothing 2>/tmp/summary &
reader=$!
until grep -q /dev/scap0 /proc/$reader/maps; do sleep 0.2; done
sleep 3
recorded sysdig $reader
kill -INT $reader; wait $reader
echo "lost-sysdig $(sed -n 's/^Driver Drops://p' /tmp/summary)"
"#;

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_1;
    let Some(module) = scap(&kernel.installed()?) else { return Ok(()) };
    let guest = guest(kernel)?.copy(module, "/scap.ko").copy("/usr/bin/sysdig", "/bin/sysdig");
    let figures = figures(&guest.icount(), SCRIPT)?;
    for reader in ["ours", "sysdig"] {
        let lost = figures.get(&format!("lost-{reader}"))?;
        if lost > 0.0 {
            return Err(format!("{lost} events of {reader} were lost, which cost less").into());
        }
    }
    print!("{}", table(kernel, &figures)?);
    Ok(())
}

/// What each adds to a call, and what its reader takes of it.
fn table(kernel: Kernel, figures: &Figures) -> Result<Table, String> {
    let mut table = Table::new(
        kernel,
        "instructions beside sysdig's",
        &["not recorded", "watchkeeper adds", "sysdig adds", "ours of sysdig's"],
    );
    for (name, what) in [("open", "`openat` and `close`"), ("getppid", "`getppid`")] {
        let of = |reader| figures.get(&format!("{name}-{reader}"));
        let none = of("none")?;
        let [ours, sysdig] = [of("ours")? - none, of("sysdig")? - none];
        table = table.row(what, [count(none), count(ours), count(sysdig), times(ours, sysdig)]);
    }
    let [ours, sysdig] = [figures.get("reader-ours")?, figures.get("reader-sysdig")?];
    let cells = ["–".to_owned(), count(ours), count(sysdig), times(ours, sysdig)];
    Ok(table.row("the reader, of a file opened and closed", cells))
}
