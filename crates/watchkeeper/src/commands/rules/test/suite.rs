//! Files of cases as they are written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use event::alert::Priority;

use crate::{
    error::Error,
    story::{self, Story},
    trial::Fields,
    yaml::{self, Node, Place, Value, Wrong},
};

/// Largest file of cases that is read, bytes.
const LARGEST: u64 = 4 << 20;
/// How many folders within each other are looked into.
const DEEPEST: usize = 16;

/// A file of cases.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) file: PathBuf,
    /// Rule files and folders.
    pub(super) rules: Vec<PathBuf>,
    pub(super) cases: Vec<Case>,
}

/// What some rules have to say about some events.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) place: Place,
    /// Names of rules, with the nodes that name them; all rules that are on if there are none.
    pub(super) rules: Vec<(String, Node)>,
    pub(super) source: Source,
    /// None: no alert at all.
    pub(super) expected: Vec<Expected>,
}

/// Where a case's events come from.
#[derive(Debug)]
pub(super) enum Source {
    Capture(PathBuf),
    Story(Story),
}

/// Alerts that there have to be.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) rule: Option<String>,
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) priority: Option<Priority>,
    pub(super) output_contains: Vec<String>,
    /// Names and values; no value at all if there is none.
    pub(super) fields: Vec<(String, Option<String>)>,
}

/// Files of cases: a folder stands for all in it and in the folders in it, sorted, but for rule
/// files (those are lists).
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Suite>, Error> {
    let mut suites = Vec::new();
    let mut wrongs = Vec::new();
    for path in paths {
        for file in files(path)? {
            let is_named = file == *path;
            match read_one(&file)? {
                Ok(root) if !is_named && matches!(root.value, Value::List(_)) => {}
                Ok(root) => match suite(&file, &root) {
                    Ok(suite) => suites.push(suite),
                    Err(wrong) => wrongs.push(wrong.in_file(file.display())),
                },
                Err(wrong) => wrongs.push(wrong.in_file(file.display())),
            }
        }
    }
    if !wrongs.is_empty() {
        return Err(Error::Usage(wrongs.join("\n")));
    }
    if suites.is_empty() {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::Usage(format!("{}: no files of cases (.yaml)", names.join(" "))));
    }
    Ok(suites)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let at = |source| Error::File { path: path.to_owned(), source };
    if !path.metadata().map_err(at)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, DEEPEST, &mut found).map_err(at)?;
    Ok(found)
}

fn walk(folder: &Path, levels: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() && levels > 0 {
            walk(&path, levels - 1, found)?;
        } else if !kind.is_dir() && path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            found.push(path);
        }
    }
    Ok(())
}

fn read_one(file: &Path) -> Result<Result<Node, Wrong>, Error> {
    let at = |source| Error::File { path: file.to_owned(), source };
    if file.metadata().map_err(at)?.len() > LARGEST {
        return Err(at(io::Error::other("is larger than 4 MiB, which no file of cases is")));
    }
    let bytes = fs::read(file).map_err(at)?;
    let text = String::from_utf8(bytes).map_err(|_| at(io::Error::other("is not UTF-8 text")))?;
    Ok(yaml::parse(&text))
}

fn suite(file: &Path, root: &Node) -> Result<Suite, Wrong> {
    root.only(&["rules", "cases", "processes", "containers"])?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let rules = root.opt("rules", Node::texts)?.unwrap_or_default();
    let cases = root.opt("cases", Node::list)?.unwrap_or_default();
    if cases.is_empty() {
        return Err(root.wrong("no cases; list them below 'cases'"));
    }
    Ok(Suite {
        file: file.to_owned(),
        rules: rules.iter().map(|path| folder.join(path)).collect(),
        cases: cases.iter().map(|node| case(folder, root, node)).collect::<Result<_, _>>()?,
    })
}

fn case(folder: &Path, root: &Node, node: &Node) -> Result<Case, Wrong> {
    let mut known = vec!["name", "rule", "rules", "capture", "expect"];
    known.extend(story::KEYS);
    node.only(&known)?;
    let name = node.get("name").ok_or_else(|| node.wrong("a case needs a 'name'"))?.text()?;
    let mut rules = Vec::new();
    for key in ["rule", "rules"] {
        for rule in node.get(key).map(Node::several).unwrap_or_default() {
            rules.push((rule.text()?, rule.clone()));
        }
    }
    let expected = match node.get("expect") {
        None => {
            return Err(node.wrong("what is expected? write 'expect: none' or a list of alerts"));
        }
        Some(Node { value: Value::Text(text), .. }) if text == "none" => Vec::new(),
        Some(list) => list.list()?.iter().map(expected).collect::<Result<_, _>>()?,
    };
    Ok(Case { name, place: node.place, rules, source: source(folder, root, node)?, expected })
}

fn source(folder: &Path, root: &Node, node: &Node) -> Result<Source, Wrong> {
    match (node.get("capture"), node.get("events")) {
        (Some(capture), None) => {
            let path = folder.join(capture.text()?);
            match path.metadata() {
                Ok(meta) if meta.is_file() => Ok(Source::Capture(path)),
                Ok(_) => Err(capture.wrong(format!("{}: is not a file", path.display()))),
                Err(error) => Err(capture.wrong(format!("{}: {error}", path.display()))),
            }
        }
        (None, Some(_)) => Ok(Source::Story(story::read(root, node)?)),
        (Some(_), Some(events)) => {
            Err(events.wrong("a case has a 'capture' or 'events', not both"))
        }
        (None, None) => Err(node.wrong("what happens? name a 'capture' or write 'events'")),
    }
}

fn expected(node: &Node) -> Result<Expected, Wrong> {
    node.only(&["rule", "count", "at_least", "at_most", "priority", "output_contains", "fields"])?;
    let (least, most) = bounds(node)?;
    Ok(Expected {
        rule: node.opt("rule", Node::text)?,
        least,
        most,
        priority: node.opt("priority", priority)?,
        output_contains: node.opt("output_contains", Node::texts)?.unwrap_or_default(),
        fields: node.opt("fields", fields)?.unwrap_or_default(),
    })
}

fn bounds(node: &Node) -> Result<(u64, u64), Wrong> {
    let count = node.opt("count", Node::count)?;
    let (least, most) = (node.opt("at_least", Node::count)?, node.opt("at_most", Node::count)?);
    match (count, least, most) {
        (Some(count), None, None) => Ok((count, count)),
        (Some(_), ..) => Err(node.wrong("'count' goes without 'at_least' and 'at_most'")),
        (None, None, None) => Ok((1, u64::MAX)),
        (None, least, most) => Ok((least.unwrap_or(0), most.unwrap_or(u64::MAX))),
    }
}

fn priority(node: &Node) -> Result<Priority, Wrong> {
    node.text()?
        .parse()
        .map_err(|error: event::alert::UnknownPriority| node.wrong(error.to_string()))
}

fn fields(node: &Node) -> Result<Vec<(String, Option<String>)>, Wrong> {
    let mut fields = Vec::new();
    for (key, value) in node.pairs()? {
        let name = key.text()?;
        if let Err(report) = Fields::new([&*name]) {
            // What is wrong stands behind `format:1:2: `, which nobody here has written.
            let text = report.to_string();
            let line = text.lines().next().unwrap_or_default();
            return Err(key.wrong(line.splitn(4, ':').last().unwrap_or_default().trim_start()));
        }
        let value = if value.is_null() { None } else { Some(value.text()?) };
        fields.push((name, value));
    }
    Ok(fields)
}
