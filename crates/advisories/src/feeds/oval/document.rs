//! A document, read piece by piece: definitions, and what their tests are of.
//!
//! Bounds: elements may be within [`MOST_LEVELS`] others. Entities are those that every document has, so that
//! none can grow.

use std::collections::HashMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// Most levels of elements within each other.
const MOST_LEVELS: usize = 64;

/// A document.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) definitions: Vec<Definition>,
    /// By ids: the object and the state.
    tests: HashMap<String, (String, String)>,
    /// By ids: names of packages.
    objects: HashMap<String, String>,
    /// By ids.
    states: HashMap<String, State>,
}

/// What is said of a flaw, or of what mends some.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub(super) id: String,
    /// Whether it is of a flaw, and not of what mends some.
    pub(super) is_of_flaw: bool,
    pub(super) title: String,
    pub(super) references: Vec<String>,
    pub(super) severity: String,
    pub(super) issued: String,
    pub(super) vectors: Vec<String>,
    /// Whether the flaw is, or was, there: Azure Linux keeps what turned out not to be.
    pub(super) is_applicable: bool,
    pub(super) criteria: Option<Criteria>,
}

/// A tree of criteria.
#[derive(Debug)]
pub(super) enum Criteria {
    All(Vec<Criteria>),
    Any(Vec<Criteria>),
    Test { id: String, comment: String },
}

/// What a version is compared with.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct State {
    pub(super) version: String,
    pub(super) operation: String,
}

/// An element that is open.
#[derive(Debug, Default)]
struct Open {
    name: String,
    id: String,
    text: String,
    /// Names that elements in it tell.
    named: String,
    object: String,
    state: String,
    found: State,
}

/// A document while it is read.
#[derive(Default)]
struct Reading {
    document: Document,
    open: Vec<Open>,
    definition: Option<Definition>,
    criteria: Vec<(bool, Vec<Criteria>)>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// If it is no XML, or too deep.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut reading = Reading::default();
        loop {
            match reader.read_event().map_err(|error| format!("is no XML: {error}"))? {
                Event::Start(start) => reading.begin(&start)?,
                Event::Empty(start) => {
                    reading.begin(&start)?;
                    reading.end();
                }
                Event::End(_) => reading.end(),
                Event::Text(text) => {
                    reading.say(&text.decode().map_err(|error| error.to_string())?);
                }
                Event::CData(text) => {
                    reading.say(&text.decode().map_err(|error| error.to_string())?);
                }
                Event::GeneralRef(entity) => {
                    let name = entity.decode().map_err(|error| error.to_string())?;
                    reading.say(
                        &quick_xml::escape::unescape(&format!("&{name};")).unwrap_or_default(),
                    );
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match reading.open.is_empty() {
            true => Ok(reading.document),
            false => Err("ends before its elements do".to_owned()),
        }
    }

    /// The package that a test is of, and what its version is compared with.
    pub(super) fn test(&self, id: &str) -> Option<(&str, &State)> {
        let (object, state) = self.tests.get(id)?;
        Some((self.objects.get(object)?, self.states.get(state)?))
    }
}

impl Reading {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == MOST_LEVELS {
            return Err(format!("has more than {MOST_LEVELS} levels of elements"));
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        let value = |key: &str| attribute(start, key);
        match name.as_str() {
            "definition" => {
                self.definition = Some(Definition {
                    id: value("id"),
                    is_of_flaw: value("class") == "vulnerability",
                    is_applicable: true,
                    ..Definition::default()
                });
                self.criteria.clear();
            }
            "criteria" => {
                self.criteria.push((value("operator").eq_ignore_ascii_case("OR"), Vec::new()));
            }
            "criterion" => {
                let test = Criteria::Test { id: value("test_ref"), comment: value("comment") };
                if let Some((_, children)) = self.criteria.last_mut() {
                    children.push(test);
                }
            }
            "reference" => self.with(|it| it.references.push(value("ref_id"))),
            "issued" => self.with(|it| it.issued = value("date")),
            "cve" => self.with(|it| {
                // `7.0/CVSS:3.1/AV:L/…`
                let told = value("cvss3");
                it.vectors.extend(told.split_once('/').map(|(_, vector)| vector.to_owned()));
            }),
            "object" => self.in_parent(|it| it.object = value("object_ref")),
            "state" => self.in_parent(|it| it.state = value("state_ref")),
            "evr" | "version" => self.in_parent(|it| it.found.operation = value("operation")),
            _ => {}
        }
        self.open.push(Open { name, id: value("id"), ..Open::default() });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let text = open.text.trim().to_owned();
        match open.name.as_str() {
            "definition" => self.document.definitions.extend(self.definition.take()),
            "criteria" => self.end_criteria(),
            "title" => self.with(|it| it.title = text),
            "severity" => self.with(|it| it.severity = text),
            "patchable" => self.with(|it| it.is_applicable = text != "Not Applicable"),
            "rpminfo_test" => {
                self.document.tests.insert(open.id, (open.object, open.state));
            }
            "name" => self.in_parent(|it| it.named = text),
            "rpminfo_object" => {
                self.document.objects.insert(open.id, open.named);
            }
            "evr" | "version" => self.in_parent(|it| it.found.version = text),
            "rpminfo_state" => {
                self.document.states.insert(open.id, open.found);
            }
            _ => {}
        }
    }

    fn end_criteria(&mut self) {
        let Some((is_any, children)) = self.criteria.pop() else { return };
        let criteria = if is_any { Criteria::Any(children) } else { Criteria::All(children) };
        match self.criteria.last_mut() {
            Some((_, above)) => above.push(criteria),
            None => self.with(|it| it.criteria = Some(criteria)),
        }
    }

    fn say(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }

    fn with(&mut self, change: impl FnOnce(&mut Definition)) {
        if let Some(definition) = &mut self.definition {
            change(definition);
        }
    }

    fn in_parent(&mut self, change: impl FnOnce(&mut Open)) {
        if let Some(parent) = self.open.last_mut() {
            change(parent);
        }
    }
}

fn attribute(start: &BytesStart<'_>, key: &str) -> String {
    // Whether one is there twice would be looked for among all before it.
    let mut all = start.attributes();
    let mut all = all.with_checks(false).flatten();
    let found = all.find(|it| it.key.local_name().as_ref() == key.as_bytes());
    let text = found.map(|it| String::from_utf8_lossy(&it.value).into_owned()).unwrap_or_default();
    quick_xml::escape::unescape(&text).map(|it| it.into_owned()).unwrap_or(text)
}
