//! Feeds that are fetched from a server that does what servers do.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod faults;
mod feeds;

use std::{cell::RefCell, path::Path, rc::Rc, time::Duration};

use advisories::{
    db::{Database, Part},
    update::{Mirror, Observer, Patience, Progress, Settings, State, States, Update, Updated},
};
use serde_json::json;
use tempfile::TempDir;
use testkit::http::Server;

const KEV: &str = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";

/// A database that is updated from a server.
struct Fixture {
    folder: TempDir,
    server: Server,
    /// What was told beside.
    told: Rc<RefCell<Vec<String>>>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, server: Server::start(), told: Rc::default() }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn settings(&self, only: &[&str]) -> Settings {
        let told = Rc::clone(&self.told);
        let observer = Observer::new(move |progress| match progress {
            Progress::Waits { why, .. } | Progress::Trouble(why) => {
                told.borrow_mut().push((*why).to_owned());
            }
            _ => {}
        });
        let patience = Patience {
            attempts: 3,
            pause: Duration::ZERO,
            longest: Duration::from_secs(1),
            silence: Duration::from_secs(5),
            whole: Duration::from_secs(600),
        };
        Settings {
            only: only.iter().copied().map(str::to_owned).collect(),
            mirror: Some(Mirror::parse(&format!("http://{}", self.server.host)).unwrap()),
            patience,
            observer,
            now: "2026-11-27T00:00:00Z".to_owned(),
            ..Settings::default()
        }
    }

    fn update_by(&self, settings: Settings) -> Vec<Updated> {
        let update = Update::begin(self.folder(), settings).unwrap().unwrap();
        let mut all = Vec::new();
        update.run(&mut |updated| all.push(updated.clone())).unwrap();
        all
    }

    /// Updates one feed.
    fn update(&self, feed: &str) -> Updated {
        self.update_by(self.settings(&[feed])).remove(0)
    }

    /// Updates one feed, which goes well.
    fn updated(&self, feed: &str) -> (usize, usize) {
        let updated = self.update(feed);
        assert_eq!(updated.failed, Vec::<String>::new());
        (updated.changed, updated.unchanged)
    }

    /// Updates one feed, which fails for this reason.
    fn fails(&self, feed: &str, why: &str) {
        let updated = self.update(feed);
        let [told] = &*updated.failed else { panic!("{updated:?}") };
        assert!(told.contains(why), "{told}");
        assert_eq!(self.state(feed).failed, updated.failed);
    }

    fn state(&self, feed: &str) -> State {
        let states = States::read(self.folder()).unwrap();
        states.feeds().find(|(name, _)| *name == feed).unwrap().1.clone()
    }

    fn database(&self) -> Database {
        let database = Database::open(self.folder()).unwrap();
        assert!(database.damaged().is_empty(), "{database:?}");
        database
    }

    /// How many advisories a part has; none where it is not there.
    fn advisories(&self, feed: &str) -> Option<u64> {
        let database = self.database();
        let has = |part: &&Part| part.header().feed == feed;
        database.parts().iter().find(has).map(|part| part.header().advisories)
    }
}

/// A catalogue of so many exploited flaws.
fn kev(count: usize) -> String {
    let flaw = |at| json!({"cveID": format!("CVE-2026-{at}"), "dateAdded": "2026-01-01"});
    let flaws: Vec<_> = (0..count).map(flaw).collect();
    json!({"catalogVersion": "1", "dateReleased": "2026-01-01T00:00:00Z", "vulnerabilities": flaws})
        .to_string()
}
