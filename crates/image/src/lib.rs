//! Anything with a file tree: folders, layers of images, archives of them.
//!
//! A tree is walked once, from front to back. A [`Visitor`] is told of each entry by its name and kind,
//! says whether it wants the bytes of a file, and gets them while the walk is there. Nothing outside the
//! tree is read, nothing is written, and what is odd about one entry is told as a [`Problem`] while the
//! walk goes on.
//!
//! - `entry`: what an entry is, and how names within a tree are written.
//! - `visit`: who is told what on a walk.
//! - `at`: a file that is read from a place of one's own.
//! - `content`: the bytes of a file, to be read from any place.
//! - `folder`: a folder of this machine; `regular`: files of one that nothing leads out of.
//! - `tar`: a layer.
//! - `compression`: what wraps a layer.
//! - `disk`: disks of virtual machines.
//! - `digest`: names of contents, checked while they are read.
//! - `store`: images where container engines keep them.
//! - `hub`: Docker Hub.
//! - `reference`: names of images in registries.
//! - `archive`: images: layouts of the Open Container Initiative, and what `docker save` writes.

mod archive;
mod at;
mod compression;
mod content;
mod digest;
mod disk;
mod entry;
mod error;
mod folder;
pub mod hub;
mod reference;
mod regular;
mod spool;
mod store;
mod tar;
mod visit;

pub use archive::{Blob, Config, Contents, Image, Instruction, Layer, Platform, Role, Source};
pub use at::At;
pub use compression::Compression;
pub use content::{Content, Part};
pub use digest::{Digest, Digester};
pub use disk::Disk;
pub use entry::{Entry, Kind, tidy};
pub use error::Error;
pub use folder::{Bounds, Folder};
pub use reference::{BadReference, Reference};
pub use regular::read_short;
pub use spool::Spool;
pub use store::{
    Containers, ContentStore, DockerStore, Held, NamedImages, Opened, Rebuilt, Sought,
    containerd_names, seek,
};
pub use tar::walk_layer;
pub use visit::{Problem, Visitor, Want, Whiteout};
