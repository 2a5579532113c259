//! The one place where text becomes HTML.
//!
//! Markup is what stands in this program: [`Markup::raw`] takes nothing else. Everything that is not
//! goes through [`Escaped`], so no recorded text, rule or number can ever be markup, neither between
//! tags nor within the double quotes of an attribute.

use std::{
    fmt::Display,
    io::{self, Write},
};

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

    /// Writes text, escaped.
    pub(super) fn text(&mut self, text: impl Display) -> io::Result<()> {
        write!(Escaped(self.out), "{text}")
    }

    /// Writes text that a host or a rule chose, apart from what stands around it: text that runs
    /// from right to left does not turn its neighbours around.
    pub(super) fn apart(&mut self, text: &str) -> io::Result<()> {
        if text.is_ascii() {
            return self.text(text);
        }
        self.raw("<bdi>")?;
        self.text(text)?;
        self.raw("</bdi>")
    }

    /// Writes text between markup.
    pub(super) fn within(
        &mut self,
        before: &'static str,
        text: impl Display,
        after: &'static str,
    ) -> io::Result<()> {
        self.raw(before)?;
        self.text(text)?;
        self.raw(after)
    }

    /// Writes text that a host or a rule chose between markup.
    pub(super) fn apart_within(
        &mut self,
        before: &'static str,
        text: &str,
        after: &'static str,
    ) -> io::Result<()> {
        self.raw(before)?;
        self.apart(text)?;
        self.raw(after)
    }
}

/// Escapes what is written to it, for text and for attribute values in double quotes.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Everything up to the next character that means something goes on as it is.
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| entity(byte).is_some()) {
            let (plain, from) = rest.split_at(at);
            self.0.write_all(plain)?;
            let (special, after) = from.split_at(1);
            let entity = special.first().and_then(|&byte| entity(byte));
            self.0.write_all(entity.unwrap_or_default().as_bytes())?;
            rest = after;
        }
        self.0.write_all(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn entity(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl Fn(&mut Markup<'_>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut Markup::new(&mut out)).expect("a Vec takes all");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn text_cannot_become_markup() {
        for (text, want) in [
            ("plain", "plain"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\"><img src=x onerror='x'>", "&quot;&gt;&lt;img src=x onerror=&#39;x&#39;&gt;"),
            ("a && b", "a &amp;&amp; b"),
            ("&lt;", "&amp;lt;"),
            ("日本<", "日本&lt;"),
        ] {
            assert_eq!(written(|html| html.text(text)), want);
        }
    }

    #[test]
    fn text_that_may_run_the_other_way_is_isolated() {
        assert_eq!(written(|html| html.apart("abc")), "abc");
        assert_eq!(written(|html| html.apart("עברית")), "<bdi>עברית</bdi>");
    }

    proptest! {
        #[test]
        fn escaping_can_be_undone_and_leaves_no_special_character(text in ".*") {
            let html = written(|html| html.text(&text));
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            let undone = html
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            prop_assert_eq!(undone, text);
        }
    }
}
