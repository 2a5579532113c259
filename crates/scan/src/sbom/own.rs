//! The form of this program: what `--format json` writes.

use serde::Deserialize;

use super::{
    Document,
    component::Component,
    gather::Gathered,
    json::{Raw, Text, Words},
    properties::ToldLayer,
};
use crate::{Distro, Error, Executable, Source, Trouble, report::FORMAT};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Whole<'a> {
    format: Words,
    target: Words,
    #[serde(borrow)]
    distro: Option<Raw<'a>>,
    #[serde(borrow)]
    packages: Option<Raw<'a>>,
    #[serde(borrow)]
    layers: Option<Raw<'a>>,
    #[serde(borrow)]
    unowned_executables: Option<Raw<'a>>,
    #[serde(borrow)]
    problems: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Os {
    id: Words,
    version: Words,
    codename: Words,
    name: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Layer {
    diff_id: Words,
    digest: Words,
    instruction: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package<'a> {
    name: Words,
    version: Words,
    #[serde(rename = "type")]
    kind: Words,
    purl: Words,
    architecture: Words,
    module: Words,
    source: Option<Built>,
    licences: Vec<Words>,
    dev: bool,
    #[serde(borrow)]
    locations: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Built {
    name: Words,
    version: Words,
}

/// A place, an executable or a problem.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Placed {
    path: Words,
    layer: Words,
    size: u64,
    reason: Words,
}

/// Reads a document.
///
/// # Errors
/// If it is of a later form, its lists are none, or too long.
pub(super) fn read<'a>(text: Text<'a>, raw: Raw<'a>) -> Result<Document, Error> {
    let malformed = |why| Error::malformed("inventory", why);
    let whole: Whole<'_> = text.typed(raw).map_err(malformed)?;
    let format = whole.format.0;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(&format) != major(FORMAT) {
        return Err(Error::Unsupported(format!(
            "is an inventory of the form {}, of which nothing is known here; {FORMAT} is",
            format.escape_debug()
        )));
    }
    let mut out = Gathered::new(format!("JSON of watchkeeper, {format}"));
    let os = whole.distro.and_then(|raw| text.typed::<Os>(raw).ok());
    out.set_distro(os.map(distro));
    let mut subject = Component { name: whole.target.0, ..Component::default() };
    text.each("layers", whole.layers, &mut |_, raw| {
        let layer: Layer = text.typed(raw).map_err(malformed)?;
        subject.told.layers.push(ToldLayer {
            diff_id: layer.diff_id.0,
            digest: layer.digest.some(),
            instruction: layer.instruction.some(),
        });
        Ok(())
    })?;
    out.subject(&subject, None);
    text.each("packages", whole.packages, &mut |at, raw| {
        let place = format!("packages[{at}]");
        let read = text.typed::<Package<'_>>(raw);
        match read.and_then(|it| component(text, it, &place).map_err(|error| error.to_string())) {
            Ok(component) => out.add(&component),
            Err(why) => {
                out.trouble(&place, format!("is no package: {why}"));
                Ok(())
            }
        }
    })?;
    take_rest(text, (whole.unowned_executables, whole.problems), &mut out)?;
    Ok(out.finish())
}

fn distro(os: Os) -> Distro {
    let Os { id, version, codename, name } = os;
    let (id, version, codename, name) = (id.0, version.0, codename.0, name.0);
    Distro { id, version, codename, name, ..Distro::default() }
}

fn component<'a>(text: Text<'a>, package: Package<'a>, place: &str) -> Result<Component, Error> {
    let mut component = Component {
        place: place.to_owned(),
        name: package.name.0,
        version: package.version.0,
        purl: package.purl.0,
        licences: package.licences.into_iter().map(|licence| licence.0).collect(),
        ..Component::default()
    };
    let told = &mut component.told;
    told.type_name = package.kind.some();
    told.architecture = package.architecture.some();
    told.module = package.module.some();
    told.is_dev = package.dev;
    told.source = package.source.map(|it| Source { name: it.name.0, version: it.version.0 });
    text.each("locations", package.locations, &mut |_, raw| {
        let Placed { path, layer, .. } = text.typed(raw).unwrap_or_default();
        told.locations.push((path.0, layer.some()));
        Ok(())
    })?;
    Ok(component)
}

/// Executables that no package owns, and what could not be read then.
fn take_rest<'a>(
    text: Text<'a>,
    (executables, problems): (Option<Raw<'a>>, Option<Raw<'a>>),
    out: &mut Gathered,
) -> Result<(), Error> {
    text.each("unowned_executables", executables, &mut |_, raw| {
        let Placed { path, layer, size, .. } = text.typed(raw).unwrap_or_default();
        let layer = out.layer_of(&layer.0);
        out.inventory().unowned.push((path.0, Executable { size_bytes: size, layer }));
        Ok(())
    })?;
    text.each("problems", problems, &mut |_, raw| {
        let Placed { path, layer, reason, .. } = text.typed(raw).unwrap_or_default();
        let layer = out.layer_of(&layer.0);
        out.put_trouble(Trouble { path: path.0, layer, reason: reason.0 });
        Ok(())
    })
}
