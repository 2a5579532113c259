//! What a tree of criteria says of packages.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::document::{Criteria, Definition, Document, State};
use crate::{Affected, Bound, Ends, Interval, Space, Status, feeds::csaf::some};

/// What comments say of releases and packages.
const PROCESSOR: &str = "Oracle Linux arch is ";
const INSTALLED: &str = " is installed";
const NOT_AFFECTED: &str = " is not affected";
const EARLIER: &str = " is earlier than ";
const AFFECTED: &str = " is affected";

/// Bytes that a statement takes beside its texts.
const STATEMENT_BYTES: usize = 64;

/// What holds of everything below a place in the tree.
#[derive(Clone, Default)]
struct Given {
    spaces: Rc<BTreeSet<Space>>,
    module: String,
    processor: String,
}

/// What a definition says of packages of each release.
pub(super) type Said = BTreeMap<Space, Vec<Affected>>;

/// It says more than it may.
#[derive(Debug)]
pub(super) struct TooMuch;

/// What is found of a definition.
struct Finding<'a> {
    document: &'a Document,
    /// What is said of each release, and for which processors each is told.
    found: BTreeMap<Space, BTreeMap<Affected, BTreeSet<String>>>,
    /// So many bytes may still be said: each package is told of for each release.
    left: usize,
}

/// What a definition says of packages, each once. What that is in bytes is taken from what may be said.
pub(super) fn affected(
    definition: &Definition,
    document: &Document,
    left: &mut usize,
) -> Result<Said, TooMuch> {
    let mut finding = Finding { document, found: BTreeMap::new(), left: *left };
    if let Some(criteria) = definition.criteria.as_ref().filter(|_| definition.is_applicable) {
        finding.below(criteria, &Given::default())?;
    }
    // Each release's advisory has them.
    let names = definition.references.iter().chain(&definition.vectors);
    let names: usize = names.map(|name| name.len() + STATEMENT_BYTES).sum();
    finding.take(names.saturating_mul(finding.found.len()))?;
    *left = finding.left;
    let told = |(affected, of): (Affected, BTreeSet<String>)| Affected {
        processors: some(&of.iter().map(String::as_str).collect()),
        ..affected
    };
    let found = finding.found.into_iter();
    Ok(found.map(|(space, of)| (space, of.into_iter().map(told).collect())).collect())
}

impl Given {
    /// With what all of these say: a release, or any of several, and a stream of a module.
    fn with(&self, children: &[Criteria]) -> Self {
        let mut given = self.clone();
        for child in children {
            let spaces = releases(child);
            if !spaces.is_empty() {
                given.spaces = Rc::new(spaces);
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

impl Finding<'_> {
    fn below(&mut self, criteria: &Criteria, given: &Given) -> Result<(), TooMuch> {
        match criteria {
            Criteria::Any(children) => {
                children.iter().try_for_each(|child| self.below(child, given))
            }
            Criteria::All(children) => {
                let given = given.with(children);
                let (leaves, others): (Vec<&Criteria>, Vec<&Criteria>) =
                    children.iter().partition(|child| matches!(child, Criteria::Test { .. }));
                self.together(&leaves, &given)?;
                others.into_iter().try_for_each(|child| self.below(child, &given))
            }
            Criteria::Test { .. } => self.together(&[criteria], given),
        }
    }

    /// Tests that all have to hold: two of one package are the ends of one interval.
    fn together(&mut self, leaves: &[&Criteria], given: &Given) -> Result<(), TooMuch> {
        let mut packages: BTreeMap<&str, (Interval, Status)> = BTreeMap::new();
        let mut spaces = Rc::clone(&given.spaces);
        for leaf in leaves {
            let Criteria::Test { id, comment } = leaf else { continue };
            if release(comment).is_some() {
                continue;
            }
            let Some((package, end)) = tested(id, comment, self.document) else { continue };
            if given.spaces.is_empty() {
                let named = end.as_ref().and_then(|end| of_version(&end.bound().version));
                Rc::make_mut(&mut spaces).extend(named);
            }
            let (is_denied, is_told) =
                (comment.ends_with(NOT_AFFECTED), comment.ends_with(AFFECTED));
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
            self.tell(package, &interval, status, &spaces, given)?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        package: &str,
        interval: &Interval,
        status: Status,
        spaces: &BTreeSet<Space>,
        given: &Given,
    ) -> Result<(), TooMuch> {
        let ends = interval.low.iter().chain(&interval.high);
        let texts = package.len() + given.module.len() + given.processor.len();
        let texts = texts + ends.map(|bound| bound.version.len()).sum::<usize>();
        for space in spaces {
            self.take(texts + space.as_str().len() + STATEMENT_BYTES)?;
            let affected = Affected {
                space: space.clone(),
                package: package.to_owned(),
                module: given.module.clone(),
                status,
                intervals: vec![interval.clone()],
                ..Affected::default()
            };
            let of_space = self.found.entry(space.clone()).or_default();
            of_space.entry(affected).or_default().insert(given.processor.clone());
        }
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(bytes).ok_or(TooMuch)?;
        Ok(())
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
