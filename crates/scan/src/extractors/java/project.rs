//! A Maven project, put together with those above it that are in the same tree (Maven's introduction to
//! the POM, and to how dependencies are managed).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{Kind, Package, text::xml::Element};

/// Most projects above one, and most lists that are taken in by way of others.
const MOST_LEVELS: usize = 16;
/// Most versions of others that are looked at for one project.
const MOST_MANAGED: usize = 50_000;
/// Most variables that are looked up for one text, and how long it may become.
const MOST_LOOKUPS: usize = 200;
const LONGEST_TEXT_BYTES: usize = 1 << 10;

/// A project as its file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Project {
    own: Coordinates,
    parent: Option<Parent>,
    properties: BTreeMap<String, String>,
    managed: Vec<Dependency>,
    dependencies: Vec<Dependency>,
    licences: Vec<String>,
}

/// What names a project; parts may be empty, or have variables in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Coordinates {
    group: String,
    artifact: String,
    version: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parent {
    coordinates: Coordinates,
    /// Where it is, from this project's folder.
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Dependency {
    coordinates: Coordinates,
    scope: String,
    optional: String,
}

impl Coordinates {
    fn of(element: &Element) -> Self {
        let text = |name| element.text_of(name).to_owned();
        Self { group: text("groupId"), artifact: text("artifactId"), version: text("version") }
    }
}

impl Project {
    /// Of the element `project`.
    pub(super) fn of(root: &Element) -> Self {
        let parent = root.child("parent").map(|parent| Parent {
            coordinates: Coordinates::of(parent),
            path: match parent.text_of("relativePath") {
                "" => "../pom.xml".to_owned(),
                path => path.to_owned(),
            },
        });
        let properties = root.child("properties").into_iter().flat_map(|it| &it.children);
        let licences = root.child("licenses").into_iter().flat_map(|it| it.all("license"));
        Self {
            own: Coordinates::of(root),
            parent,
            properties: properties.map(|it| (it.name.clone(), it.text().to_owned())).collect(),
            managed: dependencies(root.child("dependencyManagement")),
            dependencies: dependencies(Some(root)),
            licences: licences
                .map(|it| it.text_of("name").to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
        }
    }
}

fn dependencies(within: Option<&Element>) -> Vec<Dependency> {
    let list = within.and_then(|within| within.child("dependencies"));
    let all = list.into_iter().flat_map(|list| list.all("dependency"));
    all.map(|it| Dependency {
        coordinates: Coordinates::of(it),
        scope: it.text_of("scope").to_owned(),
        optional: it.text_of("optional").to_owned(),
    })
    .collect()
}

/// The projects of a tree.
pub(super) struct Projects<'a> {
    by_path: BTreeMap<&'a [u8], &'a Project>,
    /// The first one of each artifact.
    by_artifact: HashMap<&'a str, &'a [u8]>,
}

impl<'a> Projects<'a> {
    /// By the files that they are in.
    pub(super) fn of(projects: impl Iterator<Item = (&'a [u8], &'a Project)>) -> Self {
        let by_path: BTreeMap<_, _> = projects.collect();
        let mut by_artifact = HashMap::new();
        for (path, project) in &by_path {
            by_artifact.entry(project.own.artifact.as_str()).or_insert(*path);
        }
        Self { by_path, by_artifact }
    }

    /// The files that they are in.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'a [u8]> {
        self.by_path.keys().copied()
    }

    /// The project itself, and what a program needs that is built of it.
    pub(super) fn packages(&self, path: &[u8]) -> Vec<Package> {
        let whole = Whole::of(self.chain(path));
        let mut managed = Managed::default();
        self.manage(&whole, &mut managed, 0);
        let managed = managed.by_name;
        let is_dev = is_of_tests(path);
        let mut packages = Vec::new();
        if let Some((name, version)) = whole.own() {
            let mut package = Package::new(Kind::Maven, name, version);
            package.licences = whole.licences();
            packages.push(package);
        }
        let needed = whole.dependencies().filter_map(|it| whole.needed(it, &managed));
        packages.extend(needed.map(|(name, version)| Package::new(Kind::Maven, name, version)));
        packages.iter_mut().for_each(|package| package.is_dev = is_dev);
        packages
    }

    /// A project and those above it, the nearest first.
    fn chain(&self, path: &[u8]) -> Vec<&'a Project> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = self.by_path.get_key_value(path);
        while let Some((path, project)) = next.take() {
            if chain.len() == MOST_LEVELS || !seen.insert(path) {
                break;
            }
            chain.push(*project);
            next = project.parent.as_ref().and_then(|parent| self.parent(path, parent));
        }
        chain
    }

    fn parent(&self, path: &[u8], parent: &Parent) -> Option<(&&'a [u8], &&'a Project)> {
        let artifact = parent.coordinates.artifact.as_str();
        let is_it = |found: &(&&[u8], &&Project)| found.1.own.artifact == artifact;
        let near = [parent.path.as_str(), "../pom.xml"].into_iter().find_map(|relative| {
            let at = beside(path, relative)?;
            let within = [&at[..], if at.is_empty() { b"pom.xml" } else { b"/pom.xml" }].concat();
            let found = self.by_path.get_key_value(at.as_slice());
            found.or_else(|| self.by_path.get_key_value(within.as_slice())).filter(is_it)
        });
        near.or_else(|| self.by_path.get_key_value(self.by_artifact.get(artifact)?))
    }

    /// What a project says of the versions of others; what is taken in from other projects comes last.
    fn manage(&self, whole: &Whole<'a>, managed: &mut Managed<'a>, level: usize) {
        let all = whole.chain.iter().flat_map(|project| &project.managed);
        let (imports, plain): (Vec<_>, Vec<_>) = all.partition(|it| it.scope == "import");
        let left = MOST_MANAGED.saturating_sub(managed.count);
        for dependency in plain.into_iter().take(left) {
            managed.count += 1;
            let expanded = whole.expand_all(dependency);
            let name = name(&expanded.coordinates);
            managed.by_name.entry(name).or_insert(expanded);
        }
        for import in imports.into_iter().filter(|_| level < MOST_LEVELS) {
            let artifact = whole.expand(&import.coordinates.artifact);
            if let Some(path) = self.by_artifact.get(artifact.as_str())
                && managed.taken_in.insert(path)
            {
                self.manage(&Whole::of(self.chain(path)), managed, level + 1);
            }
        }
    }
}

