//! Container ids in the paths of control groups.
//!
//! Engines name the groups of their containers in a few well-known ways. Patterns as documented by
//! the engines and as the scap tools know them:
//!
//! | engine | path ends in |
//! |---|---|
//! | docker | `/ID`, `/docker-ID.scope` |
//! | podman | `/libpod-ID`, `/libpod-payload-ID`, either with `.scope` or `.scope/container` |
//! | CRI (containerd, CRI-O) | `/crio-ID`, `/cri-containerd-ID.scope`, `/crio-ID.scope`, `:cri-containerd:ID` |
//! | containerd | `/NAMESPACE/NAME`, `/nerdctl-ID.scope` |
//! | LXC | `/lxc/NAME`, `/lxc.payload/NAME`, `/lxc.payload.NAME` |
//! | libvirt-lxc | `/NAME.libvirt-lxc`, `/machine-lxc\x2dNAME.scope`, `/libvirt/lxc/NAME` |
//! | systemd-nspawn | `/machine-NAME.scope`, `/systemd-nspawn@NAME.service` |
//! | bpm | `bpm-NAME`, `bpm-NAME.scope` |
//!
//! where `ID` is 64 hexadecimal digits, of which the first 12 are the container's id.
//!
//! A list that has the group itself of the unified hierarchy ([`UNIFIED`]) has it because it is below
//! those of all subsystems, so it is looked at first: of a container in a container it tells the inner.

use std::{hash::BuildHasher, str::FromStr};

use bitflags::bitflags;
use foldhash::fast::FixedState;
use thiserror::Error;

use super::{Engine, SHORT_ID_BYTES};
use crate::{Text, strings};

/// Digits of an id that an engine made.
const ID_BYTES: usize = 64;

/// Name of the unified hierarchy in lists of control groups.
const UNIFIED: &[u8] = b"unified";

bitflags! {
    /// Engines whose control groups are taken for containers.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Engines: u16 {
        /// Podman, as root or not.
        const PODMAN = 1 << 0;
        /// Docker.
        const DOCKER = 1 << 1;
        /// Kubernetes' runtimes: containerd and CRI-O.
        const CRI = 1 << 2;
        /// containerd without Kubernetes.
        const CONTAINERD = 1 << 3;
        /// LXC.
        const LXC = 1 << 4;
        /// libvirt's LXC driver.
        const LIBVIRT_LXC = 1 << 5;
        /// Cloud Foundry's process manager.
        const BPM = 1 << 6;
        /// systemd-nspawn.
        const NSPAWN = 1 << 7;
    }
}

impl Engines {
    /// The engines by name.
    const NAMES: [(&'static str, Self); 8] = [
        ("podman", Self::PODMAN),
        ("docker", Self::DOCKER),
        ("cri", Self::CRI),
        ("containerd", Self::CONTAINERD),
        ("lxc", Self::LXC),
        ("libvirt-lxc", Self::LIBVIRT_LXC),
        ("bpm", Self::BPM),
        ("nspawn", Self::NSPAWN),
    ];
}

/// A name that no engine has.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "no container engine is called '{0}': write podman, docker, cri, containerd, lxc, \
     libvirt-lxc, bpm or nspawn, with commas between, or none"
)]
pub struct UnknownEngine(String);

/// Names with commas between; `none` for none.
impl FromStr for Engines {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, UnknownEngine> {
        if text == "none" {
            return Ok(Self::empty());
        }
        text.split(',').map(str::trim).try_fold(Self::empty(), |engines, name| {
            let known = Self::NAMES.iter().find(|(known, _)| *known == name);
            known.map(|(_, engine)| engines | *engine).ok_or_else(|| UnknownEngine(name.to_owned()))
        })
    }
}

impl Default for Engines {
    fn default() -> Self {
        Self::all()
    }
}

/// What the control groups of a thread tell of its container to whoever asks engines about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'c> {
    /// As much of its id as there is: mostly all of it, of which events have the beginning.
    pub id: &'c [u8],
    /// Engines that name control groups so.
    pub engines: Engines,
}

