//! What files of one project say together: lock files list packages, manifests tell what the project asks
//! for, and so which of them only developers need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{Found, Kind, Package, inventory::Files};

/// What a file has for other files of its project, or wants of them.
#[derive(Clone, Debug)]
pub enum Role {
    /// Its packages need each other, and a manifest tells which of them are wanted.
    Lock(Graph),
    /// What a project asks for.
    Manifest(Manifest),
    /// Packages of the file of this name beside it are added, those apart that it names itself.
    Completed(&'static str),
    /// Packages that are told of for the sake of other files.
    Aside(Vec<Package>),
}

/// How packages of a lock file hang together. Packages are told by their places in [`Found::packages`].
#[derive(Clone, Debug)]
pub struct Graph {
    /// The name of manifests.
    pub manifest: &'static str,
    /// Which of them count.
    pub scope: Scope,
    /// What each package needs. Places behind those of packages are of requests ([`Graph::requests`]).
    pub needs: Vec<Vec<usize>>,
    /// Packages that a request stands for: `NAME@RANGE`, or `NAME` for any range.
    pub answers: BTreeMap<String, Vec<usize>>,
    /// Packages that are the project's own. What they need is what their manifests ask for.
    pub own: Vec<usize>,
    /// What the project itself is listed as, where the lock file does not list it.
    pub project: Option<Kind>,
}

/// Which manifests count for a lock file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The one beside it.
    Beside,
    /// Those in folders that the one beside it names, too.
    Members,
    /// All in its folder and below.
    Beneath,
}

/// What a project asks for, whoever uses it.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The project's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licences.
    pub licences: Vec<String>,
    /// What it asks for.
    pub asks: Vec<Ask>,
    /// What its members may ask for by other names.
    pub shared: Vec<String>,
    /// Folders of projects that belong to it, from its own; `*` stands for any name.
    pub members: Vec<String>,
}

/// A request for a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The package's name.
    pub name: String,
    /// Versions that will do.
    pub range: String,
}

impl Graph {
    /// One of these packages' needs, without requests.
    pub fn new(manifest: &'static str, scope: Scope, needs: Vec<Vec<usize>>) -> Self {
        let answers = BTreeMap::new();
        Self { manifest, scope, needs, answers, own: Vec::new(), project: None }
    }

    /// A request stands for this package.
    pub fn answer(&mut self, request: impl Into<String>, place: usize) {
        self.answers.entry(request.into()).or_default().push(place);
    }

    /// The places of requests, behind those of as many packages: many may ask for what many answer.
    pub fn requests(&self, packages: usize) -> HashMap<&str, usize> {
        let requests = self.answers.keys().enumerate();
        requests.map(|(at, request)| (request.as_str(), packages + at)).collect()
    }

    /// Whether each package is needed by those who use what these manifests are of.
    fn needed(&self, packages: &[Package], manifests: &[&Manifest]) -> Vec<bool> {
        let mut needs = self.needs.clone();
        self.keep_asked(&mut needs, packages, manifests);
        needs.resize(packages.len(), Vec::new());
        needs.extend(self.answers.values().cloned());
        let requests = self.requests(packages.len());
        let asked = manifests.iter().flat_map(|manifest| &manifest.asks);
        // Any range will do where it is not known.
        let asked = asked.filter_map(|ask| {
            let exact = requests.get(format!("{}@{}", ask.name, ask.range).as_str());
            exact.or_else(|| requests.get(ask.name.as_str()))
        });
        reached(&needs, asked.chain(&self.own).copied().collect())
    }

    /// Of what the project's own packages need, leaves what their manifests ask for.
    fn keep_asked(&self, needs: &mut [Vec<usize>], packages: &[Package], manifests: &[&Manifest]) {
        let mut asked: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for manifest in manifests {
            let names = || manifest.asks.iter().map(|ask| ask.name.as_str()).collect();
            asked.entry(&manifest.name).or_insert_with(names);
        }
        let shared = manifests.iter().flat_map(|manifest| &manifest.shared).map(String::as_str);
        let shared: BTreeSet<&str> = shared.collect();
        for own in &self.own {
            let asked = packages.get(*own).and_then(|own| asked.get(own.name.as_str()));
            if let (Some(asked), Some(needs)) = (asked, needs.get_mut(*own)) {
                needs.retain(|need| {
                    let name = packages.get(*need).map_or("", |need| &need.name);
                    asked.contains(name) || shared.contains(name)
                });
            }
        }
    }
}

