//! Rule files as input: files and folders, in the order given.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rules::load::{Loaded, RuleFile};

use crate::error::Error;

/// Largest rule file that is read, bytes.
const LARGEST: u64 = 64 << 20;

/// Reads rule files. A folder stands for the files in it that end in `.yaml` or `.yml`, sorted by
/// name, of which there has to be one; folders within it are not looked into.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<RuleFile>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let at = |source| Error::File { path: path.clone(), source };
        if !path.metadata().map_err(at)?.is_dir() {
            files.push(read_one(path)?);
            continue;
        }
        let entries = fs::read_dir(path).map_err(at)?.collect::<io::Result<Vec<_>>>();
        let mut inside: Vec<_> = entries.map_err(at)?.iter().map(fs::DirEntry::path).collect();
        inside.retain(|path| is_rule_file(path));
        inside.sort();
        if inside.is_empty() {
            return Err(at(io::Error::other("has no rule files in it (.yaml, .yml)")));
        }
        for path in &inside {
            files.push(read_one(path)?);
        }
    }
    Ok(files)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml") && path.is_file()
}

fn read_one(path: &Path) -> Result<RuleFile, Error> {
    let at = |source| Error::File { path: path.to_owned(), source };
    let meta = path.metadata().map_err(at)?;
    if meta.is_file() && meta.len() > LARGEST {
        return Err(at(io::Error::other("is larger than 64 MiB, which no rule file is")));
    }
    let bytes = fs::read(path).map_err(at)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| at(io::Error::other("is not UTF-8 text, as rule files are")))?;
    Ok(RuleFile { name: path.display().to_string(), text })
}

/// Reads and loads rule files. All their errors are one message.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Loaded, Error> {
    rules::load::load(read(paths)?).map_err(|problems| Error::Usage(problems.to_string()))
}
