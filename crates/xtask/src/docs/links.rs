//! Links between the repository's pages.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Links of the pages below `root` that lead to no file, as `PAGE: TARGET`.
pub(super) fn broken(root: &Path) -> io::Result<Vec<String>> {
    let mut broken = Vec::new();
    for page in pages(root)? {
        let text = fs::read_to_string(&page)?;
        let folder = page.parent().unwrap_or(root);
        let missing = targets(&text).filter(|target| !folder.join(target).exists());
        let name = page.strip_prefix(root).unwrap_or(&page).display();
        broken.extend(missing.map(|target| format!("{name}: {target}")));
    }
    Ok(broken)
}

/// The markdown files at the top, and those of the book of the demo, and of the data of tests.
fn pages(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for folder in ["", "demo", "docs", "docs/reference", "tests/data"] {
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ext| ext == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Targets of the inline links of a page that lead to files, without the place in them.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("](").skip(1);
    let all = after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    all.filter(|target| !target.contains("://"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_files_that_links_lead_to() {
        let text =
            "[a](a.md) ![b](img/b.svg) [c](https://example.com/c) [d](d.md#place) [e](#here)";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["a.md", "img/b.svg", "d.md"]);
    }

    #[test]
    fn every_link_leads_somewhere() {
        assert_eq!(broken(&crate::root()).expect("the pages can be read"), [""; 0]);
    }

    #[test]
    fn the_summary_lists_every_page_of_the_book() {
        let book = crate::root().join("docs");
        let summary = fs::read_to_string(book.join("SUMMARY.md")).expect("there is one");
        for page in pages(&crate::root()).expect("the pages can be read") {
            let Ok(name) = page.strip_prefix(&book) else { continue };
            let listed =
                name == Path::new("SUMMARY.md") || targets(&summary).any(|t| name == Path::new(t));
            assert!(listed, "{} is not in SUMMARY.md", name.display());
        }
    }
}