/// The container of a thread with these control groups (`subsystem=path`, each ended by a NUL byte);
/// none for the host. Only these engines are thought of.
pub fn named_container(cgroups: &[u8], engines: Engines) -> Option<Named<'_>> {
    paths(cgroups).find_map(|path| {
        let mut named: Option<Named<'_>> = None;
        for (pattern, id) in fitting(path, engines) {
            let named = named.get_or_insert(Named { id, engines: Engines::empty() });
            // A further pattern may take the path for something else.
            if named.id == id {
                named.engines |= pattern.engines;
            }
        }
        named
    })
}

/// The container of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Its id; empty for the host.
    pub(super) id: Text,
    /// Its engine, where no event is going to tell more than the control group does.
    pub(super) tells_all: Option<Engine>,
}

/// The last few lists of control groups and what was found in them: the threads of a host share
/// few.
#[derive(Debug)]
pub(super) struct Cache {
    slots: [Option<(Text, Found)>; Self::SLOTS],
}

impl Default for Cache {
    fn default() -> Self {
        Self { slots: [const { None }; Self::SLOTS] }
    }
}

/// A copy begins empty: it finds the same.
impl Clone for Cache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Cache {
    const SLOTS: usize = 64;

    /// The container of a thread with these control groups.
    pub(super) fn find(&mut self, cgroups: &Text, engines: Engines) -> &Found {
        let hash = FixedState::default().hash_one(&**cgroups) as usize;
        let slot = &mut self.slots[hash % Self::SLOTS];
        let known = slot.as_ref().is_some_and(|(list, _)| list == cgroups);
        if !known {
            *slot = None;
        }
        &slot.get_or_insert_with(|| (cgroups.clone(), find(cgroups, engines))).1
    }
}

fn find(cgroups: &[u8], engines: Engines) -> Found {
    paths(cgroups).find_map(|path| in_path(path, engines)).unwrap_or_default()
}

/// Paths in the order in which they are looked at.
fn paths(cgroups: &[u8]) -> impl Iterator<Item = &[u8]> {
    let groups = || strings(cgroups).filter_map(split_group);
    let own = groups().filter(|(name, _)| *name == UNIFIED);
    let of_subsystems = groups().filter(|(name, _)| *name != UNIFIED);
    own.chain(of_subsystems).map(|(_, path)| path)
}

fn split_group(group: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = group.splitn(2, |&b| b == b'=');
    Some((parts.next()?, parts.next()?))
}

fn in_path(path: &[u8], engines: Engines) -> Option<Found> {
    let (pattern, id) = fitting(path, engines).next()?;
    // Names that a person chose are whole where nothing else is known of the container.
    let shown = if pattern.tells_all.is_some() { id.len() } else { SHORT_ID_BYTES };
    let id = id.get(..shown).unwrap_or(id);
    Some(Found { id: id.into(), tells_all: pattern.tells_all })
}

/// Patterns that a path fits, and the id that each finds in it.
fn fitting(path: &[u8], engines: Engines) -> impl Iterator<Item = (&'static Pattern, &[u8])> {
    let thought_of = PATTERNS.iter().filter(move |pattern| engines.contains(pattern.engines));
    thought_of.filter_map(move |pattern| {
        (pattern.id)(path).filter(|id| !id.is_empty()).map(|id| (pattern, id))
    })
}

struct Pattern {
    engines: Engines,
    id: fn(&[u8]) -> Option<&[u8]>,
    tells_all: Option<Engine>,
}

