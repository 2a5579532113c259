//! Opening, creating, renaming, removing files.

use event::syscalls::OPENAT_2_X;

use crate::harness::{Acts, Notes, trace};

pub(crate) const ACTS: Acts = &[("files::openat", act_openat)];

fn act_openat(notes: &mut Notes) {
    // SAFETY: the paths are NUL-terminated.
    unsafe {
        notes.note(
            "fd",
            libc::openat(libc::AT_FDCWD, c"new".as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o640),
        );
        notes.note("missing", libc::openat(libc::AT_FDCWD, c"nowhere".as_ptr(), libc::O_RDONLY));
    }
}

#[test]
fn openat_tells_name_flags_and_result() {
    let outcome = trace("files::openat");
    let [new, missing] = outcome.of(OPENAT_2_X)[..] else { panic!("{:?}", outcome.events) };
    assert_eq!((new.int("fd"), new.text("name")), (Some(outcome.notes.of("fd")), b"new".to_vec()));
    assert_eq!((missing.int("fd"), missing.text("name")), (Some(-2), b"nowhere".to_vec()));
}
