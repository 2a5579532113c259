//! Threads: where they are kept, which process they belong to, who their parent is.
//!
//! - [`table`]: threads by id.
//! - [`groups`]: the threads of each process; [`facts`]: the same, to be told and given back.
//! - [`lineage`]: parents, children, and who takes the children of the dead.

mod facts;
mod groups;
mod lineage;
mod table;

pub(crate) use facts::GroupFacts;
pub(crate) use groups::GroupKey;
pub(crate) use lineage::RecentExits;
pub(crate) use table::{Key, Table};
