//! Elixir's requirements: `~> 1.2 and != 1.2.5 or >= 2.0.0`.
//!
//! Source: the documentation of Elixir's `Version`. A version alone is itself. `~>` is at least this,
//! and below the version whose last number but one is the next, whose prereleases do not count; other
//! prereleases do.

use super::{
    Alternative, Reader, all_of,
    op::{Op, between},
    partial::Partial,
    spans::Spans,
};
use crate::{Error, schemes::semver};

const EXPECTED: &str = "requirements such as ~> 1.2 or >= 1.0.0 and < 2.0.0";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    let words: Vec<&str> = reader.whole.split_whitespace().collect();
    let alternatives = words.split(|word| matches!(*word, "or" | "||"));
    alternatives.map(|words| Ok(alternative(reader, words)?.into())).collect()
}

fn alternative(reader: Reader<'_>, words: &[&str]) -> Result<Spans, Error> {
    let requirements = words.split(|word| *word == "and");
    let spans = requirements.map(|words| requirement(reader, &words.concat()));
    Ok(all_of(spans.collect::<Result<Vec<_>, _>>()?))
}

fn requirement(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let wrong = || reader.error(text, EXPECTED);
    if let Some(version) = text.strip_prefix("~>") {
        let (numbers, rest) = semver::numbers(version);
        let (held, zero) = match numbers.len() {
            2 => (1, ".0"),
            3 => (2, ""),
            _ => return Err(wrong()),
        };
        let whole = format!("{}{zero}{rest}", numbers.join("."));
        let partial = Partial::of(&whole).filter(Partial::is_full).ok_or_else(wrong)?;
        return Ok(between(&partial.floor(reader)?, &partial.above(held, reader)?));
    }
    let (op, version) = match text.strip_prefix('!') {
        Some(version) if !version.starts_with('=') => (Some(Op::Unequal), version),
        _ => Op::leading(text),
    };
    Partial::of(version).filter(Partial::is_full).ok_or_else(wrong)?;
    Ok(op.unwrap_or(Op::Equal).spans(&reader.version(version)?))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn requirements_are_spans() {
        spans(
            Scheme::Hex,
            &[
                ("~> 2.1", ">= 2.1.0, < 3.0.0-0"),
                ("~> 2.1.3-dev", ">= 2.1.3-dev, < 2.2.0-0"),
                (">= 1.0.0 and < 2.0.0 or == 3.0.0", ">= 1.0.0, < 2.0.0 || >= 3.0.0, <= 3.0.0"),
            ],
        );
        range(Scheme::Hex, "> 1.0.0 and != 1.5.0", &["1.4.0", "2.0.0-rc"], &["1.5.0", "1.0.0"]);
        no_ranges(
            Scheme::Hex,
            &[("~> 1", "~>1"), ("~>= 1.2", "~>=1.2"), (">= 1.0", ">=1.0"), ("1.0.0 and", "''")],
        );
    }
}
