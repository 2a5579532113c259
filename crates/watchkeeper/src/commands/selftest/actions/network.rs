//! Who speaks with whom; nobody does.

use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use super::{Action, Hindrance, Place};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "raw-packets",
        technique: "T1040",
        what: "a program named python3 opens a socket for whole packets, on a network of its own",
        rules: &["Raw packets by a script", "Raw packets in a container"],
        place: Place::Covered(&[]),
        run: |world| world.run(&mut world.ourselves_as("python3", "packets")?),
    },
    Action {
        name: "sniffer",
        technique: "T1040",
        what: "a program named tcpdump, which does nothing, is told to record packets",
        rules: &["Traffic recorded"],
        place: Place::Anywhere,
        run: |world| world.run(world.stand_in("tcpdump")?.args(["-i", "any", "-w", "/dev/null"])),
    },
    Action {
        name: "cloud-metadata",
        technique: "T1552.005",
        what: "a program named curl, which does nothing, is given the address of cloud metadata",
        rules: &["Cloud metadata asked for"],
        place: Place::Anywhere,
        run: |world| {
            world.run(world.stand_in("curl")?.arg("http://169.254.169.254/latest/meta-data/"))
        },
    },
    Action {
        name: "ssh-tunnel",
        technique: "T1572",
        what: "a program named ssh, which does nothing, is told to forward a port",
        rules: &["Tunnel through SSH"],
        place: Place::Anywhere,
        run: |world| {
            world.run(world.stand_in("ssh")?.args(["-R", "9:127.0.0.1:9", "host.invalid"]))
        },
    },
];

/// Opens a socket for whole packets and does nothing with it.
///
/// # Errors
/// If it is refused.
pub(in super::super) fn send_nothing() -> Result<(), Hindrance> {
    // No protocol: it gets no packet.
    socket_with(AddressFamily::PACKET, SocketType::RAW, SocketFlags::CLOEXEC, None)
        .map(drop)
        .map_err(|error| Hindrance::of("a socket for whole packets")(error.into()))
}
