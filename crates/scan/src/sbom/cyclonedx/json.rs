//! CycloneDX as JSON.

use serde::Deserialize;

use super::{
    super::{
        Document, MOST_LEVELS,
        component::Component,
        gather::Gathered,
        json::{Raw, Text, Words},
    },
    is_package, purpose, role,
};
use crate::{Error, licence};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Bom<'a> {
    #[serde(rename = "specVersion")]
    version: Words,
    #[serde(rename = "serialNumber")]
    serial: Words,
    #[serde(borrow)]
    metadata: Option<Raw<'a>>,
    #[serde(borrow)]
    components: Option<Raw<'a>>,
    #[serde(borrow)]
    dependencies: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata<'a> {
    timestamp: Words,
    #[serde(borrow)]
    component: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told<'a> {
    #[serde(rename = "type")]
    type_name: Words,
    #[serde(rename = "bom-ref")]
    id: Words,
    group: Words,
    name: Words,
    version: Words,
    description: Words,
    scope: Words,
    purl: Words,
    #[serde(borrow)]
    licenses: Option<Raw<'a>>,
    #[serde(borrow)]
    properties: Option<Raw<'a>>,
    #[serde(borrow)]
    evidence: Option<Raw<'a>>,
    #[serde(borrow)]
    components: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Choice {
    license: Named,
    expression: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    id: Words,
    name: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Property {
    name: Words,
    value: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Evidence<'a> {
    #[serde(borrow)]
    occurrences: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Occurrence {
    location: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Needs<'a> {
    #[serde(rename = "ref")]
    id: Words,
    #[serde(borrow, rename = "dependsOn")]
    needs: Option<Raw<'a>>,
}

/// Reads a document.
///
/// # Errors
/// If its lists are none, or too long.
pub(in super::super) fn read<'a>(text: Text<'a>, raw: Raw<'a>) -> Result<Document, Error> {
    let malformed = |why| Error::malformed("CycloneDX document", why);
    let bom: Bom<'_> = text.typed(raw).map_err(malformed)?;
    let mut reader =
        Reader { text, out: Gathered::new(format!("CycloneDX {}, as JSON", bom.version.0)) };
    reader.out.id(&bom.serial.0);
    if let Some(metadata) = bom.metadata {
        let metadata: Metadata<'_> = text.typed(metadata).map_err(malformed)?;
        reader.out.created(metadata.timestamp.some());
        if let Some(component) = metadata.component {
            reader.subject(component)?;
        }
    }
    reader.components(bom.components, "components", MOST_LEVELS)?;
    reader.dependencies(bom.dependencies)?;
    Ok(reader.out.finish())
}

struct Reader<'a> {
    text: Text<'a>,
    out: Gathered,
}

impl<'a> Reader<'a> {
    /// What the document is of, which may have components, and be a package itself.
    fn subject(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        let place = "metadata.component";
        let Some(told) = self.told(raw, place) else { return Ok(()) };
        let (purpose, nested) = (purpose(&told.type_name.0), told.components);
        let component = self.component(told, place.to_owned());
        self.out.subject(&component, Some(purpose));
        if is_package(&component.purl) {
            self.out.add(&component)?;
        }
        self.components(nested, "metadata.component.components", MOST_LEVELS)
    }

    fn told(&mut self, raw: Raw<'a>, place: &str) -> Option<Told<'a>> {
        match self.text.typed::<Told<'_>>(raw) {
            Ok(told) => Some(told),
            Err(why) => {
                self.out.trouble(place, format!("is no component: {why}"));
                None
            }
        }
    }

    fn components(
        &mut self,
        list: Option<Raw<'a>>,
        name: &str,
        levels: usize,
    ) -> Result<(), Error> {
        let Some(levels) = levels.checked_sub(1) else {
            let reason = format!("is within {MOST_LEVELS} others, and is not read");
            self.out.trouble(name, reason);
            return Ok(());
        };
        self.text.each(name, list, &mut |at, raw| {
            let place = format!("{name}[{at}]");
            let Some(told) = self.told(raw, &place) else { return Ok(()) };
            let nested = told.components;
            let inner = format!("{place}.components");
            let component = self.component(told, place);
            self.out.add(&component)?;
            match nested {
                Some(_) => self.components(nested, &inner, levels),
                None => Ok(()),
            }
        })
    }

    fn component(&mut self, told: Told<'a>, place: String) -> Component {
        let mut component = Component {
            role: role(&told.type_name.0),
            place,
            id: told.id.0,
            group: told.group.0,
            name: told.name.0,
            version: told.version.0,
            description: told.description.0,
            purl: told.purl.0,
            ..Component::default()
        };
        component.told.is_dev = told.scope.0 == "excluded";
        let text = self.text;
        self.part(&component.place.clone(), "licenses", told.licenses, &mut |raw| {
            let choice = text.typed::<Choice>(raw).unwrap_or_default();
            let name = choice.license.id.some().or(choice.license.name.some());
            component.licences.extend(name);
            component.licences.extend(licence::parts(&choice.expression.0));
        });
        self.part(&component.place.clone(), "properties", told.properties, &mut |raw| {
            let Property { name, value } = text.typed(raw).unwrap_or_default();
            component.told.take(&name.0, &value.0);
        });
        let evidence = told.evidence.and_then(|raw| text.typed::<Evidence<'_>>(raw).ok());
        let occurrences = evidence.and_then(|it| it.occurrences);
        self.part(&component.place.clone(), "occurrences", occurrences, &mut |raw| {
            let place = text.typed::<Occurrence>(raw).unwrap_or_default().location.some();
            component.told.locations.extend(place.map(|path| (path, None)));
        });
        component.finished()
    }

    /// A list of a component. The rest of the component counts where it is none.
    fn part(
        &mut self,
        place: &str,
        name: &str,
        list: Option<Raw<'a>>,
        take: &mut dyn FnMut(Raw<'a>),
    ) {
        let read = self.text.each(name, list, &mut |_, raw| {
            take(raw);
            Ok(())
        });
        if let Err(error) = read {
            self.out.trouble(place, error.to_string());
        }
    }

    fn dependencies(&mut self, list: Option<Raw<'a>>) -> Result<(), Error> {
        let text = self.text;
        text.each("dependencies", list, &mut |_, raw| {
            let Ok(Needs { id, needs }) = text.typed::<Needs<'_>>(raw) else { return Ok(()) };
            text.each("dependsOn", needs, &mut |_, raw| {
                if let Ok(Words(to)) = text.typed(raw) {
                    self.out.need(&id.0, &to);
                }
                Ok(())
            })
        })
    }
}
