//! What is installed in a tree of files: an exact inventory of packages.
//!
//! ```text
//! image: a walk over layers ──► Collector ──► extractors: packages of one file ──► Inventory ──► report
//! ```
//!
//! A [`Collector`] is told of each entry of a walk. Extractors say by name alone which files they read;
//! those are read once, while the walk is there, and what each has is kept under its name. Layers above
//! replace and hide what is below. At the end, what is left is put together: distribution, packages with
//! the layers that they came with, licences, and executables that no package owns.
//!
//! - `package`: what is known of a package; `purl`: its package URL.
//! - `extractor`: what an extractor is; `extractors`: all of them, one file each.
//! - `text`: forms that several of them read.
//! - `collector`: files of a walk, as layers leave them; `dispatch`: which extractors read one.
//! - `project`: what files of one project say together: which packages only developers need.
//! - `inventory`: what is left, put together.
//! - `owners`: whose files some paths are, where that is asked.
//! - `distro`: the distribution.
//! - `eol`: until when it is supported.
//! - `bytes`: numbers and pages of files that are no text.
//! - `diff`: what changed from one inventory to another.
//! - `report`: inventories as documents.
//! - `sbom`: documents, of this program and of others, as inventories.
//! - `licence`: names of licences.

mod bytes;
mod collector;
mod diff;
mod dispatch;
mod distro;
mod eol;
mod error;
mod extractor;
pub mod extractors;
mod inventory;
mod licence;
mod owners;
mod package;
mod project;
mod purl;
mod report;
pub mod sbom;
mod text;

pub use collector::Collector;
pub use diff::{Change, Diff, Place, Places, What, diff};
pub use distro::Distro;
pub use eol::{Calendar, Day, EndOfLife, Extended, Support};
pub use error::Error;
pub use extractor::{Extractor, Found, Input, OwnedRange, Pattern, Setting};
pub use inventory::{Base, Executable, How, Inventory, LayerInfo, Origin, Trouble};
pub use owners::{ByKernel, Owned, Owners, owners};
pub use package::{Kind, Location, Package, Source};
pub use project::{Ask, Graph, Manifest, Role, Scope};
pub use purl::{Url, purl};
pub use report::{
    FORMAT, Form, More, Purpose, Subject, base_object, distro_object, package_object,
    problem_objects, references, uuid, write, write_cyclonedx,
};
