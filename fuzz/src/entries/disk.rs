//! Disks of virtual machines: forms, partitions, volumes, file systems.

use std::io::Write;

use image::{Content, Disk, Entry, Problem, Visitor, Want, Whiteout};

/// So much of a file is read: sizes are what the disk says.
const READ_BYTES: u64 = 1 << 16;
/// So many entries are looked at, and files read.
const ENTRIES: u32 = 2_000;

/// The bytes are a disk.
pub(crate) fn run(data: &[u8]) {
    let Ok(mut file) = tempfile::tempfile() else { return };
    if file.write_all(data).is_err() {
        return;
    }
    if let Ok(disk) = Disk::of_file(file) {
        let _ = disk.walk(&mut Reader::default());
    }
}

/// Reads a little of all that there is.
#[derive(Default)]
pub(super) struct Reader {
    entries: u32,
}

impl Visitor for Reader {
    fn entry(&mut self, _: &Entry<'_>) -> Want {
        self.entries += 1;
        if self.entries < ENTRIES { Want::Content } else { Want::Skip }
    }

    fn content(&mut self, _: &Entry<'_>, content: &mut dyn Content) {
        use std::io::Read;
        let _ = content.take(READ_BYTES).read_to_end(&mut Vec::new());
    }

    fn whiteout(&mut self, _: Whiteout<'_>) {}

    fn problem(&mut self, problem: Problem) {
        let _ = problem.error.to_string();
    }
}
