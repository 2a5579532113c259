//! Containers: which one a thread is in ([`cgroup`]), and what the recording tells of each
//! ([`json`]).

mod cgroup;
mod json;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
    sync::Arc,
};

use event::{
    Event,
    syscalls::{ASYNCEVENT_E, CONTAINER_E, CONTAINER_JSON_2_E, CONTAINER_JSON_E},
};

pub use cgroup::{Engines, Named, UnknownEngine, named_container};

use crate::{State, Text};

/// Name of the host where a container is asked for.
const HOST: &[u8] = b"host";

/// Most bytes that the descriptions of all containers may take together, as told and as read.
const MOST_BYTES: usize = 64 << 20;

/// Bytes of an id that are shown.
pub const SHORT_ID_BYTES: usize = 12;

/// What runs a container, in the numbering of container events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Engine {
    Docker,
    Lxc,
    LibvirtLxc,
    Mesos,
    Rkt,
    Custom,
    Cri,
    Containerd,
    CriO,
    Bpm,
    Static,
    Podman,
    Host,
    #[default]
    Unknown,
}

impl Engine {
    const NUMBERED: [Self; 12] = [
        Self::Docker,
        Self::Lxc,
        Self::LibvirtLxc,
        Self::Mesos,
        Self::Rkt,
        Self::Custom,
        Self::Cri,
        Self::Containerd,
        Self::CriO,
        Self::Bpm,
        Self::Static,
        Self::Podman,
    ];

    /// Its number; `None` for those that no event tells of.
    fn number(self) -> Option<usize> {
        Self::NUMBERED.iter().position(|&known| known == self)
    }

    fn of_number(number: u64) -> Self {
        let known = usize::try_from(number).ok().and_then(|n| Self::NUMBERED.get(n));
        known.copied().unwrap_or_default()
    }

    /// The name as `container.type` has it; empty for those that have none.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Lxc => "lxc",
            Self::LibvirtLxc => "libvirt-lxc",
            Self::Mesos => "mesos",
            Self::Rkt => "rkt",
            Self::Cri => "cri",
            Self::Containerd => "containerd",
            Self::CriO => "cri-o",
            Self::Bpm => "bpm",
            Self::Podman => "podman",
            Self::Host => "host",
            Self::Custom | Self::Static | Self::Unknown => "",
        }
    }
}

/// What is known of a container. Texts are empty where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Container {
    /// The id's first 12 characters.
    pub id: Text,
    pub full_id: Text,
    pub engine: Engine,
    pub name: Text,
    /// The image as it was asked for.
    pub image: Text,
    pub image_id: Text,
    pub image_repository: Text,
    pub image_tag: Text,
    pub image_digest: Text,
    pub ip: Text,
    /// User that the image runs as.
    pub user: Text,
    pub privileged: bool,
    pub host_pid: bool,
    pub host_network: bool,
    pub host_ipc: bool,
    pub mounts: Vec<Mount>,
    pub labels: BTreeMap<Text, Text>,
    pub pod_sandbox_id: Text,
    pub pod_sandbox_labels: BTreeMap<Text, Text>,
    /// What the network plugins said when they set the pod up.
    pub cni_json: Text,
}

impl Container {
    /// About how many bytes it takes; what an entry of a map or list costs is estimated.
    fn bytes(&self) -> usize {
        const ENTRY: usize = 160;
        let texts = [
            &self.id,
            &self.full_id,
            &self.name,
            &self.image,
            &self.image_id,
            &self.image_repository,
            &self.image_tag,
            &self.image_digest,
            &self.ip,
            &self.user,
            &self.pod_sandbox_id,
            &self.cni_json,
        ];
        let labels = self.labels.iter().chain(&self.pod_sandbox_labels);
        size_of::<Self>()
            + texts.iter().map(|text| text.len()).sum::<usize>()
            + labels.map(|(key, value)| ENTRY + key.len() + value.len()).sum::<usize>()
            + self.mounts.iter().map(|mount| ENTRY + mount.bytes()).sum::<usize>()
    }
}

/// One mount of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Mount {
    pub source: Text,
    pub destination: Text,
    pub mode: Text,
    pub writable: bool,
    pub propagation: Text,
}

impl Mount {
    fn bytes(&self) -> usize {
        self.source.len() + self.destination.len() + self.mode.len() + self.propagation.len()
    }
}

#[derive(Clone, Debug)]
struct Known {
    /// Place in the order.
    position: u64,
    container: Arc<Container>,
    /// The JSON that told of it; empty if something else did.
    json: Text,
    /// What both take.
    bytes: usize,
}

/// Every container that was told of, up to a limit.
#[derive(Clone, Debug)]
pub(crate) struct Containers {
    engines: Engines,
    most: usize,
    by_id: HashMap<Text, Known>,
    /// What they take together, see [`Known::bytes`].
    bytes: usize,
    /// Ids in the order in which they were first told of, which is counted.
    order: BTreeMap<u64, Text>,
    count: u64,
    host: Container,
    /// What the latest event tells of.
    told: Option<Arc<Container>>,
    evicted: u64,
    cache: cgroup::Cache,
}

