//! What a tree of criteria says of packages.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Criteria, Definition, Document, State};
use crate::{Affected, Bound, Ends, Interval, Space, Status, feeds::csaf::some};

/// What comments say of releases and packages.
const PROCESSOR: &str = "Oracle Linux arch is ";
const INSTALLED: &str = " is installed";
const NOT_AFFECTED: &str = " is not affected";
const EARLIER: &str = " is earlier than ";
const AFFECTED: &str = " is affected";

/// What holds of everything below a place in the tree.
#[derive(Clone, Default)]
struct Given {
    spaces: BTreeSet<Space>,
    module: String,
    processor: String,
}

/// What was found, and for which processors each is told.
type Found = BTreeMap<Affected, BTreeSet<String>>;

/// What a definition says of packages, each once.
pub(super) fn affected(definition: &Definition, document: &Document) -> Vec<Affected> {
    let mut found = Found::new();
    if let Some(criteria) = definition.criteria.as_ref().filter(|_| definition.is_applicable) {
        below(criteria, &Given::default(), document, &mut found);
    }
    let told = found.into_iter().map(|(affected, of)| Affected {
        processors: some(&of.iter().map(String::as_str).collect()),
        ..affected
    });
    told.collect()
}

fn below(criteria: &Criteria, given: &Given, document: &Document, found: &mut Found) {
    match criteria {
        Criteria::Any(children) => {
            children.iter().for_each(|child| below(child, given, document, found));
        }
        Criteria::All(children) => {
            let given = given.with(children);
            let (leaves, others): (Vec<&Criteria>, Vec<&Criteria>) =
                children.iter().partition(|child| matches!(child, Criteria::Test { .. }));
            together(&leaves, &given, document, found);
            others.into_iter().for_each(|child| below(child, &given, document, found));
        }
        Criteria::Test { .. } => together(&[criteria], given, document, found),
    }
}

impl Given {
    /// With what all of these say: a release, or any of several, and a stream of a module.
    fn with(&self, children: &[Criteria]) -> Self {
        let mut given = self.clone();
        for child in children {
            let spaces = releases(child);
            if !spaces.is_empty() {
                given.spaces = spaces;
            }
            if let Criteria::Test { comment, .. } = child {
                let module = comment.strip_prefix("Module ");
                let module = module.and_then(|it| it.strip_suffix(" is enabled"));
                given.module = module.map_or(given.module, str::to_owned);
                if let Some(processor) = comment.strip_prefix(PROCESSOR) {
                    processor.clone_into(&mut given.processor);
                }
            }
        }
        given
    }
}

/// The releases that are named, where nothing else is.
fn releases(criteria: &Criteria) -> BTreeSet<Space> {
    match criteria {
        Criteria::Test { comment, .. } => release(comment).into_iter().collect(),
        Criteria::Any(children) => {
            let each: Vec<BTreeSet<Space>> = children.iter().map(releases).collect();
            match each.iter().any(BTreeSet::is_empty) {
                true => BTreeSet::new(),
                false => each.into_iter().flatten().collect(),
            }
        }
        Criteria::All(_) => BTreeSet::new(),
    }
}

/// `SUSE Linux Enterprise Server 15 SP1 is installed`, `Oracle Linux 8 is installed`.
fn release(comment: &str) -> Option<Space> {
    let name = comment.strip_suffix(INSTALLED)?;
    let of = |family: &str, rest: &str| Space::of_osv(&format!("{family}:{rest}"));
    if let Some(rest) = name.strip_prefix("SUSE ") {
        return Some(of("SUSE", rest));
    }
    if let Some(rest) = name.strip_prefix("openSUSE ") {
        return Some(of("openSUSE", rest));
    }
    let rest = name.strip_prefix("Oracle Linux ")?;
    rest.bytes().all(|byte| byte.is_ascii_digit()).then(|| of("Oracle Linux", rest))
}

/// Tests that all have to hold: two of one package are the ends of one interval.
fn together(leaves: &[&Criteria], given: &Given, document: &Document, found: &mut Found) {
    let mut packages: BTreeMap<&str, (Interval, Status)> = BTreeMap::new();
    let mut spaces = given.spaces.clone();
    for leaf in leaves {
        let Criteria::Test { id, comment } = leaf else { continue };
        if release(comment).is_some() {
            continue;
        }
        let Some((package, end)) = tested(id, comment, document) else { continue };
        if given.spaces.is_empty() {
            spaces.extend(end.as_ref().and_then(|end| of_version(&end.bound().version)));
        }
        let (is_denied, is_told) = (comment.ends_with(NOT_AFFECTED), comment.ends_with(AFFECTED));
        if end.is_none() && !is_denied && !is_told {
            continue;
        }
        let (interval, status) = packages.entry(package).or_default();
        match end {
            _ if is_denied => *status = Status::NotAffected,
            Some(End::Low(bound)) => interval.low = Some(bound),
            Some(End::High(bound)) => interval.high = Some(bound),
            None => {}
        }
    }
    for (package, (interval, status)) in packages {
        for space in &spaces {
            let affected = Affected {
                space: space.clone(),
                package: package.to_owned(),
                module: given.module.clone(),
                status,
                intervals: vec![interval.clone()],
                ..Affected::default()
            };
            found.entry(affected).or_default().insert(given.processor.clone());
        }
    }
}

/// The package that a criterion is of, and what its version is compared with; as its test says, else, where
/// a file leaves tests out, as its comment does: `bind is earlier than 30:9.3.3-8.el5`.
fn tested<'a>(
    id: &str,
    comment: &'a str,
    document: &'a Document,
) -> Option<(&'a str, Option<End>)> {
    if let Some((package, state)) = document.test(id) {
        return Some((package, end(state)));
    }
    let (package, version) = comment.split_once(EARLIER)?;
    let bound = Bound { version: version.trim().to_owned(), ends: Ends::Without };
    Some((package, Some(End::High(bound))))
}

/// An end of an interval.
enum End {
    Low(Bound),
    High(Bound),
}

impl End {
    fn bound(&self) -> &Bound {
        match self {
            Self::Low(bound) | Self::High(bound) => bound,
        }
    }
}

/// What a state says; `None` where it compares no versions.
fn end(state: &State) -> Option<End> {
    let at = |ends| Bound { version: state.version.clone(), ends };
    Some(match state.operation.as_str() {
        // Some of SUSE's have the number that their program has for it.
        "less than" | "6" => End::High(at(Ends::Without)),
        "less than or equal" => End::High(at(Ends::Within)),
        "greater than" => End::Low(at(Ends::Without)),
        "greater than or equal" => End::Low(at(Ends::Within)),
        _ => return None,
    })
}

/// Azure Linux marks versions by its release: `1.20.7-1.cm2`, `1.22-1.azl3`.
fn of_version(version: &str) -> Option<Space> {
    let (_, mark) = version.rsplit_once('.')?;
    let number = mark.strip_prefix("cm").or_else(|| mark.strip_prefix("azl"))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Space::release("Azure Linux", &format!("{number}.0")))
}
