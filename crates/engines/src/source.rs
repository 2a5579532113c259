//! One place at which an engine can be asked, and how it fares.
//!
//! A question costs the time of [`Limits`] at most. An engine that was late twice is left alone for a
//! while, which doubles each time, and what is asked of it meanwhile fails at once. One that is not
//! there, or refuses, or breaks off costs next to nothing and is asked each time; and what goes wrong
//! with one container (an answer that is too long, or not understood) says nothing about others.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, time::timeout};

use crate::{
    Api, Limits, Reach, SourceFigures,
    containerd::Containerd,
    cri::Cri,
    description::{Description, Engine},
    docker::Docker,
    failure::{Failure, Said},
    place::Place,
    storage::Storage,
};

/// Questions that may be under way at once.
const SLOTS: usize = 4;
/// Lates in a row from which on an engine is left alone.
const LATES: u32 = 2;

/// See the module.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) api: Api,
    pub(crate) user: Option<u32>,
    place: Place,
    limits: Arc<Limits>,
    slots: Arc<Semaphore>,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    reach: Reach,
    /// In a row.
    lates: u32,
    rest: Option<Rest>,
    found: u64,
    not_found: u64,
    failed: u64,
}

/// An engine is left alone.
#[derive(Clone, Copy, Debug)]
struct Rest {
    until: Instant,
    /// Because it is no engine of this kind.
    is_none: bool,
}

/// What a source says of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// There is no such engine.
    Absent,
    NotFound,
    Failed,
    Found(Box<Description>),
}

impl Source {
    pub(crate) fn new(api: Api, user: Option<u32>, place: Place, limits: Arc<Limits>) -> Self {
        let slots = Arc::new(Semaphore::new(SLOTS));
        Self { api, user, place, limits, slots, health: Mutex::default() }
    }

    /// Asks about the container whose id begins so.
    pub(crate) async fn ask(&self, id: &str) -> Reply {
        if let Some(reply) = self.resting() {
            return reply;
        }
        let said = self.said(id).await.and_then(|said| match said {
            Some(other) if !other.id.starts_with(id) => {
                Err(Failure::garbage("it tells of another container"))
            }
            said => Ok(said),
        });
        self.note(said)
    }

    /// Tells of every container that it knows, up to the limit.
    pub(crate) async fn list(&self, mut tell: impl FnMut(Description)) {
        let ids = match self.ids().await {
            Ok(ids) => ids,
            Err(failure) => return drop(self.note(Err(failure))),
        };
        self.lock().reach = Reach::Reached;
        for id in ids.iter().take(self.limits.listed) {
            match self.ask(id).await {
                Reply::Found(description) => tell(*description),
                Reply::NotFound | Reply::Failed => {}
                Reply::Absent => return,
            }
        }
    }

    pub(crate) fn figures(&self) -> SourceFigures {
        let health = self.lock();
        SourceFigures {
            api: self.api,
            path: self.place.shown(),
            user: self.user,
            reach: health.reach.clone(),
            found: health.found,
            not_found: health.not_found,
            failed: health.failed,
        }
    }

    async fn said(&self, id: &str) -> Said<Description> {
        let id = id.to_owned();
        if self.api == Api::Storage {
            return self.files(move |storage| storage.ask(&id)).await;
        }
        self.talk(async |mut talk| match &mut talk {
            Talk::Docker(docker) => docker.ask(&id).await,
            Talk::Cri(cri) => cri.ask(&id).await,
            Talk::Containerd(containerd) => containerd.ask(&id).await,
        })
        .await
    }

    async fn ids(&self) -> Result<Vec<String>, Failure> {
        if self.api == Api::Storage {
            return self.files(Storage::list).await;
        }
        self.talk(async |mut talk| match &mut talk {
            Talk::Docker(docker) => docker.list().await,
            Talk::Cri(cri) => cri.list().await,
            Talk::Containerd(containerd) => containerd.list().await,
        })
        .await
    }

