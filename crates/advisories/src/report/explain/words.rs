//! What an advisory says, and what follows of it, in words.

use std::cmp::Ordering;

use versions::Scheme;

use crate::{
    Affected, Status,
    matching::{Comparison, Line, OfFlaw, Reading, Role, Weight},
};

/// Most intervals, versions or comparisons that are told of one line; JSON has all.
const MOST: usize = 8;

/// What it says: `affected: < 1.2-4`, and of which packages, where not of all.
pub(super) fn says(affected: &Affected) -> String {
    let mut parts: Vec<String> = affected.intervals.iter().map(ToString::to_string).collect();
    if !affected.versions.is_empty() {
        let count = affected.versions.len();
        let all = if count == 1 { "the version".to_owned() } else { format!("{count} versions:") };
        parts.push(format!("{all} {}", some(&affected.versions, ", ")));
    }
    let which = match (parts.is_empty(), affected.status) {
        (true, Status::NotAffected) => "all versions".to_owned(),
        (true, _) => "no versions".to_owned(),
        (false, _) => some(&parts, " or "),
    };
    let mut told = format!("{}: {which}", status(affected.status));
    if !affected.module.is_empty() {
        told += &format!(", of the stream {}", affected.module);
    }
    if !affected.processors.is_empty() {
        told += &format!(", for {}", affected.processors.join(", "));
    }
    if let Some(level) = affected.level {
        told += &format!("; {}", level.name());
    }
    told
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Affected => "affected",
        Status::NotAffected => "not affected",
        Status::WillNotFix => "affected, and will not be mended",
        Status::Deferred => "affected, and will be mended some day",
        Status::EndOfLife => "affected, and nobody looks after it any more",
        Status::UnderInvestigation => "under investigation",
    }
}

/// How it was read: the comparison that was done, and what that gives.
pub(super) fn reading(line: &Line, processor: &str) -> String {
    let order = order(line.scheme);
    let compared = comparisons(&line.comparisons);
    match line.reading {
        Reading::OtherModule => {
            let of = |module: &str| match module {
                "" => "of no stream of a module".to_owned(),
                module => format!("of the stream {module}"),
            };
            let (told, own) = (of(&line.affected.module), of(&line.module));
            format!("it is {told}, and the package {own}")
        }
        Reading::OtherProcessor => {
            let told = line.affected.processors.join(", ");
            format!("it is for {told}, and the package for {processor}")
        }
        Reading::OtherVariant => {
            "it is for another variant (ksplice, FIPS), which has versions of its own".to_owned()
        }
        Reading::OtherVersions => {
            format!("{} is none of the versions that it says so of", line.version)
        }
        Reading::NotAffected => "whoever makes it says that it has not the flaw".to_owned(),
        Reading::Within(_) if compared.is_empty() => {
            format!("every version has the flaw{}", mended_by(line))
        }
        Reading::Within(_) => format!("{compared} {order}: it has the flaw{}", mended_by(line)),
        Reading::Listed => {
            format!("{} is one of these: it has the flaw{}", line.version, mended_by(line))
        }
        Reading::Mended => format!("{compared} {order}: it has what mends the flaw"),
        Reading::MendedInStream => {
            format!("{compared} {order}: it has what mends the flaw in its stream")
                .trim()
                .to_owned()
        }
        Reading::OtherStream => format!("{compared} {order}: it is above what another stream has"),
        Reading::Outside if compared.is_empty() => {
            format!("{} is none of these versions", line.version)
        }
        Reading::Outside => format!("{compared} {order}: it is outside"),
    }
}

fn mended_by(line: &Line) -> String {
    line.fixed.as_ref().map_or_else(String::new, |fixed| format!(", and {fixed} mends it"))
}

/// By whose order: `by the order of dpkg`.
fn order(scheme: Scheme) -> String {
    format!("by the order of {}", scheme.name())
}

fn comparisons(all: &[Comparison]) -> String {
    let told: Vec<String> = all.iter().map(comparison).collect();
    some(&told, " and ")
}

/// `1.2-3 < 1.2-4`.
fn comparison(it: &Comparison) -> String {
    let sign = match it.order {
        Some(Ordering::Less) => "<",
        Some(Ordering::Equal) => "=",
        Some(Ordering::Greater) => ">",
        None => return format!("{} is no version that could be compared", it.told),
    };
    format!("{} {sign} {}", it.installed, it.told)
}

/// What became of it.
pub(super) fn weight(line: &Line, flaw: &OfFlaw) -> String {
    let is_found = flaw.finding.is_some();
    match line.weight {
        Weight::Counts => "counts: the finding is made of it".to_owned(),
        Weight::Silent if line.role == Role::Backport => {
            "says nothing here: it is for others, of whom only the fixes that a package has count"
                .to_owned()
        }
        Weight::Silent => "makes no finding".to_owned(),
        Weight::Denies if is_found => {
            "does not count: the same feed says as well that it is there".to_owned()
        }
        Weight::Denies => "counts: what others say is no finding".to_owned(),
        Weight::Mends if is_found => {
            "does not count: a later erratum of the same line mends what it left".to_owned()
        }
        Weight::Mends => "counts: what others list again is no finding".to_owned(),
        Weight::DeniedBy(by) => format!("does not count: {} denies it", by + 1),
        Weight::MendedBy(by) => format!("does not count: by {} it is mended", by + 1),
    }
}

fn some(all: &[String], between: &str) -> String {
    let shown = all.get(..all.len().min(MOST)).unwrap_or_default().join(between);
    match all.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{shown}{between}{more} more"),
        _ => shown,
    }
}
