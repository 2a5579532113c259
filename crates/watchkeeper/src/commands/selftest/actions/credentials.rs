//! Passwords, keys and tokens: read and searched for, none of them real.

use std::fs;

use super::{Action, Hindrance, Place};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "password-hashes",
        technique: "T1003.008",
        what: "/etc/shadow is read, in an /etc of its own with a made-up one",
        rules: &["Password file read"],
        place: Place::Covered(&["/etc"]),
        run: |world| {
            world.write("/etc/shadow", "nobody:*:1::::::\n")?;
            fs::read("/etc/shadow").map(drop).map_err(Hindrance::of("reading a file"))
        },
    },
    Action {
        name: "private-key",
        technique: "T1552.004",
        what: "a file named like a private key of SSH is read, in a folder that is nobody's home",
        rules: &["Private key read"],
        place: Place::Anywhere,
        run: |world| {
            let path = world.path(".ssh/id_ed25519");
            world.write(&path, "no key\n")?;
            fs::read(path).map(drop).map_err(Hindrance::of("reading a file"))
        },
    },
    Action {
        name: "key-search",
        technique: "T1552.001",
        what: "grep looks for private keys, in a folder without any",
        rules: &["Search for keys or passwords"],
        place: Place::Anywhere,
        run: |world| {
            let mut grep = world.tool("grep")?;
            world.run(grep.args(["-r", "BEGIN OPENSSH PRIVATE KEY"]).arg(world.path("")))
        },
    },
    Action {
        name: "cloud-credentials",
        technique: "T1552.001",
        what: "cat reads .aws/credentials, in a folder that is nobody's home",
        rules: &["Credentials of a service read"],
        place: Place::Anywhere,
        run: |world| {
            let path = world.path(".aws/credentials");
            world.write(&path, "no credentials\n")?;
            world.run(world.tool("cat")?.arg(path))
        },
    },
];
