//! CycloneDX as XML, read event by event: what is open is remembered, what is closed is handed on.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    super::{Document, MOST_LEVELS, component::Component, gather::Gathered},
    is_package, purpose, role,
};
use crate::{Error, licence};

/// Most elements within each other.
const MOST_DEPTH: usize = 8 * MOST_LEVELS;
/// Longest text of one element.
const MOST_TEXT_BYTES: usize = 1 << 20;
const FORMAT: &str = "CycloneDX document";

/// Parts in which components stand that are not of what the document is of.
const SKIPPED: [&str; 12] = [
    "tools",
    "pedigree",
    "services",
    "vulnerabilities",
    "annotations",
    "formulation",
    "compositions",
    "declarations",
    "definitions",
    "externalReferences",
    "modelCard",
    "Signature",
];

/// Reads a document.
///
/// # Errors
/// If it is none, is not well-formed, or has too many levels or packages.
pub(in super::super) fn read(bytes: &[u8]) -> Result<Document, Error> {
    let mut xml = Reader::from_reader(bytes);
    let mut parser = Parser::default();
    loop {
        let event = xml.read_event();
        let result = match event.map_err(|error| error.to_string()) {
            Ok(Event::Eof) => return parser.finish(),
            Ok(Event::Start(start)) if parser.is_skipped(&start) => {
                let end = start.to_end().into_owned();
                xml.read_to_end(end.name()).map(drop).map_err(|error| error.to_string().into())
            }
            Ok(event) => parser.take(&event),
            Err(why) => Err(why.into()),
        };
        result.map_err(|fault| fault.placed(bytes, xml.buffer_position()))?;
    }
}

/// Why it can't be read on.
enum Fault {
    Syntax(String),
    Other(Error),
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self::Syntax(why)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Fault {
    fn placed(self, bytes: &[u8], at: u64) -> Error {
        let Self::Syntax(why) = self else {
            let Self::Other(error) = self else { return Error::malformed(FORMAT, "") };
            return error;
        };
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let before = bytes.get(..at).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Error::malformed(FORMAT, format!("line {line}: {why}"))
    }
}

/// What is open.
#[derive(Default)]
struct Parser {
    names: Vec<String>,
    components: Vec<Open>,
    text: String,
    /// The name of a property that is open, and the component whose dependencies are.
    property: String,
    dependency: String,
    out: Option<Gathered>,
    created: Option<String>,
}

/// A component that is open.
struct Open {
    component: Component,
    type_name: String,
    /// Components in it so far.
    inner: usize,
    is_subject: bool,
}

impl Parser {
    fn is_skipped(&self, start: &BytesStart<'_>) -> bool {
        let name = start.local_name();
        self.out.is_some() && SKIPPED.iter().any(|skipped| skipped.as_bytes() == name.as_ref())
    }

    fn take(&mut self, event: &Event<'_>) -> Result<(), Fault> {
        match event {
            Event::Start(start) => self.start(start)?,
            Event::Empty(start) => {
                self.start(start)?;
                self.end()?;
            }
            Event::End(_) => self.end()?,
            Event::Text(text) => self.say(&text.decode().unwrap_or_default())?,
            Event::CData(text) => self.say(&text.decode().unwrap_or_default())?,
            // Those that every document has; none can grow.
            Event::GeneralRef(entity) => {
                let text = format!("&{};", entity.decode().unwrap_or_default());
                self.say(&quick_xml::escape::unescape(&text).unwrap_or_default())?;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), Fault> {
        if self.text.len() + text.len() > MOST_TEXT_BYTES {
            return Err(format!("a text is longer than {MOST_TEXT_BYTES} bytes").into());
        }
        self.text.push_str(text);
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        if self.out.is_none() {
            self.out = Some(Gathered::new(form(start, &name)?));
        }
        if self.names.len() >= MOST_DEPTH {
            return Err(
                format!("there are more than {MOST_DEPTH} elements within each other").into()
            );
        }
        self.text.clear();
        match name.as_str() {
            "component" => self.open(start)?,
            "property" => self.property = attribute(start, "name"),
            "dependency" if self.is_in(&["dependency"]) => {
                let (from, to) = (self.dependency.clone(), attribute(start, "ref"));
                self.out().need(&from, &to);
            }
            "dependency" => self.dependency = attribute(start, "ref"),
            _ => {}
        }
        self.names.push(name);
        Ok(())
    }

    /// A component of the document, or of another component; elsewhere the word means something else.
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let is_subject = self.is_in(&["bom", "metadata"]);
        let is_inner = self.is_in(&["component", "components"]);
        if !is_subject && !is_inner && !self.is_in(&["bom", "components"]) {
            return Err("a component stands where none may".to_owned().into());
        }
        if self.components.len() >= MOST_LEVELS {
            return Err(format!("components are within {MOST_LEVELS} others").into());
        }
        let type_name = attribute(start, "type");
        let component = Component {
            place: self.place(is_subject),
            id: attribute(start, "bom-ref"),
            role: role(&type_name),
            ..Component::default()
        };
        self.components.push(Open { component, type_name, inner: 0, is_subject });
        Ok(())
    }

    /// As it would be in JSON.
    fn place(&mut self, is_subject: bool) -> String {
        if is_subject {
            return "metadata.component".to_owned();
        }
        match self.components.last_mut() {
            Some(outer) => {
                outer.inner += 1;
                format!("{}.components[{}]", outer.component.place, outer.inner - 1)
            }
            None => format!("components[{}]", self.out().next_place()),
        }
    }

    /// Whether the innermost open elements are these.
    fn is_in(&self, names: &[&str]) -> bool {
        let start = self.names.len().checked_sub(names.len());
        start.and_then(|start| self.names.get(start..)).is_some_and(|open| open == names)
    }

    fn end(&mut self) -> Result<(), Fault> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        match self.names.last().map(String::as_str) {
            Some("component") => self.close()?,
            Some("timestamp") if self.is_in(&["bom", "metadata", "timestamp"]) => {
                self.created = Some(text.to_owned());
            }
            _ => self.leaf(text),
        }
        self.names.pop();
        Ok(())
    }

