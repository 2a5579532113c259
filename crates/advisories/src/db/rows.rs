//! What a part keeps, as rows of its two tables: by packages, which advisories say what of which versions;
//! by ids, what advisories say beside. The first names advisories by their places in the second.

use super::codec::{Bytes, put, put_text, put_texts};
use crate::{
    Affected, Bound, Ends, Exploited, Interval, Level, Likelihood, Nature, Rating, Says, Space,
    Status,
};

/// What an advisory says of one package.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The advisory's id.
    pub id: String,
    /// What it says. Its space and package are those that were asked for.
    pub affected: Affected,
}

/// As an entry, of an advisory that is named by its place among those of its part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Statement {
    pub(crate) advisory: u32,
    pub(crate) affected: Affected,
}

/// What an advisory says beside.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// Other names of the same flaw.
    pub aliases: Vec<String>,
    /// Flaws that it mends, where it is an erratum.
    pub covers: Vec<String>,
    /// What it is of.
    pub nature: Nature,
    /// Whether somebody with a say doubts that it is a flaw.
    pub is_disputed: bool,
    /// When it was taken back; empty where it was not.
    pub withdrawn: String,
    /// One line for people.
    pub summary: String,
    /// How bad it is, by whom.
    pub ratings: Vec<Rating>,
    /// Where more is said.
    pub references: Vec<String>,
    /// When it was published.
    pub published: String,
    /// Whether it is known to be used by attackers.
    pub exploited: Option<Exploited>,
    /// How likely it is used by attackers.
    pub likelihood: Option<Likelihood>,
    /// When it was last changed; of several of one id that are records, the latest counts.
    pub(crate) modified: Moment,
    /// Whether it came with all that its feed has, or by itself.
    pub(crate) came: Came,
}

/// How an advisory came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Came {
    /// With all that its feed has: it goes when that has it no more.
    #[default]
    Whole,
    /// By itself: it stays, until it is told that it was changed.
    Alone,
}

/// A time to the second, as far as a feed tells it; without zones, which feeds do not have. Zero is unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Moment(u64);

impl Moment {
    /// The one that a text begins with: `2026-01-02T03:04:05`, or a day.
    pub(crate) fn of(text: &str) -> Self {
        let number = |at: usize, length: usize| {
            let digits = text.as_bytes().get(at..at + length)?;
            let digit = |it: &u8| it.is_ascii_digit().then(|| u64::from(it - b'0'));
            digits.iter().try_fold(0, |number, it| Some(number * 10 + digit(it)?))
        };
        let Some((year, month, day)) =
            number(0, 4).zip(number(5, 2)).zip(number(8, 2)).map(|((y, m), d)| (y, m, d))
        else {
            return Self::default();
        };
        let [hour, minute, second] = [11, 14, 17].map(|at| number(at, 2).unwrap_or(0));
        Self(((((year * 13 + month) * 32 + day) * 25 + hour) * 61 + minute) * 62 + second)
    }
}

/// The key of a package in a space: what releases of a distribution say of a package, which is mostly the same,
/// stands side by side. No name has a zero.
pub(crate) fn package_key(space: &Space, package: &str) -> Vec<u8> {
    [space.tidy(package).as_bytes(), &[0], space.as_str().as_bytes()].concat()
}

/// The package and the space of a key.
pub(crate) fn of_key(key: &[u8]) -> (&[u8], &[u8]) {
    let at = key.iter().position(|byte| *byte == 0);
    let (package, space) = at.and_then(|at| key.split_at_checked(at)).unwrap_or_default();
    (package, space.get(1..).unwrap_or_default())
}

const LOW: u8 = 1;
const LOW_WITHOUT: u8 = 2;
const HIGH: u8 = 4;
const HIGH_WITHIN: u8 = 8;
/// Beside status and level: whether it is of some processors alone.
const PROCESSORS: u8 = 0x80;