/// Which places can be reached from these.
pub(crate) fn reached(needs: &[Vec<usize>], mut from: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; needs.len()];
    while let Some(place) = from.pop() {
        if let Some(reached) = reached.get_mut(place).filter(|reached| !**reached) {
            *reached = true;
            from.extend(needs.get(place).into_iter().flatten());
        }
    }
    reached
}

/// Lets files of one project tell each other what they know.
pub(crate) fn join(files: &mut Files) {
    let changes: Vec<_> = files
        .iter()
        .filter_map(|(key, kept)| Some((key.clone(), changed(files, &key.0, &kept.found)?)))
        .collect();
    for (key, found) in changes {
        if let Some(kept) = files.get_mut(&key) {
            kept.found.packages = found;
        }
    }
    // Licences come last, as packages may have been added.
    let licensed: Vec<_> = files
        .iter()
        .filter(|(_, kept)| kept.found.packages.iter().any(|it| it.kind == Kind::Npm))
        .filter_map(|(key, kept)| Some((key.clone(), licensed(files, &key.0, &kept.found)?)))
        .collect();
    for (key, packages) in licensed {
        if let Some(kept) = files.get_mut(&key) {
            kept.found.packages = packages;
        }
    }
}

/// Manifests, by the ends of their names, and the lock files that say which versions they come to.
const LOCKS: [(&str, &[&str]); 4] = [
    (
        "package.json",
        &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
        ],
    ),
    ("Cargo.toml", &["Cargo.lock"]),
    (
        "pyproject.toml",
        &["poetry.lock", "pdm.lock", "uv.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"],
    ),
    (".txt", &["poetry.lock", "pdm.lock", "uv.lock", "pylock.toml", "Pipfile.lock"]),
];
/// So many folders above a manifest its lock file may be.
const MOST_FOLDERS: usize = 32;

/// Manifests that ask for packages while no file beside or above them says in which versions; with how many they
/// ask for.
pub(crate) fn unlocked(files: &Files) -> impl Iterator<Item = (&[u8], usize)> {
    files.iter().filter_map(|((path, _), kept)| {
        let Some(Role::Manifest(manifest)) = &kept.found.role else { return None };
        let (_, locks) = LOCKS.iter().find(|(end, _)| path.ends_with(end.as_bytes()))?;
        let asks = manifest.asks.iter().map(|ask| ask.name.as_str());
        // Poetry has projects ask for the interpreter as for a package.
        let asks: BTreeSet<&str> = asks.filter(|name| *name != "python").collect();
        (!asks.is_empty() && !is_locked(files, path, locks))
            .then_some((path.as_slice(), asks.len()))
    })
}

/// Whether one of these files is beside a file or in a folder above.
fn is_locked(files: &Files, path: &[u8], locks: &[&str]) -> bool {
    let mut folders = std::iter::successors(Some(folder(path)), |inner| {
        inner.split_last().map(|(_, inner)| folder(inner))
    });
    folders.by_ref().take(MOST_FOLDERS).any(|folder| {
        locks.iter().any(|name| {
            let path = [folder, name.as_bytes()].concat();
            files.range((path.clone(), 0)..=(path, usize::MAX)).next().is_some()
        })
    })
}

/// Packages of a file, with what other files say of them.
fn changed(files: &Files, path: &[u8], found: &Found) -> Option<Vec<Package>> {
    match found.role.as_ref()? {
        Role::Lock(graph) => locked(files, path, found, graph),
        Role::Completed(name) => {
            let Role::Aside(others) = beside(files, path, name)? else { return None };
            let named: BTreeSet<&str> = found.packages.iter().map(|it| it.name.as_str()).collect();
            let others = others.iter().filter(|other| !named.contains(other.name.as_str()));
            Some(found.packages.iter().chain(others).cloned().collect())
        }
        Role::Manifest(_) | Role::Aside(_) => None,
    }
}

fn locked(files: &Files, path: &[u8], found: &Found, graph: &Graph) -> Option<Vec<Package>> {
    let Role::Manifest(root) = beside(files, path, graph.manifest)? else { return None };
    let manifests = match graph.scope {
        Scope::Beside => vec![root],
        Scope::Members | Scope::Beneath => {
            let own = folder(path);
            let is_of = |at: &[u8]| {
                graph.scope == Scope::Beneath || at == own || is_member(at, own, &root.members)
            };
            let name = graph.manifest.as_bytes();
            let within =
                within(files, own).filter(|(at, _)| at.ends_with(name) && is_of(folder(at)));
            within
                .filter_map(|(_, role)| match role {
                    Role::Manifest(manifest) => Some(manifest),
                    _ => None,
                })
                .collect()
        }
    };
    let needed = graph.needed(&found.packages, &manifests);
    let mut packages = found.packages.clone();
    for (package, needed) in packages.iter_mut().zip(needed) {
        package.is_dev |= !needed;
    }
    if let Some(kind) = graph.project.filter(|_| !root.name.is_empty() && !root.version.is_empty())
    {
        let mut project = Package::new(kind, &*root.name, &*root.version);
        project.licences.clone_from(&root.licences);
        packages.push(project);
    }
    Some(packages)
}

