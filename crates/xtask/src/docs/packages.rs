//! The page of files that packages are read from.

use scan::{Extractor, Pattern, Setting, extractors};

const INTRODUCTION: &str = "\
# What packages are read from

`watchkeeper scan` knows packages by these files. *System*: what the distribution's package manager \
installed. *Installed*: what is there by another way. *Declared*: what sources ask for, which only \
`scan repo` asks about. *Shipped*: what sources ask for, in files that are installed as well. *Files*: \
which files packages have, read where it is asked what is in use (`--in-use`).

| files | what they are | |
|---|---|---|
";

/// The page, as markdown.
pub(super) fn page() -> String {
    extractors::ALL.iter().fold(INTRODUCTION.to_owned(), |page, extractor| page + &row(extractor))
}

fn row(extractor: &Extractor) -> String {
    let files: Vec<String> = extractor.files.iter().map(named).collect();
    let setting = match extractor.setting {
        Setting::System => "system",
        Setting::Installed => "installed",
        Setting::Declared => "declared",
        Setting::Shipped => "shipped",
        Setting::Files => "files",
    };
    format!("| {} | {} | {setting} |\n", files.join(", "), extractor.about)
}

fn named(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Path(path) => format!("`/{path}`"),
        Pattern::Name(name) => format!("`{name}`"),
        Pattern::Suffix(end) => format!("`*{end}`"),
        Pattern::PathEnd(end) => format!("`**{end}`"),
        Pattern::In(folder, end) => format!("`/{folder}/*{end}`"),
        Pattern::Like(like) if like.starts_with("**/") => format!("`{like}`"),
        Pattern::Like(like) => format!("`/{like}`"),
        Pattern::EntryOf(folder) => format!("`/{folder}/*`"),
        Pattern::Within(folder, end) => format!("`**/{folder}/*{end}`"),
        Pattern::Affixes(begin, end) => format!("`{begin}*{end}`"),
        Pattern::Executable => "what may be executed".to_owned(),
    }
}
