//! Intervals of versions, and sets of them.

use std::fmt;

use crate::Version;

/// On which side of a version a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Just below it and all that equals it.
    Before,
    /// Just above it.
    After,
    /// Just above it and its variants: what its scheme holds to be of the same release, such as
    /// post-releases and local versions of PyPI, or all releases of an RPM's version.
    AfterVariants,
}

/// A place between versions of one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// A byte string that no key equals: keys below it are below the cut.
    key: Box<[u8]>,
    version: Box<str>,
    side: Side,
}

impl Cut {
    /// The place beside a version.
    pub fn new(version: &Version, side: Side) -> Self {
        // No key begins with another, so what is above a key is above the key and one zero; and no
        // unit of a key begins with 0xff.
        let key = match side {
            Side::Before => version.key().into(),
            Side::After => [version.key(), &[0]].concat(),
            Side::AfterVariants => [version.family(), &[0xff]].concat(),
        };
        Self { key: key.into(), version: version.as_str().into(), side }
    }

    /// The place below all keys that begin so.
    pub(crate) fn before_all(beginning: &[u8], name: &str) -> Self {
        Self { key: beginning.into(), version: name.into(), side: Side::Before }
    }

    /// The version that it is beside, as that was read or as a range implies it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it is beside that version.
    pub fn side(&self) -> Side {
        self.side
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    fn is_below(&self, version: &Version) -> bool {
        *self.key <= *version.key()
    }
}

/// All versions between two cuts. Without a cut it goes on without end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub low: Option<Cut>,
    /// Where it ends.
    pub high: Option<Cut>,
}

impl Span {
    /// All versions.
    pub const ALL: Self = Self { low: None, high: None };

    /// Whether a version lies in it, by order alone.
    pub fn contains(&self, version: &Version) -> bool {
        let above = self.low.as_ref().is_none_or(|low| low.is_below(version));
        above && self.high.as_ref().is_none_or(|high| !high.is_below(version))
    }

    fn is_empty(&self) -> bool {
        matches!((&self.low, &self.high), (Some(low), Some(high)) if low.key >= high.key)
    }

    /// What both have.
    fn intersection(&self, other: &Self) -> Self {
        let low = [&self.low, &other.low].into_iter().flatten().max_by(|a, b| a.key.cmp(&b.key));
        let high = [&self.high, &other.high].into_iter().flatten().min_by(|a, b| a.key.cmp(&b.key));
        Self { low: low.cloned(), high: high.cloned() }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = self.low.as_ref().map(|cut| match cut.side {
            Side::Before => format!(">= {}", cut.version),
            Side::After => format!("> {}", cut.version),
            Side::AfterVariants => format!("> {}*", cut.version),
        });
        let high = self.high.as_ref().map(|cut| match cut.side {
            Side::Before => format!("< {}", cut.version),
            Side::After => format!("<= {}", cut.version),
            Side::AfterVariants => format!("<= {}*", cut.version),
        });
        match (low, high) {
            (None, None) => f.write_str("*"),
            (Some(low), Some(high)) => write!(f, "{low}, {high}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(&one),
        }
    }
}

/// A set of versions of one scheme: spans in order, apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// No version.
    pub const NONE: Self = Self(Vec::new());

    /// All versions.
    pub fn all() -> Self {
        Span::ALL.into()
    }

    /// Whether a version is one of them, by order alone.
    pub fn contains(&self, version: &Version) -> bool {
        let below = |span: &Span| span.high.as_ref().is_some_and(|high| high.is_below(version));
        let index = self.0.partition_point(below);
        self.0.get(index).is_some_and(|span| span.contains(version))
    }

    /// The spans, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Span> {
        self.0.iter()
    }

    /// Whether there is no version in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What either has.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        self.0.into_iter().chain(other.0).collect()
    }

    /// What both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(&a), Some(&b)) = (mine.peek(), theirs.peek()) {
            let both = a.intersection(b);
            if !both.is_empty() {
                common.push(both);
            }
            if ends_later(a, b) {
                theirs.next()
            } else {
                mine.next()
            };
        }
        Self(common)
    }

    /// All else.
    #[must_use]
    pub fn complement(&self) -> Self {
        let ends = self.0.iter().map(|span| span.high.clone());
        let begins = self.0.iter().map(|span| span.low.clone());
        // A gap goes from one span's end to the next one's beginning; no end leaves none behind it.
        let lows = std::iter::once(None).chain(ends.map(Some));
        let highs = begins.map(Some).chain(std::iter::once(None));
        let gaps = lows.zip(highs).filter_map(|gap| match gap {
            (Some(None), _) | (_, Some(None)) => None,
            (low, high) => Some(Span { low: low.flatten(), high: high.flatten() }),
        });
        Self(gaps.filter(|gap| !gap.is_empty()).collect())
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        [span].into_iter().collect()
    }
}

/// What any of the spans has.
impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut spans: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        spans.sort_by(|a, b| begin(a).cmp(begin(b)));
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if touches(last, &span) => {
                    if ends_later(&span, last) {
                        last.high = span.high;
                    }
                }
                _ => joined.push(span),
            }
        }
        Self(joined)
    }
}

impl IntoIterator for Spans {
    type Item = Span;
    type IntoIter = std::vec::IntoIter<Span>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, span) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { " || " } else { "" })?;
            write!(f, "{span}")?;
        }
        Ok(())
    }
}

/// Where a span begins; nothing is below all keys, and is no key.
fn begin(span: &Span) -> &[u8] {
    span.low.as_ref().map_or(&[], |cut| &cut.key)
}

fn ends_later(a: &Span, b: &Span) -> bool {
    match (&a.high, &b.high) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(a), Some(b)) => a.key > b.key,
    }
}

/// Whether nothing is between a span and one that does not begin before it.
fn touches(first: &Span, second: &Span) -> bool {
    first.high.as_ref().is_none_or(|high| *high.key >= *begin(second))
}
