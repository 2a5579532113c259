//! Ruby's requirements: `~> 1.2, >= 1.2.3, != 1.2.5`.
//!
//! Source: `Gem::Requirement` of RubyGems. A version alone is itself. `~>` is at least this, and below
//! the version whose last number but one is the next, whose prereleases do not count. Alternatives
//! with `||` between them are read besides, as advisories have them.

use super::{
    Alternative, Reader, all_of,
    op::{Op, between},
    spans::Spans,
};
use crate::{Error, schemes::gem, text};

const EXPECTED: &str = "requirements such as ~> 1.2, >= 1.2.3";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    let alternative = |text: &str| -> Result<Spans, Error> {
        let requirements = text.split(',').map(|part| requirement(reader, part.trim()));
        Ok(all_of(requirements.collect::<Result<Vec<_>, _>>()?))
    };
    reader.alternatives().map(|text| Ok(alternative(text)?.into())).collect()
}

fn requirement(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    if let Some(version) = text.strip_prefix("~>") {
        let version = reader.version(version.trim())?;
        // No prerelease is below one that is called A.
        let above = reader.version(&(bump(version.as_str()) + ".A"))?;
        return Ok(between(&version, &above));
    }
    let (op, version) = Op::leading(text);
    Ok(op.unwrap_or(Op::Equal).spans(&reader.version(version)?))
}

/// The next version: without letters and what is behind them, and without the last number unless it
/// is the only one.
fn bump(version: &str) -> String {
    let text = version.replace('-', ".pre.");
    let segments = gem::segments(&text);
    let mut numbers: Vec<&str> =
        segments.into_iter().take_while(|segment| text::is_number(segment)).collect();
    if numbers.len() > 1 {
        numbers.pop();
    }
    let next = text::successor(numbers.pop().unwrap_or(""));
    numbers.push(&next);
    numbers.join(".")
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn the_last_number_but_one_is_held() {
        spans(
            Scheme::Gem,
            &[
                ("~> 1.2", ">= 1.2, < 2.A"),
                ("~> 1.2.3", ">= 1.2.3, < 1.3.A"),
                ("~> 1", ">= 1, < 2.A"),
                ("~> 1.2.0.rc1", ">= 1.2.0.rc1, < 1.3.A"),
                (">= 1.0, != 1.5, < 2", ">= 1.0, < 1.5 || > 1.5, < 2"),
                ("1.0 || 2.0", ">= 1.0, <= 1.0 || >= 2.0, <= 2.0"),
            ],
        );
        range(Scheme::Gem, "~> 2.0", &["2.0", "2.9.a"], &["3.0.a", "2.0.rc1", "3"]);
        no_ranges(Scheme::Gem, &[("~> x+", "x+"), (">= 1,", "''")]);
    }
}
