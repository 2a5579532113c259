//! Who may know a container, best first: Kubernetes' runtime knows the pod of a container that Docker
//! knows as well, and containerd knows the containers of both, but less of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    Api, Apis, Hint, Settings, SourceFigures,
    place::Place,
    source::Source,
    users::{self, RUN_FOLDER},
};

/// Users whose engines are remembered.
const MOST_USERS: usize = 256;

/// See the module.
#[derive(Debug)]
pub(crate) struct Sources {
    settings: Arc<Settings>,
    machine: Vec<Arc<Source>>,
    by_user: Mutex<BTreeMap<u32, Vec<Arc<Source>>>>,
}

impl Sources {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        let root = &settings.host_root;
        let source = |api, path: &PathBuf| {
            let place = Place { host_root: root.clone(), within: None, path: path.clone() };
            Arc::new(Source::new(api, None, place, Arc::new(settings.limits.clone())))
        };
        let mut machine: Vec<_> =
            settings.sources.iter().map(|given| source(given.api, &given.path)).collect();
        machine.sort_by_key(|source| source.api);
        Self { settings, machine, by_user: Mutex::default() }
    }

    /// Those that may know a container, best first.
    pub(crate) fn of(&self, hint: Hint) -> Vec<Arc<Source>> {
        let of_user = hint.user.filter(|&user| user != 0).map(|user| self.of_user(user));
        let all = self.machine.iter().cloned().chain(of_user.into_iter().flatten());
        all.filter(|source| hint.apis.contains(Apis::from(source.api))).collect()
    }

    /// All, with those of every user that is present, best first.
    pub(crate) fn all(&self) -> Vec<Arc<Source>> {
        let users = users::present(&self.settings.host_root);
        let of_users = users.into_iter().flat_map(|user| self.of_user(user));
        self.machine.iter().cloned().chain(of_users).collect()
    }

    pub(crate) fn figures(&self) -> Vec<SourceFigures> {
        let by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.machine.iter().chain(by_user.values().flatten());
        all.map(|source| source.figures()).collect()
    }

    fn of_user(&self, user: u32) -> Vec<Arc<Source>> {
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_user.get(&user) {
            return known.clone();
        }
        let made = self.make(user);
        if by_user.len() < MOST_USERS {
            by_user.insert(user, made.clone());
        }
        made
    }

    fn make(&self, user: u32) -> Vec<Arc<Source>> {
        let root = &self.settings.host_root;
        let home = users::home(root, user);
        let limits = Arc::new(self.settings.limits.clone());
        let source = |(api, within, path): (Api, PathBuf, &Path)| {
            let place =
                Place { host_root: root.clone(), within: Some(within), path: path.to_owned() };
            Arc::new(Source::new(api, Some(user), place, Arc::clone(&limits)))
        };
        let mut given: Vec<_> = self.settings.user_sources.iter().collect();
        given.sort_by_key(|given| given.api);
        let placed = given.into_iter().filter_map(|given| {
            let within = match given.api {
                Api::Storage => home.clone()?,
                _ => Path::new(RUN_FOLDER).join(user.to_string()),
            };
            Some((given.api, within, given.path.as_path()))
        });
        placed.map(source).collect()
    }
}
