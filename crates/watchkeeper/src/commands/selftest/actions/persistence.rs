//! What starts a program again, or lets somebody in again.

use super::{Action, Place};

const ETC: Place = Place::Covered(&["/etc"]);

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "cron-job",
        technique: "T1053.003",
        what: "a job is written to /etc/cron.d, in an empty /etc of its own",
        rules: &["Cron job written"],
        place: ETC,
        run: |world| world.write("/etc/cron.d/selftest", "# nothing\n"),
    },
    Action {
        name: "service-unit",
        technique: "T1543.002",
        what: "a unit is written to /etc/systemd/system, in an empty /etc of its own",
        rules: &["Service or timer unit written"],
        place: ETC,
        run: |world| world.write("/etc/systemd/system/selftest.service", "# nothing\n"),
    },
    Action {
        name: "account",
        technique: "T1136.001",
        what: "a line is added to /etc/passwd, in an empty /etc of its own",
        rules: &["Account file written directly"],
        place: ETC,
        run: |world| world.write("/etc/passwd", "selftest:x:65534:65534::/:/bin/false\n"),
    },
    Action {
        name: "sudo-rights",
        technique: "T1548.003",
        what: "a rule is written to /etc/sudoers.d, in an empty /etc of its own",
        rules: &["Sudo rights written"],
        place: ETC,
        run: |world| world.write("/etc/sudoers.d/selftest", "# nothing\n"),
    },
    Action {
        name: "preload-list",
        technique: "T1574.006",
        what: "an empty /etc/ld.so.preload is written, in an empty /etc of its own",
        rules: &["Preloaded library configured"],
        place: ETC,
        run: |world| world.write("/etc/ld.so.preload", ""),
    },
    Action {
        name: "authorized-key",
        technique: "T1098.004",
        what: "a line is added to authorized_keys, in a folder that is nobody's home",
        rules: &["Key added to authorized_keys"],
        place: Place::Anywhere,
        run: |world| world.write(world.path(".ssh/authorized_keys"), "# no key\n"),
    },
    Action {
        name: "shell-start-file",
        technique: "T1546.004",
        what: "a .bashrc is written, in a folder that is nobody's home",
        rules: &["Shell start file written"],
        place: Place::Anywhere,
        run: |world| world.write(world.path(".bashrc"), "# nothing\n"),
    },
];