/// Packages with the licences that installed ones of the same name and version beside them have.
fn licensed(files: &Files, path: &[u8], found: &Found) -> Option<Vec<Package>> {
    let modules = [folder(path), b"node_modules/"].concat();
    let installed = within(files, &modules).filter_map(|(_, role)| match role {
        Role::Aside(packages) => Some(packages),
        _ => None,
    });
    let licences: HashMap<(&str, &str), &Vec<String>> = installed
        .flatten()
        .map(|package| ((package.name.as_str(), package.version.as_str()), &package.licences))
        .collect();
    if licences.is_empty() {
        return None;
    }
    let mut packages = found.packages.clone();
    for package in &mut packages {
        let licences = licences.get(&(package.name.as_str(), package.version.as_str()));
        if let Some(licences) = licences.filter(|_| package.licences.is_empty()) {
            package.licences.clone_from(licences);
        }
    }
    Some(packages)
}

/// What the file of this name in the same folder is.
fn beside<'a>(files: &'a Files, path: &[u8], name: &str) -> Option<&'a Role> {
    let path = [folder(path), name.as_bytes()].concat();
    let mut kept = files.range((path.clone(), 0)..=(path, usize::MAX));
    kept.find_map(|(_, kept)| kept.found.role.as_ref())
}

/// What files in a folder and below are; the folder's name ends with a slash, but for the root's.
fn within<'a>(files: &'a Files, folder: &[u8]) -> impl Iterator<Item = (&'a [u8], &'a Role)> {
    files
        .range((folder.to_vec(), 0)..)
        .take_while(move |((path, _), _)| path.starts_with(folder))
        .filter_map(|((path, _), kept)| Some((path.as_slice(), kept.found.role.as_ref()?)))
}

/// The folder of a file, with the slash at its end; empty for the root.
fn folder(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    path.get(..end).unwrap_or_default()
}

/// Whether a folder is one of those that patterns name from `root` on, or is within one.
fn is_member(folder: &[u8], root: &[u8], patterns: &[String]) -> bool {
    let Some(inner) = folder.strip_prefix(root) else { return false };
    let inner = String::from_utf8_lossy(inner);
    let names: Vec<&str> = inner.split('/').filter(|name| !name.is_empty()).collect();
    patterns.iter().any(|pattern| {
        let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
        let parts: Vec<&str> = parts.take_while(|part| *part != "**").collect();
        parts.len() <= names.len() && parts.iter().zip(&names).all(|(part, name)| fits(part, name))
    })
}

/// Whether a name is as a pattern with `*` has it.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_members_are_known_by_their_patterns() {
        let patterns: Vec<String> =
            ["packages/*", "./tools", "apps/web-*-x", "all/**"].map(str::to_owned).into();
        for (folder, expected) in [
            ("packages/a/", true),
            ("packages/a/inner/", true),
            ("packages/", false),
            ("tools/", true),
            ("apps/web-1-x/", true),
            ("apps/web-x/", false),
            ("all/a/b/", true),
            ("other/", false),
        ] {
            assert_eq!(is_member(folder.as_bytes(), b"", &patterns), expected, "{folder}");
        }
        assert!(is_member(b"srv/app/tools/", b"srv/app/", &patterns));
    }

    #[test]
    fn many_may_ask_for_what_many_answer() {
        let many = 20_000;
        let mut graph = Graph::new("m", Scope::Beside, Vec::new());
        (0..many).for_each(|place| graph.answer("a", place));
        let request = graph.requests(many)["a"];
        graph.needs = vec![vec![request; 10]; many];
        let packages = vec![Package::new(Kind::Npm, "a", "1"); many];
        let asks = vec![Ask { name: "a".into(), range: "1".into() }; many];
        let manifest = Manifest { asks, ..Manifest::default() };
        let needed = graph.needed(&packages, &[&manifest]);
        assert!(needed.iter().take(many).all(|needed| *needed));
    }

    #[test]
    fn what_is_needed_is_found_through_circles() {
        let needs = vec![vec![1], vec![0, 2], vec![], vec![2, 99]];
        assert_eq!(reached(&needs, vec![0, 77]), [true, true, true, false]);
    }
}
