//! Changes to the files of the system itself.

use std::fs;

use super::{Action, Hindrance, Place};

const PROGRAMS: Place = Place::Covered(&["/usr/bin"]);

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "planted-program",
        technique: "T1554",
        what: "a file is written below /usr/bin, in an empty /usr/bin of its own",
        rules: &["File written below a binary directory"],
        place: PROGRAMS,
        run: |world| world.write("/usr/bin/selftest", "no program\n"),
    },
    Action {
        name: "renamed-program",
        technique: "T1036.003",
        what: "a file below /usr/bin is renamed, in an empty /usr/bin of its own",
        rules: &["File renamed below a binary directory"],
        place: PROGRAMS,
        run: |world| {
            world.write("/usr/bin/selftest", "no program\n")?;
            fs::rename("/usr/bin/selftest", "/usr/bin/test.self")
                .map_err(Hindrance::of("renaming a file"))
        },
    },
    Action {
        name: "trusted-certificate",
        technique: "T1553.004",
        what: "a file is put among the trusted certificates, in an empty /etc of its own",
        rules: &["Trusted certificate written"],
        place: Place::Covered(&["/etc"]),
        run: |world| world.write("/etc/ssl/certs/selftest.pem", "no certificate\n"),
    },
];
