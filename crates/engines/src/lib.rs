//! What container engines say of a container: its name, image, labels, mounts, pod.
//!
//! The events of a recording name a container by its id alone, which the control group of a thread
//! tells. Everything else is known to the engine that runs it. [`Engines::ask`] notes a question and
//! returns at once; a thread of its own asks, and [`Answers`] hands out what it learned: the JSON of
//! a container event, with the keys that Falco's container plugin writes and `state` reads.
//!
//! A question goes through
//!
//! - `book`: whether it needs asking at all: what is under way is not asked twice, what no engine
//!   knew is not asked again for a while, and what is too much is dropped and counted;
//! - `worker`: who may know (`sources`, and for users' own engines `users`), how fast is asked
//!   (`pace`), how often again: a container has a control group before its engine tells of it;
//! - `source`: one socket or folder, and how it fares: one that hangs or is gone is left alone for a
//!   while, and no other waits for it;
//! - one folder for each way to ask: `docker` (Docker's API, which Podman has as well), `cri`
//!   (Kubernetes' runtimes), `containerd` (its own API) and `storage` (the files of Podman and
//!   CRI-O, for Podman mostly runs without a daemon);
//! - `images`: which images an engine has, asked by whoever waits for that;
//! - `description`: what was learned, as JSON of bounded length.
//!
//! What engines and their files say is hostile: images carry labels that anybody wrote, and a user's
//! own engine is in that user's hands. Answers are bounded in bytes and time ([`Limits`]), files are
//! opened so that no link and no mount leads elsewhere (`place`), and [`parse`] has everything that
//! reads bytes, as pure functions.
//!
//! The transports are `hyper` over Unix sockets on a `tokio` runtime of one thread. HTTP/1.1 and
//! HTTP/2 come from one crate that way, and the unary calls of gRPC are a prefix of five bytes and a
//! trailer on top of the latter: `tonic` would bring nine crates more and take 1.8 times as long to
//! build, for that alone. Messages are `prost` structs that have the fields which are read, so no
//! compiler of `.proto` files is needed.

mod book;
mod containerd;
mod cri;
mod description;
mod docker;
mod engines;
mod failure;
mod figures;
mod grpc;
mod hint;
mod http;
mod image;
pub mod images;
mod lenient;
mod oci;
mod pace;
pub mod parse;
mod place;
mod settings;
mod source;
mod sources;
mod storage;
mod task;
mod users;
mod worker;

pub use description::Engine;
pub use engines::{Answer, Answers, Asked, Engines};
pub use figures::{Figures, Reach, SourceFigures};
pub use hint::{Apis, Hint};
pub use settings::{Api, Limits, Settings, SourceSettings};