/// In the order in which they are tried: libvirt's old paths look like LXC's.
static PATTERNS: &[Pattern] = &[
    Pattern { engines: Engines::PODMAN, id: podman, tells_all: None },
    Pattern { engines: Engines::DOCKER, id: docker, tells_all: None },
    Pattern { engines: Engines::CRI, id: cri, tells_all: None },
    Pattern { engines: Engines::LIBVIRT_LXC, id: libvirt_lxc, tells_all: Some(Engine::LibvirtLxc) },
    Pattern { engines: Engines::LXC, id: lxc, tells_all: Some(Engine::Lxc) },
    Pattern { engines: Engines::BPM, id: bpm, tells_all: Some(Engine::Bpm) },
    Pattern { engines: Engines::NSPAWN, id: nspawn, tells_all: Some(Engine::Custom) },
    Pattern { engines: Engines::CONTAINERD, id: containerd, tells_all: None },
];

fn podman(path: &[u8]) -> Option<&[u8]> {
    hex_id(path, b"/libpod-", &[b".scope/container", b".scope", b""])
        .or_else(|| hex_id(path, b"/libpod-payload-", &[b".scope/container", b".scope", b""]))
}

fn docker(path: &[u8]) -> Option<&[u8]> {
    hex_id(path, b"/", &[b""]).or_else(|| hex_id(path, b"/docker-", &[b".scope"]))
}

fn cri(path: &[u8]) -> Option<&[u8]> {
    hex_id(path, b"/", &[b""])
        .or_else(|| hex_id(path, b"/crio-", &[b"", b".scope"]))
        .or_else(|| hex_id(path, b"/cri-containerd-", &[b".scope"]))
        .or_else(|| hex_id(path, b":cri-containerd:", &[b""]))
        .or_else(|| hex_id(path, b"/docker-", &[b".scope"]))
}

/// An id that stands at the end of the path, between the last `prefix` and a
/// suffix.
fn hex_id<'p>(path: &'p [u8], prefix: &[u8], suffixes: &[&[u8]]) -> Option<&'p [u8]> {
    let start = rfind(path, prefix)? + prefix.len();
    let rest = &path[start..];
    let id = suffixes
        .iter()
        .find_map(|suffix| rest.strip_suffix(*suffix).filter(|id| id.len() == ID_BYTES))?;
    id.iter().all(u8::is_ascii_hexdigit).then_some(id)
}

fn lxc(path: &[u8]) -> Option<&[u8]> {
    [b"/lxc/".as_slice(), b"/lxc.payload/", b"/lxc.payload."].into_iter().find_map(|prefix| {
        let rest = &path[find_bytes(path, prefix)? + prefix.len()..];
        rest.split(|&b| b == b'/').next()
    })
}

fn libvirt_lxc(path: &[u8]) -> Option<&[u8]> {
    if let Some(name) = path.strip_suffix(b".libvirt-lxc") {
        return name.iter().rposition(|&b| b == b'/').map(|slash| &name[slash + 1..]);
    }
    const MACHINE: &[u8] = b"-lxc\\x2d";
    if let Some(at) = find_bytes(path, MACHINE) {
        let rest = &path[at + MACHINE.len()..];
        return rest.strip_suffix(b".scope/libvirt").or_else(|| rest.strip_suffix(b".scope"));
    }
    const LEGACY: &[u8] = b"/libvirt/lxc/";
    Some(&path[find_bytes(path, LEGACY)? + LEGACY.len()..])
}

fn bpm(path: &[u8]) -> Option<&[u8]> {
    const PREFIX: &[u8] = b"bpm-";
    let rest = &path[find_bytes(path, PREFIX)? + PREFIX.len()..];
    let name = find_bytes(rest, b".scope").map_or(rest, |end| &rest[..end]);
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    name.iter().all(allowed).then_some(name)
}

fn nspawn(path: &[u8]) -> Option<&[u8]> {
    let unit = path
        .split(|&b| b == b'/')
        .find(|part| part.starts_with(b"machine-") || part.starts_with(b"systemd-nspawn@"))?;
    let machine = unit.strip_prefix(b"machine-").and_then(|rest| rest.strip_suffix(b".scope"));
    let service =
        unit.strip_prefix(b"systemd-nspawn@").and_then(|rest| rest.strip_suffix(b".service"));
    // Virtual machines are no containers.
    machine.filter(|name| !name.starts_with(b"qemu")).or(service)
}