    /// A text of the innermost component.
    fn leaf(&mut self, text: &str) {
        let component = self.names.iter().rposition(|name| name == "component");
        let path = component.and_then(|at| self.names.get(at + 1..)).unwrap_or_default();
        let Some(Open { component, .. }) = self.components.last_mut() else { return };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["group"] => text.clone_into(&mut component.group),
            ["name"] => text.clone_into(&mut component.name),
            ["version"] => text.clone_into(&mut component.version),
            ["description"] => text.clone_into(&mut component.description),
            ["purl"] => text.clone_into(&mut component.purl),
            ["scope"] => component.told.is_dev |= text == "excluded",
            ["licenses", "license", "id" | "name"] => component.licences.push(text.to_owned()),
            ["licenses", "expression"] => component.licences.extend(licence::parts(text)),
            ["properties", "property"] => component.told.take(&self.property, text),
            ["evidence", "occurrences", "occurrence", "location"] => {
                component.told.locations.push((text.to_owned(), None));
            }
            _ => {}
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(Open { component, type_name, is_subject, .. }) = self.components.pop() else {
            return Ok(());
        };
        let component = component.finished();
        let out = self.out();
        if is_subject {
            out.subject(&component, Some(purpose(&type_name)));
        }
        if !is_subject || is_package(&component.purl) {
            out.add(&component)?;
        }
        Ok(())
    }

    fn out(&mut self) -> &mut Gathered {
        self.out.get_or_insert_default()
    }

    fn finish(self) -> Result<Document, Error> {
        let mut out = self.out.ok_or_else(|| Error::malformed(FORMAT, "it has no element"))?;
        if let Some(open) = self.names.last() {
            return Err(Error::malformed(FORMAT, format!("it ends within <{open}>")));
        }
        out.created(self.created);
        Ok(out.finish())
    }
}

/// The form, by the first element and its namespace.
fn form(start: &BytesStart<'_>, name: &str) -> Result<String, Error> {
    let mut attributes = start.attributes();
    let mut spaces = attributes.with_checks(false).flatten().filter(|attribute| {
        let key = attribute.key.as_ref();
        key == b"xmlns" || key.starts_with(b"xmlns:")
    });
    let begin = b"http://cyclonedx.org/schema/bom/";
    let version = spaces.find_map(|it| it.value.strip_prefix(begin).map(<[u8]>::to_vec));
    match version {
        Some(version) if name == "bom" => {
            Ok(format!("CycloneDX {}, as XML", String::from_utf8_lossy(&version)))
        }
        _ => Err(Error::Unsupported(format!(
            "is XML, but no list of packages in CycloneDX: it begins with <{name}>"
        ))),
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|it| it.key.local_name().as_ref() == name.as_bytes());
    found.map_or_else(String::new, |it| {
        let value = String::from_utf8_lossy(&it.value).into_owned();
        quick_xml::escape::unescape(&value).map(|it| it.into_owned()).unwrap_or_default()
    })
}