/// What projects say of the versions of others.
#[derive(Default)]
struct Managed<'a> {
    by_name: BTreeMap<String, Dependency>,
    /// How many were looked at.
    count: usize,
    /// Projects that were taken in from.
    taken_in: BTreeSet<&'a [u8]>,
}

/// Whether a project is one that Maven's invoker tests a plugin with.
fn is_of_tests(path: &[u8]) -> bool {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    parts.windows(2).any(|pair| pair == [&b"src"[..], b"it"])
}

/// A file or folder from the folder of this file; `None` if that is out of the tree.
fn beside(path: &[u8], relative: &str) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in relative.as_bytes().split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

fn name(coordinates: &Coordinates) -> String {
    format!("{}:{}", coordinates.group, coordinates.artifact)
}

/// A project together with those above it.
struct Whole<'a> {
    /// The nearest first.
    chain: Vec<&'a Project>,
    own: Coordinates,
}

impl<'a> Whole<'a> {
    fn of(chain: Vec<&'a Project>) -> Self {
        let first = |part: fn(&Coordinates) -> &String| {
            let told = chain.iter().flat_map(|project| {
                [Some(&project.own), project.parent.as_ref().map(|parent| &parent.coordinates)]
            });
            let found = told.flatten().map(part).find(|text| !text.is_empty());
            found.cloned().unwrap_or_default()
        };
        let artifact = chain.first().map_or(String::new(), |it| it.own.artifact.clone());
        let own = Coordinates {
            group: first(|it| &it.group),
            artifact,
            version: first(|it| &it.version),
        };
        Self { chain, own }
    }

