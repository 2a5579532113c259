//! Rule files as input: files and folders, in the order given.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use rules::load::{Loaded, Problems, RuleFile};

use crate::{default_rules, error::Error};

/// Largest rule file that is read, bytes.
const LARGEST: u64 = 64 << 20;

/// Stands for stdin where a path is asked for.
pub(crate) const STDIN: &str = "-";

/// Where rules come from.
#[derive(Clone, Debug)]
pub(crate) enum Sources {
    /// Those that came with the program.
    Default,
    /// Files, and folders of such.
    Paths(Vec<PathBuf>),
}

impl Sources {
    /// Reads and loads them. All their errors are one message.
    pub(crate) fn load(&self) -> Result<Loaded, Error> {
        match self {
            Self::Default => rules::load::load(default_rules::files())
                .map_err(|problems| Error::Usage(problems.to_string())),
            Self::Paths(paths) => load(paths),
        }
    }

    /// The files and folders; none of rules that came with the program.
    pub(crate) fn paths(&self) -> Option<&[PathBuf]> {
        match self {
            Self::Default => None,
            Self::Paths(paths) => Some(paths),
        }
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default rules"),
            Self::Paths(paths) => {
                let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

/// A file or folder that cannot be read: its name, the text before what cannot be, and why.
pub(crate) struct Unreadable {
    pub(crate) file: RuleFile,
    pub(crate) why: String,
}

/// Reads and loads rule files. All their errors are one message.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Loaded, Error> {
    check(paths).map_err(|problems| Error::Usage(problems.to_string()))
}

/// Reads and loads rule files.
///
/// # Errors
/// Everything that is wrong with them; files that cannot be read are problems among the others.
pub(crate) fn check(paths: &[PathBuf]) -> Result<Loaded, Problems> {
    let mut files = Vec::new();
    let mut unreadable = Vec::new();
    for read in
        paths.iter().flat_map(|path| find(path)).map(|found| found.and_then(|path| read(&path)))
    {
        match read {
            Ok(file) => files.push(file),
            Err(other) => unreadable.push(other),
        }
    }
    let loaded = rules::load::load(files);
    if unreadable.is_empty() {
        return loaded;
    }
    let mut problems = match loaded {
        Ok(Loaded { warnings, .. }) => warnings,
        Err(problems) => problems,
    };
    for Unreadable { file, why } in unreadable {
        problems.add_unreadable(file, why);
    }
    Err(problems)
}

/// The rule files that a path stands for. A folder stands for the files in it that end in `.yaml`
/// or `.yml`, sorted by name; folders within it are not looked into.
pub(crate) fn find(path: &Path) -> Vec<Result<PathBuf, Unreadable>> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut inside: Vec<_> = match entries {
        Ok(entries) => entries.iter().map(fs::DirEntry::path).collect(),
        Err(error) => return vec![Err(unreadable(path, String::new(), error.to_string()))],
    };
    inside.retain(|path| is_rule_file(path));
    inside.sort();
    if inside.is_empty() {
        let why = "has no rule files in it (.yaml, .yml)";
        return vec![Err(unreadable(path, String::new(), why.to_owned()))];
    }
    inside.into_iter().map(Ok).collect()
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml") && path.is_file()
}

/// Reads one file; `-` is stdin.
pub(crate) fn read(path: &Path) -> Result<RuleFile, Unreadable> {
    let fail = |why: String| unreadable(path, String::new(), why);
    let mut bytes = Vec::new();
    let read = if path == Path::new(STDIN) {
        io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(fail("is larger than 64 MiB, which no rule file is".to_owned()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(RuleFile { name: name(path), text }),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let text = String::from_utf8_lossy(valid).into_owned();
            Err(unreadable(path, text, "is not UTF-8 text here, as rule files are".to_owned()))
        }
    }
}

fn unreadable(path: &Path, text: String, why: String) -> Unreadable {
    Unreadable { file: RuleFile { name: name(path), text }, why }
}

fn name(path: &Path) -> String {
    if path == Path::new(STDIN) { "stdin".to_owned() } else { path.display().to_string() }
}
