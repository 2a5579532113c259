//! Problems as commands of GitHub Actions, which shows them in the files.

use std::io::{self, Write};

use rules::load::Problem;

use super::found::{Found, severity};

/// Most problems that are listed.
const MOST: usize = 1000;

/// Prints what was found.
pub(super) fn print(found: &Found, out: &mut impl Write) -> io::Result<()> {
    for problem in found.shown(MOST) {
        writeln!(out, "{}", one(found, problem))?;
    }
    Ok(())
}

fn one(found: &Found, problem: &Problem) -> String {
    let place = found.place(problem.diagnostic.span, problem.code);
    let mut line = format!("::{} file={}", severity(problem), property(place.file));
    if let Some((start, end)) = place.lines {
        line.push_str(&format!(",line={},col={}", start.line, start.column));
        line.push_str(&format!(",endLine={},endColumn={}", end.line, end.column));
    }
    let code = problem.code.name();
    line.push_str(&format!(",title={}::{}", property(code), data(&problem.diagnostic.text())));
    line
}

/// Text behind the last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C").replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_begins_another_command_or_property() {
        assert_eq!(property("a,b\n::error::c%0A\x1b"), "a%2Cb%0A%3A%3Aerror%3A%3Ac%250A ");
        assert_eq!(data("50%\r\n::warning::x"), "50%25%0D%0A::warning::x");
    }
}