/// Writes what an advisory says of a package, but for which one it is: that stands before it, as how many places it
/// is behind that of the statement before.
pub(crate) fn write_statement(affected: &Affected, out: &mut Vec<u8>) {
    let Affected { module, processors, status, intervals, versions, level, .. } = affected;
    let status = Status::ALL.iter().position(|it| it == status).unwrap_or(0);
    let level = level.and_then(|level| Level::ALL.iter().position(|it| *it == level));
    // A small number for what is there, so that most entries have one byte for all of it.
    let some = if processors.is_empty() { 0 } else { PROCESSORS };
    out.push(some | (status as u8) << 4 | level.map_or(0, |level| level as u8 + 1));
    put_text(out, module);
    if some != 0 {
        put_texts(out, processors.iter().map(String::as_str));
    }
    put(out, intervals.len() as u64);
    intervals.iter().for_each(|interval| write_interval(interval, out));
    put_texts(out, versions.iter().map(String::as_str));
}

impl Statement {
    /// Reads the one behind one of this advisory.
    pub(crate) fn read(bytes: &mut Bytes<'_>, last: u32) -> Option<Self> {
        let advisory = last.checked_add(u32::try_from(bytes.number()?).ok()?)?;
        let packed = bytes.byte()?;
        let status = *Status::ALL.get(usize::from((packed & !PROCESSORS) >> 4))?;
        let level = match usize::from(packed & 0xf).checked_sub(1) {
            Some(level) => Some(*Level::ALL.get(level)?),
            None => None,
        };
        let module = bytes.text()?.to_owned();
        let processors = if packed & PROCESSORS != 0 { bytes.texts()? } else { Vec::new() };
        let intervals = bytes.each(read_interval)?;
        let versions = bytes.texts()?;
        let (space, package) = Default::default();
        let affected =
            Affected { space, package, module, processors, status, intervals, versions, level };
        Some(Self { advisory, affected })
    }

    /// Reads all that is said of a package.
    pub(crate) fn all(mut bytes: Bytes<'_>) -> Option<Vec<Self>> {
        let (mut all, mut last) = (Vec::new(), 0);
        while !bytes.is_empty() {
            let statement = Self::read(&mut bytes, last)?;
            last = statement.advisory;
            all.push(statement);
        }
        Some(all)
    }
}

fn write_interval(interval: &Interval, out: &mut Vec<u8>) {
    let flag = |bound: &Option<Bound>, is: u8, odd: Ends, odd_flag: u8| match bound {
        Some(bound) if bound.ends == odd => is | odd_flag,
        Some(_) => is,
        None => 0,
    };
    let low = flag(&interval.low, LOW, Ends::Without, LOW_WITHOUT);
    out.push(low | flag(&interval.high, HIGH, Ends::Within, HIGH_WITHIN));
    for bound in [&interval.low, &interval.high].into_iter().flatten() {
        put_text(out, &bound.version);
    }
}

fn read_interval(bytes: &mut Bytes<'_>) -> Option<Interval> {
    let flags = bytes.byte()?;
    let mut bound = |is: u8, ends: Ends| match flags & is {
        0 => Some(None),
        _ => Some(Some(Bound { version: bytes.text()?.to_owned(), ends })),
    };
    let ends = |is_within: bool| if is_within { Ends::Within } else { Ends::Without };
    let low = bound(LOW, ends(flags & LOW_WITHOUT == 0))?;
    let high = bound(HIGH, ends(flags & HIGH_WITHIN != 0))?;
    Some(Interval { low, high })
}

const NATURES: [Nature; 5] =
    [Nature::Flaw, Nature::Malicious, Nature::Unmaintained, Nature::Unsound, Nature::Notice];
const DISPUTED: u8 = 8;
const WITHDRAWN: u8 = 16;
const EXPLOITED: u8 = 32;
const LIKELIHOOD: u8 = 64;
/// When it was changed, and how it came, stand next.
const DATED: u8 = 128;

