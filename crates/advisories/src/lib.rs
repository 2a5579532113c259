//! What is known to be wrong with packages.
//!
//! ```text
//! files of feeds ──► feeds: Advisory by Advisory ──► db: a part for each feed, in one folder
//!                                                        │
//! scan: Inventory ──► matching: which spaces, which names ┴─► Findings ──► report
//! ```
//!
//! - `record`: what a feed says; `rating`: how bad that is.
//! - `space`: where packages of one name are; `ecosystem`: a row for each ecosystem and distribution.
//! - `feeds`: what others publish, one file each; `update`: takes it from where that is.
//! - `db`: what is kept of them; `pages`: what need not be, as ids lead there.
//! - `matching`: what of it an inventory has.
//! - `vex`: what makers and users say of that; `ignore`: what whoever asks does not want to hear of.
//! - `report`: findings as documents.

mod codenames;
pub mod db;
mod ecosystem;
mod error;
pub mod feeds;
pub mod ignore;
mod interval;
pub mod matching;
mod pages;
mod rating;
mod record;
pub mod report;
mod space;
pub mod update;
pub mod vex;

pub use error::Error;
pub use rating::{Generation, Rating, Says, Score, score};
pub use record::{
    Advisory, Affected, Bound, Ends, Exploited, Interval, Level, Likelihood, Nature, Status,
};
pub use space::Space;