impl Default for Containers {
    fn default() -> Self {
        Self::new(crate::Limits::default().containers)
    }
}

impl Containers {
    pub(crate) fn new(most: usize) -> Self {
        let host = Container {
            id: HOST.into(),
            full_id: HOST.into(),
            name: HOST.into(),
            engine: Engine::Host,
            ..Container::default()
        };
        Self {
            engines: Engines::default(),
            most,
            by_id: HashMap::new(),
            bytes: 0,
            order: BTreeMap::new(),
            count: 0,
            host,
            told: None,
            evicted: 0,
            cache: cgroup::Cache::default(),
        }
    }

    pub(crate) fn set_engines(&mut self, engines: Engines) {
        self.engines = engines;
        self.cache = cgroup::Cache::default();
    }

    /// Takes in an event; what does not tell of containers is passed over.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        self.told = None;
        match event.kind {
            CONTAINER_E => self.add(of_fields(event), b""),
            CONTAINER_JSON_E | CONTAINER_JSON_2_E => {
                if let Some(json) = event.text(0)
                    && let Some(container) = json::container(json)
                {
                    self.add(container, json);
                }
            }
            ASYNCEVENT_E => self.async_event(event),
            _ => {}
        }
    }

    fn async_event(&mut self, event: &Event<'_>) {
        let Some(name) = event.text(1) else { return };
        if name != b"container" && name != b"container_removed" {
            return;
        }
        let data = event.bytes(2).unwrap_or_default();
        let text = data.split(|&b| b == 0).next().unwrap_or_default();
        let Some(container) = json::container(text) else { return };
        if name == b"container" {
            self.add(container, text);
        } else {
            self.remove(container);
        }
    }

    fn add(&mut self, container: Container, json: &[u8]) {
        let id = container.id.clone();
        let bytes = container.bytes() + json.len();
        let container = Arc::new(container);
        self.told = Some(container.clone());
        if id.is_empty() {
            return;
        }
        let before = self.by_id.get(&id);
        self.bytes -= before.map_or(0, |known| known.bytes);
        let position = before.map_or(self.count + 1, |known| known.position);
        if before.is_none() {
            self.count = position;
            self.order.insert(position, id.clone());
        }
        self.bytes += bytes;
        self.by_id.insert(id, Known { position, container, json: json.into(), bytes });
        self.evict();
    }

    fn remove(&mut self, container: Container) {
        if let Some(known) = self.by_id.remove(&container.id) {
            self.bytes -= known.bytes;
            self.order.remove(&known.position);
        }
        self.told = Some(Arc::new(container));
    }

    fn evict(&mut self) {
        while self.by_id.len() > self.most || self.bytes > MOST_BYTES {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.bytes -= self.by_id.remove(&oldest).map_or(0, |known| known.bytes);
            self.evicted = self.evicted.saturating_add(1);
        }
    }

    /// Id of the container that a thread with these control groups is in; empty for the host. Some
    /// engines leave all that there is to know of a container in the id: those are added.
    pub(crate) fn of_cgroups(&mut self, cgroups: &Text) -> Text {
        let found = self.cache.find(cgroups, self.engines);
        let id = found.id.clone();
        if let Some(engine) = found.tells_all
            && !self.by_id.contains_key(&id)
        {
            let told = self.told.take();
            self.add(Container { id: id.clone(), engine, ..Container::default() }, b"");
            self.told = told;
        }
        id
    }

    pub(crate) fn get(&self, id: &[u8]) -> Option<&Container> {
        if id.is_empty() {
            Some(&self.host)
        } else {
            self.by_id.get(id).map(|known| &*known.container)
        }
    }

    /// Whether any container has this address.
    pub(crate) fn any_has_ip(&self, address: Ipv4Addr) -> bool {
        self.by_id.values().any(|known| known.container.has_ip(address))
    }

    /// Whose control groups are taken for containers.
    pub(crate) fn engines(&self) -> Engines {
        self.engines
    }

    /// Every container in the order in which they were told of, and the JSON that told of it.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&Container, Cow<'_, [u8]>)> {
        self.order.values().filter_map(|id| self.by_id.get(id)).map(|known| {
            let json = if known.json.is_empty() {
                Cow::Owned(json::of_container(&known.container))
            } else {
                Cow::Borrowed(&*known.json)
            };
            (&*known.container, json)
        })
    }

    /// About how many bytes they take on this state's account, which shares them with its copies.
    pub(crate) fn approx_bytes(&self) -> usize {
        const ENTRY: usize = 256;
        let share = |known: &Known| ENTRY + known.bytes / Arc::strong_count(&known.container);
        self.by_id.values().map(share).sum()
    }

    /// How many containers were forgotten because there were too many.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(crate) fn set_evicted(&mut self, evicted: u64) {
        self.evicted = evicted;
    }
}