fn containerd(path: &[u8]) -> Option<&[u8]> {
    hex_id(path, b"/nerdctl-", &[b".scope"]).or_else(|| in_namespace(path))
}

/// Containers that `ctr` and `nerdctl` start are in `/NAMESPACE/NAME`. So are many other things,
/// which have names of their own.
fn in_namespace(path: &[u8]) -> Option<&[u8]> {
    const OTHERS: [&[u8]; 11] = [
        b"docker",
        b"init",
        b"kubepods",
        b"libpod_parent",
        b"libvirt",
        b"lxc",
        b"machine",
        b"podman",
        b"system",
        b"systemd",
        b"user",
    ];
    let (namespace, name) = split_once(path.strip_prefix(b"/")?)?;
    let is_unit = |name: &[u8]| {
        [b".service".as_slice(), b".slice", b".scope"].iter().any(|end| name.ends_with(end))
    };
    let word = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    let fits = namespace.first().is_some_and(u8::is_ascii_alphanumeric)
        && [namespace, name].iter().all(|part| part.iter().all(word) && !is_unit(part))
        && !OTHERS.contains(&namespace)
        && name.len() <= ID_BYTES;
    fits.then_some(name)
}

fn split_once(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = path.iter().position(|&b| b == b'/')?;
    Some((&path[..slash], &path[slash + 1..]))
}