    fn own(&self) -> Option<(String, String)> {
        let own = Coordinates {
            group: self.expand(&self.own.group),
            artifact: self.expand(&self.own.artifact),
            version: String::new(),
        };
        let is_whole = !own.group.is_empty() && !own.artifact.is_empty();
        is_whole.then(|| (name(&own), self.expand(&self.own.version)))
    }

    fn licences(&self) -> Vec<String> {
        let told = self.chain.iter().map(|project| &project.licences).find(|it| !it.is_empty());
        told.cloned().unwrap_or_default()
    }

    /// What the project and those above it ask for, each name once.
    fn dependencies(&self) -> impl Iterator<Item = &'a Dependency> {
        let mut seen = BTreeSet::new();
        let all = self.chain.iter().flat_map(|project| &project.dependencies);
        all.filter(move |it| seen.insert(name(&it.coordinates))).collect::<Vec<_>>().into_iter()
    }

    /// Name and version of a dependency; `None` if a program does not need it when it runs.
    fn needed(
        &self,
        dependency: &Dependency,
        managed: &BTreeMap<String, Dependency>,
    ) -> Option<(String, String)> {
        let Dependency { coordinates, scope, optional } = self.expand_all(dependency);
        let name = name(&coordinates);
        let known = managed.get(&name);
        let or_known = |own: String, part: fn(&Dependency) -> &String| match known {
            Some(known) if own.is_empty() => part(known).clone(),
            _ => own,
        };
        let version = or_known(coordinates.version, |it| &it.coordinates.version);
        let scope = or_known(scope, |it| &it.scope);
        let optional = or_known(optional, |it| &it.optional);
        let is_needed = matches!(scope.as_str(), "" | "compile" | "runtime") && optional != "true";
        let is_named = !coordinates.group.is_empty() && !coordinates.artifact.is_empty();
        (is_needed && is_named).then(|| (name, exact(&version).to_owned()))
    }

    fn expand_all(&self, dependency: &Dependency) -> Dependency {
        Dependency {
            coordinates: Coordinates {
                group: self.expand(&dependency.coordinates.group),
                artifact: self.expand(&dependency.coordinates.artifact),
                version: self.expand(&dependency.coordinates.version),
            },
            scope: self.expand(&dependency.scope),
            optional: self.expand(&dependency.optional),
        }
    }

    /// A text with its variables replaced; those that are not known by nothing.
    fn expand(&self, text: &str) -> String {
        let mut out = String::new();
        // What is yet to be looked at, the next last.
        let mut ahead = vec![text];
        for _ in 0..MOST_LOOKUPS {
            let Some(text) = ahead.pop().filter(|_| out.len() <= LONGEST_TEXT_BYTES) else {
                return out.trim().to_owned();
            };
            let found = text.split_once("${").and_then(|(before, rest)| {
                let (name, after) = rest.split_once('}')?;
                Some((before, name, after))
            });
            match found {
                Some((before, name, after)) => {
                    out.push_str(before);
                    ahead.push(after);
                    ahead.extend(self.variable(name));
                }
                None => out.push_str(text),
            }
        }
        String::new()
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let parent = self.chain.first().and_then(|project| project.parent.as_ref());
        let parent = parent.map(|parent| &parent.coordinates);
        match name.strip_prefix("project.").or_else(|| name.strip_prefix("pom.")) {
            Some("groupId") => return Some(&self.own.group),
            Some("artifactId") => return Some(&self.own.artifact),
            Some("version") => return Some(&self.own.version),
            Some("parent.groupId") => return parent.map(|parent| parent.group.as_str()),
            Some("parent.artifactId") => return parent.map(|parent| parent.artifact.as_str()),
            Some("parent.version") => return parent.map(|parent| parent.version.as_str()),
            _ => {}
        }
        self.chain.iter().find_map(|project| project.properties.get(name)).map(String::as_str)
    }
}

