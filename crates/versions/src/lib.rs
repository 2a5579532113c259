//! The order of versions of package ecosystems, and ranges of them. Pure: no I/O, no clock.
//!
//! Whether a package is vulnerable hangs on one question: is this version below that one? Every
//! ecosystem answers it by rules of its own. Each [`Scheme`] has a file under `schemes/` that
//! follows the ecosystem's specification or its own tool, which the file names.
//!
//! A [`Version`] is read once into a *key*: a byte string, made so that the order of keys is the
//! order of the versions, and equal keys are equal versions (`key` has the encoding). So the order
//! is total whatever the rules and the input, comparing is comparing bytes, and an index over keys
//! is an index over versions. The text stays beside it: a version prints as it was read.
//!
//! A [`Range`] is read in the ecosystem's own notation (`ranges/` has a file for each), and lowered
//! to [`Spans`]: sorted intervals between [`Cut`]s, which are places between keys. Beside them stand
//! the few rules that are not about order, such as npm's about prereleases.
//!
//! ```
//! use versions::{Range, Scheme, Version};
//!
//! let installed = Version::parse(Scheme::Dpkg, "1.2.3-1~deb12u1")?;
//! let fixed = Version::parse(Scheme::Dpkg, "1.2.3-1")?;
//! assert!(installed < fixed);
//!
//! let range = Range::parse(Scheme::Npm, "^1.2.3 || 3.x")?;
//! assert!(range.contains(&Version::parse(Scheme::Npm, "1.9.0")?));
//! assert!(!range.contains(&Version::parse(Scheme::Npm, "2.0.0-rc.1")?));
//! # Ok::<(), versions::Error>(())
//! ```

mod error;
mod key;
mod ranges;
mod scheme;
mod schemes;
#[cfg(test)]
mod testing;
mod text;
mod version;

pub use error::Error;
pub use ranges::{Cut, Event, MAX_RANGE_BYTES, Range, Side, Span, Spans};

pub use scheme::{Scheme, UnknownScheme};
pub use version::{MAX_BYTES, Version};