fn find_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn rfind(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "605439acbd4fb18c145069289094b17f17e0cfa938f78012d4960bc797305f22";

    #[test]
    fn paths_of_every_engine_are_known() {
        let cases = [
            ("/system.slice/libpod-{}", "605439acbd4f", None),
            ("/machine.slice/libpod-{}.scope", "605439acbd4f", None),
            ("/machine.slice/libpod-{}.scope/container", "605439acbd4f", None),
            ("/system.slice/x.service/libpod-payload-{}", "605439acbd4f", None),
            ("/libpod_parent/libpod-{}", "605439acbd4f", None),
            ("/docker/{}", "605439acbd4f", None),
            ("/system.slice/docker-{}.scope", "605439acbd4f", None),
            ("/kubepods/besteffort/podac04f3f2-1f2c/{}", "605439acbd4f", None),
            ("/kubepods/besteffort/podac04f3f2-1f2c/crio-{}", "605439acbd4f", None),
            ("/kubepods.slice/kubepods-pod1.slice/crio-{}.scope", "605439acbd4f", None),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{}.scope", "605439acbd4f", None),
            ("/kubepods-burstable-podbd12.slice:cri-containerd:{}", "605439acbd4f", None),
            ("/default/test_container", "test_contain", None),
            ("/system.slice/nerdctl-{}.scope", "605439acbd4f", None),
            ("/my_very_long_namespace-1.5/web", "web", None),
            ("/lxc/test", "test", Some(Engine::Lxc)),
            ("/lxc.payload/test/x", "test", Some(Engine::Lxc)),
            ("/lxc.payload.test", "test", Some(Engine::Lxc)),
            ("/machine/web.libvirt-lxc", "web", Some(Engine::LibvirtLxc)),
            (
                "/machine.slice/machine-lxc\\x2d22\\x2dweb.scope/libvirt",
                "22\\x2dweb",
                Some(Engine::LibvirtLxc),
            ),
            ("/libvirt/lxc/web", "web", Some(Engine::LibvirtLxc)),
            ("/system.slice/bpm-nats.scope", "nats", Some(Engine::Bpm)),
            ("/machine.slice/machine-deb.scope/payload", "deb", Some(Engine::Custom)),
            ("/machine.slice/systemd-nspawn@deb.service", "deb", Some(Engine::Custom)),
        ];
        for (path, id, tells_all) in cases {
            let list = format!("memory=/\0cpu={}\0", path.replace("{}", ID));
            let want = Found { id: id.as_bytes().into(), tells_all };
            assert_eq!(find(list.as_bytes(), Engines::all()), want, "{path}");
        }
    }

    #[test]
    fn everything_else_is_the_host() {
        let cases = [
            "/",
            "/init",
            "/user.slice/user-1000.slice/session-5.scope",
            "/system.slice/docker.service",
            "/libpod_parent/conmon",
            "/docker/605439acbd4f",
            "/docker/x05439acbd4fb18c145069289094b17f17e0cfa938f78012d4960bc797305f22",
            "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
            "/user/1000.user",
            "/a/b/c",
            "//x",
        ];
        for path in cases {
            let list = format!("cpu={path}\0");
            assert_eq!(find(list.as_bytes(), Engines::all()), Found::default(), "{path}");
        }
        assert_eq!(find(b"no separator\0", Engines::all()), Found::default());
    }

    #[test]
    fn the_group_itself_goes_before_those_of_subsystems() {
        let inner = ID.replace('6', "7");
        let cases = [
            (format!("cpu=/\0unified=/user.slice/libpod-{ID}.scope\0"), &ID[..12]),
            (format!("cpu=/docker/{ID}\0unified=/docker/{ID}/libpod-{inner}\0"), &inner[..12]),
            (format!("cpu=/docker/{ID}\0unified=/docker/{ID}/init.scope\0"), &ID[..12]),
        ];
        for (list, id) in cases {
            assert_eq!(&*find(list.as_bytes(), Engines::all()).id, id.as_bytes(), "{list}");
        }
    }

    #[test]
    fn engines_that_are_left_out_have_no_containers() {
        let list = format!("cpu=/docker/{ID}\0");
        assert_eq!(find(list.as_bytes(), Engines::LXC | Engines::BPM), Found::default());
    }

    #[test]
    fn engines_are_chosen_by_name() {
        let cases = [
            ("docker", Some(Engines::DOCKER)),
            ("lxc, libvirt-lxc,bpm", Some(Engines::LXC | Engines::LIBVIRT_LXC | Engines::BPM)),
            ("none", Some(Engines::empty())),
            ("", None),
            ("docker,rkt", None),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse().ok(), want, "{text}");
        }
    }

    #[test]
    fn the_cache_gives_what_a_fresh_look_gives() {
        let mut cache = Cache::default();
        for round in 0..3 {
            for n in 0..200 {
                let list: Text = format!("cpu=/lxc/c{n}\0").into_bytes().into();
                let found = cache.find(&list, Engines::all());
                assert_eq!(*found, find(&list, Engines::all()), "{round} {n}");
            }
        }
    }

    #[test]
    fn whoever_asks_an_engine_has_the_whole_id_and_knows_whom_to_ask() {
        let docker = Engines::DOCKER | Engines::CRI;
        let cases = [
            ("/system.slice/docker-{}.scope", ID, docker),
            ("/docker/{}", ID, docker),
            ("/k8s.io/{}", ID, docker | Engines::CONTAINERD),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{}.scope", ID, Engines::CRI),
            ("/machine.slice/libpod-{}.scope/container", ID, Engines::PODMAN),
            ("/system.slice/nerdctl-{}.scope", ID, Engines::CONTAINERD),
            ("/default/test_container", "test_container", Engines::CONTAINERD),
            ("/lxc/test", "test", Engines::LXC),
        ];
        for (path, id, engines) in cases {
            let list = format!("memory=/\0cpu={}\0", path.replace("{}", ID));
            let want = Some(Named { id: id.as_bytes(), engines });
            assert_eq!(named_container(list.as_bytes(), Engines::all()), want, "{path}");
        }
        assert_eq!(named_container(b"cpu=/init\0", Engines::all()), None);
        let podman = format!("cpu=/docker/{ID}\0");
        assert_eq!(named_container(podman.as_bytes(), Engines::PODMAN), None);
    }
}