impl Details {
    fn is_dated(&self) -> bool {
        (self.modified, self.came) != Default::default()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let nature = NATURES.iter().position(|it| *it == self.nature).unwrap_or(0);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        out.push(
            nature as u8
                | flag(self.is_disputed, DISPUTED)
                | flag(!self.withdrawn.is_empty(), WITHDRAWN)
                | flag(self.exploited.is_some(), EXPLOITED)
                | flag(self.likelihood.is_some(), LIKELIHOOD)
                | flag(self.is_dated(), DATED),
        );
        if self.is_dated() {
            put(out, self.modified.0 << 1 | u64::from(self.came == Came::Alone));
        }
        if !self.withdrawn.is_empty() {
            put_text(out, &self.withdrawn);
        }
        if let Some(Exploited { since, due, by_ransomware }) = &self.exploited {
            put_text(out, since);
            put_text(out, due);
            out.push(u8::from(*by_ransomware));
        }
        if let Some(Likelihood { score_e5, percentile_e5 }) = self.likelihood {
            put(out, score_e5.into());
            put(out, percentile_e5.into());
        }
        // What follows may all be missing, as in lists of what is exploited.
        let rest = (&self.summary, &self.published);
        if rest == (&String::new(), &String::new())
            && [&self.aliases, &self.covers, &self.references].iter().all(|it| it.is_empty())
            && self.ratings.is_empty()
        {
            return;
        }
        for texts in [&self.aliases, &self.covers, &self.references] {
            put_texts(out, texts.iter().map(String::as_str));
        }
        put_text(out, &self.summary);
        put_text(out, &self.published);
        put(out, self.ratings.len() as u64);
        self.ratings.iter().for_each(|rating| write_rating(rating, out));
    }

    pub(crate) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let flags = bytes.byte()?;
        let mut details = Self {
            nature: *NATURES.get(usize::from(flags & 7))?,
            is_disputed: flags & DISPUTED != 0,
            ..Self::default()
        };
        if flags & DATED != 0 {
            let packed = bytes.number()?;
            details.modified = Moment(packed >> 1);
            details.came = if packed & 1 == 0 { Came::Whole } else { Came::Alone };
        }
        if flags & WITHDRAWN != 0 {
            details.withdrawn = bytes.text()?.to_owned();
        }
        if flags & EXPLOITED != 0 {
            let (since, due) = (bytes.text()?.to_owned(), bytes.text()?.to_owned());
            details.exploited = Some(Exploited { since, due, by_ransomware: bytes.byte()? != 0 });
        }
        if flags & LIKELIHOOD != 0 {
            let mut number = || u32::try_from(bytes.number()?).ok();
            let (score_e5, percentile_e5) = (number()?, number()?);
            details.likelihood = Some(Likelihood { score_e5, percentile_e5 });
        }
        if bytes.is_empty() {
            return Some(details);
        }
        (details.aliases, details.covers) = (bytes.texts()?, bytes.texts()?);
        details.references = bytes.texts()?;
        details.summary = bytes.text()?.to_owned();
        details.published = bytes.text()?.to_owned();
        details.ratings = bytes.each(read_rating)?;
        Some(details)
    }
}

fn write_rating(rating: &Rating, out: &mut Vec<u8>) {
    put_text(out, &rating.source);
    match &rating.says {
        Says::Level(level) => {
            let level = Level::ALL.iter().position(|it| it == level).unwrap_or(0);
            out.push(level as u8 + 1);
        }
        Says::Vector(vector) => {
            out.push(0);
            put_text(out, vector);
        }
    }
}