impl Container {
    /// Whether this is the container's IPv4 address.
    pub(crate) fn has_ip(&self, address: Ipv4Addr) -> bool {
        std::str::from_utf8(&self.ip).is_ok_and(|ip| ip.parse() == Ok(address))
    }
}

/// The oldest kind of container event has four parameters instead of JSON.
fn of_fields(event: &Event<'_>) -> Container {
    let text = |index| Text::from(event.text(index).unwrap_or_default());
    Container {
        id: text(0),
        engine: event.int(1).map_or(Engine::Unknown, |n| Engine::of_number(n as u64)),
        name: text(2),
        image: text(3),
        ..Container::default()
    }
}

impl State {
    /// The container with this (short) id, if anything is known of it; the host if it is empty.
    pub fn container(&self, id: &[u8]) -> Option<&Container> {
        self.containers.get(id)
    }

    /// The container that the latest event tells of, if it is such an event.
    pub fn told_container(&self) -> Option<&Container> {
        self.containers.told.as_deref()
    }

    /// Chooses whose control groups are taken for containers; all, unless this is called. Call it
    /// before the first record.
    pub fn set_engines(&mut self, engines: Engines) {
        self.containers.set_engines(engines);
    }
}

#[cfg(test)]
mod tests {
    use event::EventBuilder;

    use super::*;

    fn tell(containers: &mut Containers, name: &str, json: &str) {
        let mut builder = EventBuilder::default();
        builder.start(ASYNCEVENT_E, 1, -1, 0).u32(0).text(name).text(json);
        containers.event(&builder.event().unwrap());
    }

    #[test]
    fn events_add_and_remove_containers() {
        let mut containers = Containers::new(10);
        tell(&mut containers, "container", r#"{"container":{"id":"abc","name":"web","type":11}}"#);
        let web = containers.get(b"abc").unwrap();
        assert_eq!((&*web.name, web.engine), (b"web".as_slice(), Engine::Podman));
        assert_eq!(containers.told.as_deref(), Some(web));

        tell(&mut containers, "container_removed", r#"{"container":{"id":"abc","name":"web"}}"#);
        assert_eq!(containers.get(b"abc"), None);
        assert_eq!(&*containers.told.as_ref().unwrap().name, b"web");

        tell(&mut containers, "other", r#"{"container":{"id":"abc"}}"#);
        assert_eq!((containers.get(b"abc"), &containers.told), (None, &None));
    }

    #[test]
    fn the_oldest_events_have_parameters_instead_of_json() {
        let mut containers = Containers::new(10);
        let mut builder = EventBuilder::default();
        builder.start(CONTAINER_E, 1, -1, 0).text("abc").u32(1).text("web").text("nginx");
        containers.event(&builder.event().unwrap());
        let web = containers.get(b"abc").unwrap();
        assert_eq!((&*web.image, web.engine.name()), (b"nginx".as_slice(), "lxc"));
    }

    #[test]
    fn there_is_always_a_host() {
        assert_eq!(Containers::default().get(b"").unwrap().engine.name(), "host");
    }

    #[test]
    fn the_oldest_containers_make_room_for_new_ones() {
        let mut containers = Containers::new(2);
        for id in ["a", "b", "a", "c"] {
            tell(&mut containers, "container", &format!(r#"{{"container":{{"id":"{id}"}}}}"#));
        }
        let known = ["a", "b", "c"].map(|id| containers.get(id.as_bytes()).is_some());
        assert_eq!((known, containers.evicted()), ([false, true, true], 1));
        assert_eq!(containers.order.len(), 2);
    }

    #[test]
    fn containers_that_take_much_room_leave_room_for_few() {
        let mut containers = Containers::new(usize::MAX);
        let name = "n".repeat(200 << 10);
        for id in 0..400 {
            let json = format!(r#"{{"container":{{"id":"{id}","name":"{name}"}}}}"#);
            tell(&mut containers, "container", &json);
            tell(&mut containers, "container", &json);
        }
        let bytes = |known: &Known| known.container.bytes() + known.json.len();
        let kept: usize = containers.by_id.values().map(bytes).sum();
        assert_eq!(containers.bytes, kept);
        assert!(kept <= MOST_BYTES && containers.evicted() > 0);
        assert!(containers.get(b"399").is_some() && containers.get(b"0").is_none());
    }

    #[test]
    fn control_groups_that_tell_all_there_is_add_their_container() {
        let mut containers = Containers::new(2);
        let id = containers.of_cgroups(&b"cpu=/lxc/web\0".as_slice().into());
        assert_eq!(&*id, b"web");
        assert_eq!(containers.get(b"web").unwrap().engine, Engine::Lxc);
        assert!(containers.of_cgroups(&b"cpu=/\0".as_slice().into()).is_empty());
    }
}
