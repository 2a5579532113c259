//! The page around its parts: policy, style, script, and the order of everything.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::Page;
use crate::views::{heading::Heading, words};

const STYLE: &str = concat!(
    include_str!("assets/page.css"),
    include_str!("assets/strip.css"),
    include_str!("assets/story.css"),
    include_str!("assets/print.css")
);
const SCRIPT: &str = concat!(
    include_str!("assets/page.js"),
    include_str!("assets/search.js"),
    include_str!("assets/strip.js")
);

impl Page<'_> {
    /// Writes everything.
    pub(super) fn document(&mut self, heading: &Heading) -> io::Result<()> {
        self.html.raw("<!doctype html>\n<html lang=\"en\" data-zero=\"")?;
        self.html.within("", self.timeline.window.zero_ns / 1_000_000, "\">\n<head>\n")?;
        self.head(heading)?;
        self.html
            .raw("</head>\n<body>\n<a class=\"skip\" href=\"#story\">To what happened</a>\n")?;
        self.heading(heading)?;
        self.controls()?;
        self.html.raw("<main>\n")?;
        super::density::write(&mut self.html, self.timeline)?;
        self.html.raw("<div class=\"lead\">\n")?;
        self.summary()?;
        self.alert_list()?;
        self.html.raw("</div>\n")?;
        self.missing()?;
        self.story()?;
        self.html.raw("</main>\n")?;
        self.footer()?;
        self.html.raw("<script>")?;
        self.html.raw(SCRIPT)?;
        self.html.raw("</script>\n</body>\n</html>\n")
    }

    fn head(&mut self, heading: &Heading) -> io::Result<()> {
        self.html.raw("<meta charset=\"utf-8\">\n")?;
        self.html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"")?;
        self.html.text(policy())?;
        self.html.raw("\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")?;
        self.html
            .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
        self.html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")?;
        self.html.text(title(heading))?;
        self.html.raw("</title>\n<style>")?;
        self.html.raw(STYLE)?;
        self.html.raw("</style>\n")
    }

    fn footer(&mut self) -> io::Result<()> {
        self.html.raw(
            "<footer><p>Times are seconds from the first alert. Commands are quoted so that ",
        )?;
        self.html
            .raw("they can be pasted into a shell; what cannot be shown is escaped. This file ")?;
        self.html.raw("loads nothing from anywhere.</p></footer>\n")
    }
}

/// What the window of the browser is called.
fn title(heading: &Heading) -> String {
    let parts = [&heading.title, &heading.id].map(|part| words::plain(part, 300));
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "Timeline".to_owned() } else { parts.join(" · ") }
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
    fn hashes_are_those_that_browsers_compute() {
        // The example of the CSP specification.
        assert_eq!(
            hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }

    #[test]
    fn neither_style_nor_script_ends_itself_or_loads_anything() {
        for asset in [STYLE, SCRIPT] {
            for forbidden in ["</", "<!--", "http", "url(", "@import", "innerHTML", "eval("] {
                assert!(!asset.contains(forbidden), "{forbidden}");
            }
        }
    }
}
