//! What Maven projects ask for: `pom.xml` (Maven's description of its POM).
//!
//! A project has much from those above it: versions, properties, dependencies. Those that are in the same
//! tree are put together with it when all is read ([`finish`]).

use std::collections::BTreeMap;

pub(crate) use super::project::Project;
use super::project::Projects;
use crate::{Error, Extractor, Package, Pattern, Setting, text::xml::Element};

/// Projects.
pub(crate) const PROJECT: Extractor = Extractor {
    name: "pom",
    about: "packages that Maven projects ask for",
    setting: Setting::Declared,
    files: &[Pattern::Name("pom.xml")],
    extract: |input, found| {
        let root = Element::parse(&input.text()?)?;
        if root.name != "project" {
            return Err(Error::malformed("project of Maven", "its first element is no 'project'"));
        }
        found.pom = Some(Box::new(Project::of(&root)));
        Ok(())
    },
};

/// Lists the packages of each project, by the files that they are in.
pub(crate) fn finish<'a>(
    projects: impl Iterator<Item = (&'a [u8], &'a Project)>,
) -> BTreeMap<Vec<u8>, Vec<Package>> {
    let projects = Projects::of(projects);
    projects.paths().map(|path| (path.to_vec(), projects.packages(path))).collect()
}