    /// Connects and talks.
    async fn talk<T>(
        &self,
        talk: impl AsyncFnOnce(Talk) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Limits { connect, answer, answer_bytes, .. } = *self.limits;
        let slot = timeout(answer, self.slots.acquire()).await;
        let _slot = slot.map_err(|_| Failure::Busy)?;
        let stream =
            timeout(connect, self.place.connect()).await.map_err(|_| Failure::Late(connect))??;
        let all = async {
            let begun = match self.api {
                Api::Cri => Talk::Cri(Cri::begin(stream, answer_bytes).await?),
                Api::Containerd => Talk::Containerd(Containerd::begin(stream, answer_bytes).await?),
                Api::Podman => {
                    Talk::Docker(Docker::begin(stream, Engine::Podman, answer_bytes).await?)
                }
                Api::Docker | Api::Storage => {
                    Talk::Docker(Docker::begin(stream, Engine::Docker, answer_bytes).await?)
                }
            };
            talk(begun).await
        };
        timeout(answer, all).await.map_err(|_| Failure::Late(answer))?
    }

    /// Reads files, on a thread that may hang: where homes are is not known.
    async fn files<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Storage) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let Limits { answer, answer_bytes, .. } = *self.limits;
        let slot = timeout(answer, Arc::clone(&self.slots).acquire_many_owned(SLOTS as u32)).await;
        let slot = slot.map_err(|_| Failure::Busy)?;
        let place = self.place.clone();
        let work = tokio::task::spawn_blocking(move || {
            // Given back when the thread is done, however late that is.
            let _slot = slot;
            read(&Storage::open(&place, answer_bytes)?)
        });
        let done = timeout(answer, work).await.map_err(|_| Failure::Late(answer))?;
        done.map_err(|_| Failure::Busy)?
    }

    /// What is answered in its place while it is left alone.
    fn resting(&self) -> Option<Reply> {
        let mut health = self.lock();
        let rest = health.rest.filter(|rest| rest.until > Instant::now())?;
        if rest.is_none {
            return Some(Reply::Absent);
        }
        health.failed += 1;
        Some(Reply::Failed)
    }

    fn note(&self, said: Said<Description>) -> Reply {
        let mut health = self.lock();
        match said {
            Ok(said) => {
                *health = Health { reach: Reach::Reached, lates: 0, rest: None, ..*health };
                match said {
                    Some(description) => {
                        health.found += 1;
                        Reply::Found(Box::new(description))
                    }
                    None => {
                        health.not_found += 1;
                        Reply::NotFound
                    }
                }
            }
            Err(Failure::Absent) => {
                health.reach = Reach::Absent;
                Reply::Absent
            }
            Err(failure) => health.fail(&failure, &self.limits),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A conversation that began.
enum Talk {
    Docker(Docker),
    Cri(Cri),
    Containerd(Containerd),
}

impl Health {
    fn fail(&mut self, failure: &Failure, limits: &Limits) -> Reply {
        self.reach = Reach::Fails(failure.to_string());
        let now = Instant::now();
        if matches!(failure, Failure::NoInterface) {
            // It will hardly get one soon.
            self.rest = Some(Rest { until: now + limits.rest_most, is_none: true });
            return Reply::Absent;
        }
        self.failed += 1;
        if matches!(failure, Failure::Late(_)) {
            self.lates += 1;
            let rest = rest(self.lates, limits);
            self.rest = rest.map(|rest| Rest { until: now + rest, is_none: false });
        }
        Reply::Failed
    }
}

/// How long an engine that was late so often is left alone.
fn rest(lates: u32, limits: &Limits) -> Option<Duration> {
    let doublings = lates.checked_sub(LATES)?.min(16);
    Some(limits.rest.saturating_mul(1 << doublings).min(limits.rest_most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_the_limit() {
        let limits = Limits::default();
        let seconds: Vec<_> =
            (1..10).map(|lates| rest(lates, &limits).map(|rest| rest.as_secs())).collect();
        let want = [0, 1, 2, 4, 8, 16, 32, 60, 60].map(|s| (s > 0).then_some(s));
        assert_eq!(seconds, want);
        assert_eq!(rest(u32::MAX, &limits), Some(limits.rest_most));
    }
}
