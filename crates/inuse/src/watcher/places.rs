//! Where a thread is: which place of the index.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use state::{Container, State, Text};

use super::processes::Processes;
use crate::{Image, Index, Key, Span, What};

/// Containers that are remembered. Those that were forgotten are looked up again.
const MOST: usize = 16_384;

/// Places of this host.
#[derive(Debug, Default)]
pub(super) struct Places {
    host: Option<(Arc<[u8]>, usize)>,
    containers: HashMap<Text, Where>,
}

/// Where a container is in the index.
#[derive(Clone, Copy, Debug)]
struct Where {
    place: usize,
    /// Whether its image is known.
    is_known: bool,
}

impl Places {
    /// The host's own place.
    pub(super) fn host(&self) -> Option<usize> {
        self.host.as_ref().map(|(_, place)| *place)
    }

    /// A recording of this host begins.
    pub(super) fn begin(&mut self, name: &Text, index: &mut Index) {
        let key = Key { host: name.clone(), what: What::Host };
        self.host = index.place_at(&key).map(|place| (name.clone(), place));
        self.containers.clear();
    }

    /// The place of a container, or of the host if its id is empty. `None` if there is no room for it.
    pub(super) fn of(
        &mut self,
        id: &Text,
        state: &State,
        index: &mut Index,
        processes: &mut Processes,
    ) -> Option<usize> {
        let (host, place) = self.host.as_ref()?;
        if id.is_empty() {
            return Some(*place);
        }
        let known = self.containers.get(id).copied();
        if let Some(known) = known.filter(|it| it.is_known) {
            return Some(known.place);
        }
        let told = state.container(id);
        let what = told.and_then(|it| image(it).identity()).map(What::Image);
        if let (Some(known), None) = (known, &what) {
            return Some(known.place);
        }
        let is_known = what.is_some();
        let of_its_own = Key { host: host.clone(), what: What::Container(id.clone()) };
        let key = what.map_or(of_its_own.clone(), |what| Key { host: host.clone(), what });
        let place = match known {
            Some(before) => {
                let place = index.rename(&of_its_own, &key)?;
                processes.moved(before.place, place);
                place
            }
            None => index.place_at(&key)?,
        };
        self.remember(id, Where { place, is_known });
        if let Some(place) = index.at_mut(place)
            && let Some(told) = told
        {
            place.image.join(&image(told));
        }
        Some(place)
    }

    fn remember(&mut self, id: &Text, place: Where) {
        if self.containers.len() >= MOST {
            self.containers = HashMap::new();
        }
        self.containers.insert(id.clone(), place);
    }

    /// A container lives for this time.
    pub(super) fn lives(
        &self,
        (id, at): (&Text, usize),
        span: Span,
        state: &State,
        index: &mut Index,
    ) {
        let Some(place) = index.at_mut(at).filter(|_| !id.is_empty()) else { return };
        let name = state.container(id).map(|it| it.name.clone()).unwrap_or_default();
        place.saw_container(id, &name, span);
    }
}

fn image(container: &Container) -> Image {
    Image {
        name: container.image.clone(),
        id: container.image_id.clone(),
        digest: container.image_digest.clone(),
    }
}
