//! Covering tracks, and taking defences away.

use std::{fs, os::unix::fs::symlink};

use super::{Action, Hindrance, Place};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "log-emptied",
        technique: "T1070.002",
        what: "/var/log/auth.log is emptied, in an empty /var/log of its own",
        rules: &["System log emptied or overwritten"],
        place: Place::Covered(&["/var/log"]),
        run: |world| world.write("/var/log/auth.log", ""),
    },
    Action {
        name: "history-cleared",
        technique: "T1070.003",
        what: "a .bash_history that was just made is removed",
        rules: &["Shell history cleared"],
        place: Place::Anywhere,
        run: |world| {
            let path = world.path(".bash_history");
            world.write(&path, "true\n")?;
            fs::remove_file(path).map_err(Hindrance::of("removing a file"))
        },
    },
    Action {
        name: "time-forged",
        technique: "T1070.006",
        what: "touch gives a new file the time of /etc/passwd",
        rules: &["Time of a file forged"],
        place: Place::Anywhere,
        run: |world| {
            world.run(world.tool("touch")?.args(["-r", "/etc/passwd"]).arg(world.path("text")))
        },
    },
    Action {
        name: "link-to-passwords",
        technique: "T1003.008",
        what: "a link to /etc/shadow is made, which nobody follows",
        rules: &["Link to a sensitive file made"],
        place: Place::Anywhere,
        run: |world| symlink("/etc/shadow", world.path("link")).map_err(Hindrance::of("a link")),
    },
    Action {
        name: "defence-stopped",
        technique: "T1562.001",
        what: "a program named systemctl, which does nothing, is told to stop auditd",
        rules: &["Defence switched off"],
        place: Place::Anywhere,
        run: |world| world.run(world.stand_in("systemctl")?.args(["stop", "auditd"])),
    },
    Action {
        name: "ransom-note",
        technique: "T1486",
        what: "a file is written that is named like a ransom note",
        rules: &["Ransom note written"],
        place: Place::Anywhere,
        run: |world| world.write(world.path("HOW_TO_DECRYPT.txt"), "nothing is encrypted\n"),
    },
];