fn read_rating(bytes: &mut Bytes<'_>) -> Option<Rating> {
    let source = bytes.text()?.to_owned();
    let says = match usize::from(bytes.byte()?).checked_sub(1) {
        Some(level) => Says::Level(*Level::ALL.get(level)?),
        None => Says::Vector(bytes.text()?.to_owned()),
    };
    Some(Rating { source, says })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIMES: &str =
        "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])T[01][0-9]:[0-5][0-9]:[0-5][0-9]";

    fn bound() -> impl Strategy<Value = Option<Bound>> {
        let ends = prop::sample::select(vec![Ends::Within, Ends::Without]);
        prop::option::of(("[0-9.]{0,5}", ends).prop_map(|(version, ends)| Bound { version, ends }))
    }

    fn statement() -> impl Strategy<Value = Statement> {
        let interval = (bound(), bound()).prop_map(|(low, high)| Interval { low, high });
        let told = (
            prop::sample::select(Status::ALL.to_vec()),
            prop::option::of(prop::sample::select(Level::ALL.to_vec())),
        );
        let lists =
            (prop::collection::vec(interval, 0..3), prop::collection::vec("[0-9.]{0,5}", 0..3));
        let processors = prop::collection::vec("[a-z]{0,3}", 0..3);
        (0_u32..300, ".{0,9}", processors, told, lists).prop_map(
            |(advisory, module, processors, (status, level), (intervals, versions))| Statement {
                advisory,
                affected: Affected {
                    module,
                    processors,
                    status,
                    level,
                    intervals,
                    versions,
                    ..Affected::default()
                },
            },
        )
    }

    fn details() -> impl Strategy<Value = Details> {
        let texts = || prop::collection::vec(".{0,9}", 0..3);
        let level = prop::sample::select(Level::ALL.to_vec()).prop_map(Says::Level);
        let says = prop_oneof![level, ".{0,9}".prop_map(Says::Vector)];
        let rating = (".{0,9}", says).prop_map(|(source, says)| Rating { source, says });
        let flags = (prop::sample::select(NATURES.to_vec()), any::<bool>(), ".{0,9}");
        let used = (
            prop::option::of((".{0,9}", ".{0,9}", any::<bool>())),
            prop::option::of((any::<u32>(), any::<u32>())),
        );
        let lists = (texts(), texts(), texts(), prop::collection::vec(rating, 0..3));
        let dated = (any::<u64>(), prop::sample::select(vec![Came::Whole, Came::Alone]));
        (flags, used, lists, (".{0,9}", dated), ".{0,9}").prop_map(
            |(
                (nature, is_disputed, withdrawn),
                (exploited, likelihood),
                lists,
                (summary, (modified, came)),
                published,
            )| Details {
                modified: Moment(modified >> 1),
                came,
                aliases: lists.0,
                covers: lists.1,
                references: lists.2,
                ratings: lists.3,
                nature,
                is_disputed,
                withdrawn,
                summary,
                published,
                exploited: exploited.map(|(since, due, by_ransomware)| Exploited {
                    since,
                    due,
                    by_ransomware,
                }),
                likelihood: likelihood
                    .map(|(score_e5, percentile_e5)| Likelihood { score_e5, percentile_e5 }),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(mut statements in prop::collection::vec(statement(), 0..4), details in details()) {
            statements.sort();
            let (mut out, mut last) = (Vec::new(), 0);
            for it in &statements {
                put(&mut out, u64::from(it.advisory - last));
                write_statement(&it.affected, &mut out);
                last = it.advisory;
            }
            prop_assert_eq!(Statement::all(Bytes(&out)), Some(statements));
            let mut out = Vec::new();
            details.write(&mut out);
            let mut bytes = Bytes(&out);
            prop_assert_eq!(Details::read(&mut bytes), Some(details));
        }

        #[test]
        fn moments_are_in_the_order_of_their_texts(a in TIMES, b in TIMES) {
            prop_assert_eq!(Moment::of(&a).cmp(&Moment::of(&b)), a.cmp(&b), "{} {}", a, b);
        }

        #[test]
        fn bytes_of_anything_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (Statement::all(Bytes(&bytes)), Details::read(&mut Bytes(&bytes)));
        }
    }
}
