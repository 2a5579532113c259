//! `a startswith x or a startswith y or ...` is `a startswith anyof (x, y, ...)`, which one pass
//! over the value answers.

use super::Map;
use crate::{
    fields::{FieldTraits, find},
    filter::ast::{Check, Expr, Operand, Operator, Quantifier, Right},
};

/// Fewest comparisons that are worth it.
const FEWEST: usize = 3;

/// The parts of an `or` that stay, and comparisons of one value each that stand for several.
pub(super) fn merged(parts: &[Expr]) -> (Vec<&Expr>, Vec<Check>) {
    let mut groups: Vec<(&Check, Vec<&Expr>)> = Vec::new();
    let mut places: Map<(&str, String), usize> = Map::default();
    let mut kept = Vec::new();
    for part in parts {
        let Some(check) = mergeable(part) else {
            kept.push(part);
            continue;
        };
        let key = (check.op.symbol(), check.left.to_string());
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(part),
            None => groups.push((check, vec![part])),
        }
    }
    let mut together = Vec::new();
    for (first, members) in groups {
        if members.len() < FEWEST {
            kept.extend(members);
        } else {
            together.push(any_of(first, &members));
        }
    }
    (kept, together)
}

fn mergeable(part: &Expr) -> Option<&Check> {
    let Expr::Check(check) = part else { return None };
    let fits = matches!(
        check.op,
        Operator::Eq | Operator::Startswith | Operator::Endswith | Operator::Contains
    ) && check.quantifier.is_none()
        && matches!(&check.right, Right::Literal(literal) if !literal.bytes.is_empty())
        && !is_distance(&check.left);
    fits.then_some(&**check)
}

/// A distance is compared with one value only.
fn is_distance(left: &Operand) -> bool {
    match left {
        Operand::Field { name, .. } => {
            find(&name.text).is_some_and(|field| field.traits.contains(FieldTraits::AT_MOST))
        }
        _ => false,
    }
}

fn any_of(first: &Check, members: &[&Expr]) -> Check {
    let literals = members.iter().filter_map(|part| match part {
        Expr::Check(check) => match &check.right {
            Right::Literal(literal) => Some(literal.clone()),
            _ => None,
        },
        _ => None,
    });
    let right = Right::List(literals.collect());
    let (op, quantifier) = match first.op {
        Operator::Eq => (Operator::In, None),
        op => (op, Some(Quantifier::AnyOf)),
    };
    Check { op, quantifier, right, ..first.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::parse::parse;

    #[test]
    fn comparisons_of_one_value_become_one() {
        let cases = [
            ("a.b = x or a.b = y or a.b = z", "a.b in (x, y, z)"),
            (
                "a.b startswith x or c.d = 1 or a.b startswith y or a.b startswith z",
                "c.d = 1; a.b startswith anyof (x, y, z)",
            ),
            (
                "evt.around = 1 or evt.around = 2 or evt.around = 3",
                "evt.around = 1; evt.around = 2; evt.around = 3",
            ),
            ("a.b = x or a.b = y or a.b != z", "a.b != z; a.b = x; a.b = y"),
            (
                "a.b contains x or a.c contains y or a.b endswith z",
                "a.b contains x; a.c contains y; a.b endswith z",
            ),
        ];
        for (text, expected) in cases {
            let Ok(Expr::Or(parts)) = parse(text) else { panic!("{text}") };
            let (kept, together) = merged(&parts);
            let kept = kept.iter().map(ToString::to_string);
            let got: Vec<_> = kept.chain(together.iter().map(ToString::to_string)).collect();
            assert_eq!(got.join("; "), expected);
        }
    }
}
