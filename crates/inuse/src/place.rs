//! One place that is watched: a host, or an image whose containers run there.

use std::{collections::BTreeMap, sync::Arc};

use foldhash::HashMap;

use crate::{Kind, Port, Seen, Span, Spans};

/// Most containers of an image that are named.
const MOST_CONTAINERS: usize = 64;

/// Names a place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// Name of the host.
    pub host: Arc<[u8]>,
    /// What of it.
    pub what: What,
}

/// What of a host a place is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum What {
    /// The host itself, without its containers.
    Host,
    /// All containers of an image; its id, else its digest, else its name.
    Image(Arc<[u8]>),
    /// A container of which nobody told the image.
    Container(Arc<[u8]>),
}

/// What is known of an image. Texts are empty where nothing is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Image {
    /// As it was asked for.
    pub name: Arc<[u8]>,
    /// What names its configuration, or, of some engines, its manifest.
    pub id: Arc<[u8]>,
    /// What names its manifest.
    pub digest: Arc<[u8]>,
}

impl Image {
    /// What tells it from others; `None` where nothing is known of it.
    pub(crate) fn identity(&self) -> Option<Arc<[u8]>> {
        [&self.id, &self.digest, &self.name].into_iter().find(|it| !it.is_empty()).cloned()
    }

    pub(crate) fn join(&mut self, other: &Self) {
        for (mine, other) in [
            (&mut self.name, &other.name),
            (&mut self.id, &other.id),
            (&mut self.digest, &other.digest),
        ] {
            // Of two names the smaller one is kept, so that order does not matter.
            if mine.is_empty() || (!other.is_empty() && other < mine) {
                mine.clone_from(other);
            }
        }
    }
}

/// A container that was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerSeen {
    /// Its name; empty where that is not known.
    pub name: Arc<[u8]>,
    /// When it was seen.
    pub span: Span,
}

/// Uses that there was no room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// How many.
    pub uses: u64,
    /// When.
    pub span: Span,
}

/// One place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The image, where it is one of containers.
    pub image: Image,
    /// Its containers by their ids.
    pub containers: BTreeMap<Arc<[u8]>, ContainerSeen>,
    /// When all that it did was recorded.
    pub watched: Spans,
    /// When some of what it did was recorded, as traces of commands do.
    pub watched_in_part: Spans,
    /// When events were lost; of hosts alone.
    pub lost: Spans,
    /// What there was no room for.
    pub left_out: Option<LeftOut>,
    pub(crate) files: HashMap<Arc<[u8]>, Seen>,
}

impl Place {
    /// Every path with what is known of it, in no order.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&[u8], &Seen)> {
        self.files.iter().map(|(path, seen)| (&**path, seen))
    }

    /// What is known of a path.
    pub fn file(&self, path: &[u8]) -> Option<&Seen> {
        self.files.get(path)
    }

    /// Bytes of all its paths.
    pub(crate) fn path_bytes(&self) -> usize {
        self.files.keys().map(|path| path.len()).sum()
    }

    pub(crate) fn saw_container(&mut self, id: &Arc<[u8]>, name: &Arc<[u8]>, span: Span) {
        match self.containers.get_mut(id) {
            Some(known) => {
                known.span = known.span.with(span);
                if known.name.is_empty() || (!name.is_empty() && *name < known.name) {
                    known.name.clone_from(name);
                }
            }
            None => {
                self.containers.insert(id.clone(), ContainerSeen { name: name.clone(), span });
                while self.containers.len() > MOST_CONTAINERS {
                    let oldest = self.containers.iter().min_by_key(|(id, it)| (it.span.to_s, *id));
                    let Some(oldest) = oldest.map(|(id, _)| id.clone()) else { return };
                    self.containers.remove(&oldest);
                }
            }
        }
    }

    pub(crate) fn leave_out(&mut self, left_out: LeftOut) {
        let known = self.left_out.get_or_insert(left_out);
        known.uses = known.uses.max(left_out.uses);
        known.span = known.span.with(left_out.span);
    }

    /// Takes in all but the files of what is known elsewhere.
    pub(crate) fn join_facts(&mut self, other: &Self) {
        self.image.join(&other.image);
        for (id, it) in &other.containers {
            self.saw_container(id, &it.name, it.span);
        }
        self.watched.union(&other.watched);
        self.watched_in_part.union(&other.watched_in_part);
        self.lost.union(&other.lost);
        if let Some(left_out) = other.left_out {
            self.leave_out(left_out);
        }
    }

    /// Forgets what ended before a time.
    pub(crate) fn forget_before(&mut self, s: u32) {
        self.files.retain(|_, seen| seen.forget_before(s));
        self.containers.retain(|_, it| it.span.to_s >= s);
        for spans in [&mut self.watched, &mut self.watched_in_part, &mut self.lost] {
            spans.forget_before(s);
        }
        self.left_out = self.left_out.filter(|it| it.span.to_s >= s);
    }

    /// Whether nothing is known of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.watched.is_empty()
            && self.watched_in_part.is_empty()
            && self.lost.is_empty()
    }

    /// A process that has this file listens on this port.
    pub(crate) fn listens(&mut self, path: &[u8], port: Port, s: u32) {
        if let Some(seen) = self.files.get_mut(path) {
            seen.note(Kind::Listening, Span::at(s));
            seen.add_port(port);
        }
    }
}
