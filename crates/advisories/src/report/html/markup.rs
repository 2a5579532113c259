//! The one place where text becomes HTML. Markup is what stands in this program; all else is escaped.

use std::{
    fmt::Display,
    io::{self, Write},
};

use event::visible::visible;

/// Writes HTML.
pub(super) struct Markup<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Markup<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    /// Writes markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// Writes text, for where text stands and for values in double quotes.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(escaped(text).as_bytes())
    }

    /// Writes text between markup.
    pub(super) fn within(
        &mut self,
        before: &'static str,
        text: impl Display,
        after: &'static str,
    ) -> io::Result<()> {
        self.raw(before)?;
        self.text(&text.to_string())?;
        self.raw(after)
    }

    /// Writes a link, or its text alone where a browser should not follow it.
    pub(super) fn link(&mut self, link: &str) -> io::Result<()> {
        if !link.starts_with("https://") && !link.starts_with("http://") {
            return self.text(link);
        }
        self.within("<a rel=\"noreferrer\" href=\"", link, "\">")?;
        self.within("", link, "</a>")
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible(text.as_bytes()).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_are_those_that_browsers_may_follow() {
        let of = |link: &str| {
            let mut out = Vec::new();
            Markup::new(&mut out).link(link).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert!(
            of("https://a/\"b").starts_with("<a rel=\"noreferrer\" href=\"https://a/&quot;b\">")
        );
        assert_eq!(of("javascript:alert(1)"), "javascript:alert(1)");
    }

    proptest! {
        #[test]
        fn text_cannot_become_markup(text in ".*") {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']), "{}", html);
        }
    }
}
