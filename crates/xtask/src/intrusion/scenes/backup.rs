//! The nightly backup: tar reads what is to be kept, gzip packs it.

use super::{
    super::stage::{CREATE, End, Process, Stage},
    upkeep::{service, service_ends},
};

const UNIT: &str = "/system.slice/backup.service";
const TARGET: &str = "/var/backups/site.tar.gz";
/// Folders, and how many files are in each.
const KEPT: [(&str, usize); 6] = [
    ("/etc/nginx", 6),
    ("/var/www/site", 9),
    ("/var/www/site/img", 14),
    ("/srv/shop/uploads", 12),
    ("/home/ada/notes", 7),
    ("/home/deploy/releases", 8),
];
/// Bytes that are read at a time, and what they become.
const READ_BYTES: usize = 10_240;
const PACKED_BYTES: usize = 3_277;
const HEAD: [u8; 80] = [b'.'; 80];

/// The whole backup, which takes a while.
pub(crate) fn run(stage: &mut Stage, between_files_ms: u64) {
    let mut script = service(stage, UNIT, "/usr/local/sbin/backup");
    let [mut tar, mut gzip] =
        stage.pipeline(&mut script, ["tar -cf - /etc/nginx /var/www /srv/shop /home", "gzip -9"]);
    let target = stage.open(&mut gzip, TARGET, CREATE);
    for (folder, files) in KEPT {
        stage.list(&mut tar, folder);
        for number in 1..=files {
            stage.wait_ms(between_files_ms);
            keep(stage, &mut tar, (&gzip, target), &format!("{folder}/{number:02}.dat"));
        }
    }
    stage.end(&script, &tar, End::Code(0));
    stage.close(&mut gzip, target);
    stage.end(&script, &gzip, End::Code(0));
    sum(stage, &script);
    service_ends(stage, &script);
}

fn keep(stage: &mut Stage, tar: &mut Process, (gzip, target): (&Process, i64), path: &str) {
    stage.look_at(tar, path);
    let fd = stage.open(tar, path, &["O_RDONLY", "O_CLOEXEC", "O_NONBLOCK"]);
    stage.read_of(tar, fd, &HEAD, READ_BYTES);
    stage.write_of(tar, 1, &HEAD, READ_BYTES);
    stage.close(tar, fd);
    stage.read_of(gzip, 0, &HEAD, READ_BYTES);
    stage.write_of(gzip, target, &HEAD, PACKED_BYTES);
}

/// The sum that is kept beside the archive.
fn sum(stage: &mut Stage, script: &Process) {
    stage.run(script, &format!("sha256sum {TARGET}"), |stage, sum| {
        let fd = stage.open(sum, TARGET, &["O_RDONLY"]);
        stage.read_of(sum, fd, &HEAD, 32_768);
        stage.read(sum, fd, "");
        stage.close(sum, fd);
    });
}
