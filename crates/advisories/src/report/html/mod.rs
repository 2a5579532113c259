//! One self-contained HTML file, for whoever has to mend what was found: opened offline, sent on, printed.
//!
//! Without its script it is a document with all that was found, details folded by `<details>`. The script adds a
//! search and the choice of what is shown.
//!
//! What a feed or a package chose can do no harm: all text goes through `markup`, which escapes it and makes
//! visible what hides; a policy in the page lets only this style and this script take effect, and lets nothing
//! be loaded.
//!
//! - `markup`: text to HTML.
//! - `parts`: heading, upgrades, findings, and what else is known.

mod markup;
mod parts;

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use self::markup::Markup;
use super::Report;

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// Writes the page. The same report gives the same bytes.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut html = Markup::new(out);
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"")?;
    html.text(&policy())?;
    html.raw("\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")?;
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Findings in ")?;
    html.text(&report.subject.name)?;
    html.raw("</title>\n<style>")?;
    html.raw(STYLE)?;
    html.raw("</style>\n</head>\n<body>\n")?;
    parts::heading(report, &mut html)?;
    html.raw("<main>\n")?;
    parts::warnings(report, &mut html)?;
    parts::summary(report, &mut html)?;
    parts::upgrades(report, &mut html)?;
    parts::findings(report, &mut html)?;
    parts::suppressed(report, &mut html)?;
    parts::remarks(report, &mut html)?;
    parts::feeds(report, &mut html)?;
    html.raw("</main>\n<script>")?;
    html.raw(SCRIPT)?;
    html.raw("</script>\n</body>\n</html>\n")
}

/// Only this style and this script, and nothing from anywhere.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// The hash of an inline style or script, as a policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_style_nor_script_ends_itself_or_loads_anything() {
        for asset in [STYLE, SCRIPT] {
            for forbidden in ["</", "<!--", "http", "url(", "@import", "innerHTML", "eval("] {
                assert!(!asset.contains(forbidden), "{forbidden}");
            }
        }
    }
}
