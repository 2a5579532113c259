//! XML as a tree, names without their prefixes. Of entities those that every document has are known, so
//! that none can grow.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::Error;

/// Most levels, and most elements.
const MOST_LEVELS: usize = 64;
const MOST_ELEMENTS: usize = 500_000;
const FORMAT: &str = "XML";

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// The text in it, without that of elements in it.
    text: String,
    /// Elements in it.
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The outermost element of a document.
    ///
    /// # Errors
    /// If it is no document, or has too many elements.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::from_str(text);
        // Programs that read such files are lenient too.
        reader.config_mut().check_end_names = false;
        let mut open: Vec<Self> = vec![Self::default()];
        let mut count = 0;
        loop {
            match reader.read_event().map_err(|error| Error::malformed(FORMAT, error))? {
                Event::Start(start) => {
                    open.push(Self::of(&start));
                    count += 1;
                }
                Event::Empty(start) => {
                    add(&mut open, Self::of(&start));
                    count += 1;
                }
                Event::End(_) => close(&mut open),
                Event::Text(text) => say(&mut open, &text.decode().unwrap_or_default()),
                Event::CData(text) => say(&mut open, &text.decode().unwrap_or_default()),
                Event::GeneralRef(entity) => {
                    let name = entity.decode().unwrap_or_default();
                    let text = format!("&{name};");
                    say(&mut open, &quick_xml::escape::unescape(&text).unwrap_or_default());
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
            if open.len() > MOST_LEVELS || count > MOST_ELEMENTS {
                let (what, limit) = ("the document", MOST_ELEMENTS as u64);
                return Err(Error::Limit { what, limit, unit: "elements, or too many levels" });
            }
        }
        while open.len() > 1 {
            close(&mut open);
        }
        let document = open.pop().unwrap_or_default();
        let root = document.children.into_iter().next();
        root.ok_or_else(|| Error::malformed(FORMAT, "it has no element"))
    }

    /// The text in it, without white space around.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The first element in it of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Elements in it of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element in it of this name; empty if there is none.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", Self::text)
    }

    /// An attribute, its name in any letters.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    fn of(start: &BytesStart<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut attributes = start.attributes();
        let attributes = attributes.with_checks(false).flatten().map(|attribute| {
            let value = text(&attribute.value);
            let value = quick_xml::escape::unescape(&value).map(|it| it.into_owned());
            (text(attribute.key.local_name().as_ref()), value.unwrap_or_default())
        });
        Self {
            attributes: attributes.collect(),
            name: text(start.local_name().as_ref()),
            ..Self::default()
        }
    }
}

/// The innermost open element ends. The document itself never does.
fn close(open: &mut Vec<Element>) {
    if open.len() > 1
        && let Some(element) = open.pop()
    {
        add(open, element);
    }
}

fn add(open: &mut [Element], element: Element) {
    if let Some(outer) = open.last_mut() {
        outer.children.push(element);
    }
}

fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_trees() {
        let text = "<?xml version='1.0'?><!-- no --><p:a xmlns:p='x' Key=' a&amp;b '>x<b/><b> y &lt; <![CDATA[<z>]]></b></p:a>";
        let root = Element::parse(text).unwrap();
        assert_eq!(
            (root.name.as_str(), root.text(), root.attribute("key")),
            ("a", "x", Some("a&b"))
        );
        assert_eq!(root.all("b").map(Element::text).collect::<Vec<_>>(), ["", "y < <z>"]);
        assert_eq!((root.text_of("b"), root.text_of("c")), ("", ""));
    }

    #[test]
    fn what_is_no_document_is_told_of() {
        for (text, why) in [
            (String::new(), "is no XML: it has no element"),
            ("{}".to_owned(), "is no XML: it has no element"),
            (
                "<a".to_owned(),
                "is no XML: syntax error: tag not closed: `>` not found before end of input",
            ),
            (
                "<a>".repeat(100),
                "the document has more than 500000 elements, or too many levels, which is the limit",
            ),
        ] {
            assert_eq!(Element::parse(&text).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn entities_do_not_grow() {
        let text = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]><a>1&c;2&#65;</a>";
        assert_eq!(Element::parse(text).unwrap().text(), "12A");
    }

    #[test]
    fn documents_that_are_cut_off_are_read_so_far() {
        let root = Element::parse("<a><b>1</b><c>2</a>").unwrap();
        assert_eq!((root.text_of("b"), root.text_of("c")), ("1", "2"));
    }
}