/// `[1.2]` asks for just this version; other ranges name none.
fn exact(version: &str) -> &str {
    let only = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = only.unwrap_or(version).trim();
    if version.contains([',', '(', ')', '[', ']']) { "" } else { version }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(files: &[(&str, &str)]) -> Vec<String> {
        let projects: Vec<(&str, Project)> = files
            .iter()
            .map(|(path, text)| {
                let text = format!("<project>{text}</project>");
                (*path, Project::of(&Element::parse(&text).unwrap()))
            })
            .collect();
        let projects = Projects::of(projects.iter().map(|(path, it)| (path.as_bytes(), it)));
        let line = |it: Package| format!("{} {}", it.name, it.version);
        let last = files.last().unwrap().0.as_bytes();
        projects.packages(last).into_iter().map(line).collect()
    }

    const PARENT: &str = "<groupId>g</groupId><artifactId>top</artifactId><version>1</version>
        <properties><a.version>2.${minor}</a.version><minor>5</minor></properties>
        <licenses><license><name>MIT</name></license></licenses>
        <dependencyManagement><dependencies>
            <dependency><groupId>x</groupId><artifactId>a</artifactId><version>${a.version}</version></dependency>
            <dependency><groupId>x</groupId><artifactId>t</artifactId><version>1</version><scope>test</scope></dependency>
        </dependencies></dependencyManagement>
        <dependencies><dependency><groupId>x</groupId><artifactId>all</artifactId><version>9</version></dependency></dependencies>";
    const CHILD: &str = "<parent><groupId>g</groupId><artifactId>top</artifactId><version>1</version></parent>
        <artifactId>child</artifactId>
        <properties><minor>7</minor></properties>
        <dependencies>
            <dependency><groupId>x</groupId><artifactId>a</artifactId></dependency>
            <dependency><groupId>x</groupId><artifactId>t</artifactId></dependency>
            <dependency><groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version></dependency>
            <dependency><groupId>x</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency>
            <dependency><groupId>x</groupId><artifactId>hard</artifactId><version>[1.2]</version></dependency>
            <dependency><groupId>x</groupId><artifactId>opt</artifactId><version>1</version><optional>true</optional></dependency>
        </dependencies>";

    #[test]
    fn projects_have_what_those_above_them_have() {
        let expected = ["g:child 1", "x:a 2.7", "g:sibling 1", "x:range ", "x:hard 1.2", "x:all 9"];
        for (parent, child) in
            [("pom.xml", "child/pom.xml"), ("elsewhere/pom.xml", "a/b/child/pom.xml")]
        {
            assert_eq!(listed(&[(parent, PARENT), (child, CHILD)]), expected);
        }
        let alone = ["g:child 1", "x:a ", "x:t ", "g:sibling 1", "x:range ", "x:hard 1.2"];
        assert_eq!(listed(&[("child/pom.xml", CHILD)]), alone);
    }

    #[test]
    fn versions_are_taken_in_from_projects_that_list_them() {
        let user = "<groupId>g</groupId><artifactId>user</artifactId>
            <dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>top</artifactId>
                <version>1</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>
            <dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId></dependency></dependencies>";
        assert_eq!(
            listed(&[("bom/pom.xml", PARENT), ("user/pom.xml", user)]),
            ["g:user ", "x:a 2.5"]
        );
    }

    #[test]
    fn what_goes_round_ends() {
        let round = "<parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent>
            <groupId>g</groupId><artifactId>a</artifactId><version>${v}</version>
            <properties><v>${w}${w}</v><w>${v}</w></properties>
            <dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><scope>import</scope></dependency></dependencies></dependencyManagement>
            <dependencies><dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>${no.such}</version></dependency></dependencies>";
        assert_eq!(listed(&[("pom.xml", round)]), ["g:a ", "g:b "]);
        assert_eq!(
            listed(&[("pom.xml", "<parent><relativePath>../../..</relativePath></parent>")]),
            Vec::<String>::new()
        );
    }
}
