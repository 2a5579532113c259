//! The form of this program.

use serde::Serialize;

use super::Subject;
use crate::{EndOfLife, Extended, Inventory, Location, Package, Source, Trouble, purl};

/// Version of the form: the first number changes where what was there is no longer.
pub const FORMAT: &str = "1.0";

/// An object with `packages` and what else is known.
pub(super) fn document<'a>(inventory: &'a Inventory, subject: &'a Subject) -> impl Serialize + 'a {
    Document {
        format: FORMAT,
        target: &subject.name,
        distro: DistroOut::of(inventory),
        layers: inventory
            .layers
            .iter()
            .map(|layer| LayerOut {
                diff_id: &layer.diff_id,
                digest: layer.digest.as_deref(),
                instruction: layer.instruction.as_deref(),
                unchecked: layer.is_unchecked,
            })
            .collect(),
        base: BaseOut::of(inventory),
        packages: inventory.packages.iter().map(|it| PackageOut::of(it, inventory)).collect(),
        unowned_executables: inventory
            .unowned
            .iter()
            .map(|(path, executable)| ExecutableOut {
                path,
                size: executable.size_bytes,
                layer: layer(executable.layer, inventory),
            })
            .collect(),
        problems: ProblemOut::all(inventory),
    }
}

/// A package as documents of this form have it, for those that tell more of it.
pub fn package_object<'a>(package: &'a Package, inventory: &'a Inventory) -> impl Serialize + 'a {
    PackageOut::of(package, inventory)
}

/// The distribution as documents of this form have it.
pub fn distro_object(inventory: &Inventory) -> impl Serialize + '_ {
    DistroOut::of(inventory)
}

/// The image that it was built on, as documents of this form have it.
pub fn base_object(inventory: &Inventory) -> Option<impl Serialize + '_> {
    BaseOut::of(inventory)
}

/// What could not be read, as documents of this form have it.
pub fn problem_objects(inventory: &Inventory) -> impl Serialize + '_ {
    ProblemOut::all(inventory)
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    distro: Option<DistroOut<'a>>,
    packages: Vec<PackageOut<'a>>,
    layers: Vec<LayerOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseOut<'a>>,
    unowned_executables: Vec<ExecutableOut<'a>>,
    problems: Vec<ProblemOut<'a>>,
}

#[derive(Serialize)]
struct DistroOut<'a> {
    id: &'a str,
    version: &'a str,
    codename: &'a str,
    name: &'a str,
    /// `null` where it is not known.
    end_of_life: Option<EndOfLifeOut<'a>>,
}

impl<'a> DistroOut<'a> {
    fn of(inventory: &'a Inventory) -> Option<Self> {
        let distro = inventory.distro.as_ref()?;
        Some(Self {
            id: &distro.id,
            version: distro.full_version(),
            codename: &distro.codename,
            name: &distro.name,
            end_of_life: inventory.end_of_life.as_ref().map(EndOfLifeOut::of),
        })
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum EndOfLifeOut<'a> {
    Rolling { rolling: bool },
    Until { until: &'a str, extended: Vec<ExtendedOut<'a>> },
}

#[derive(Serialize)]
struct ExtendedOut<'a> {
    name: &'a str,
    until: &'a str,
}

impl<'a> EndOfLifeOut<'a> {
    fn of(known: &'a EndOfLife) -> Self {
        let extended = |it: &'a Extended| ExtendedOut { name: &it.name, until: it.until.as_str() };
        match known {
            EndOfLife::Rolling => Self::Rolling { rolling: true },
            EndOfLife::Until(support) => Self::Until {
                until: support.until.as_str(),
                extended: support.extended.iter().map(extended).collect(),
            },
        }
    }
}

#[derive(Serialize)]
struct LayerOut<'a> {
    diff_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unchecked: bool,
}

/// The image that it was built on.
#[derive(Serialize)]
struct BaseOut<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    digest: &'a str,
    /// How many of the lowest layers are its own; `null` where that is not known.
    layers: Option<usize>,
    how: &'a str,
}

impl<'a> BaseOut<'a> {
    fn of(inventory: &'a Inventory) -> Option<Self> {
        let base = inventory.base.as_ref()?;
        let (name, digest) = (&base.name, &base.digest);
        Some(Self { name, digest, layers: base.layers, how: base.how.name() })
    }
}

#[derive(Serialize)]
struct PackageOut<'a> {
    name: &'a str,
    version: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    purl: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    source: Option<SourceOut<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    licences: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dev: bool,
    locations: Vec<LocationOut<'a>>,
}

impl<'a> PackageOut<'a> {
    fn of(package: &'a Package, inventory: &'a Inventory) -> Self {
        let locations = package.locations.iter().map(|it| LocationOut::of(it, inventory));
        Self {
            name: &package.name,
            version: &package.version,
            kind: package.kind.name(),
            purl: purl(package, inventory.distro.as_ref()),
            architecture: Some(&package.architecture).filter(|it| !it.is_empty()),
            module: package.module.as_deref(),
            source: package.source.as_ref().map(SourceOut::of),
            licences: &package.licences,
            dev: package.is_dev,
            locations: locations.collect(),
        }
    }
}

#[derive(Serialize)]
struct SourceOut<'a> {
    name: &'a str,
    version: &'a str,
}

impl<'a> SourceOut<'a> {
    fn of(source: &'a Source) -> Self {
        Self { name: &source.name, version: &source.version }
    }
}

#[derive(Serialize)]
struct LocationOut<'a> {
    path: &'a str,
    layer: Option<&'a str>,
}

impl<'a> LocationOut<'a> {
    fn of(location: &'a Location, inventory: &'a Inventory) -> Self {
        Self { path: &location.path, layer: layer(location.layer, inventory) }
    }
}

#[derive(Serialize)]
struct ExecutableOut<'a> {
    path: &'a str,
    size: u64,
    layer: Option<&'a str>,
}

#[derive(Serialize)]
struct ProblemOut<'a> {
    path: &'a str,
    layer: Option<&'a str>,
    reason: &'a str,
}

impl<'a> ProblemOut<'a> {
    fn all(inventory: &'a Inventory) -> Vec<Self> {
        let of = |trouble: &'a Trouble| Self {
            path: &trouble.path,
            layer: layer(trouble.layer, inventory),
            reason: &trouble.reason,
        };
        inventory.troubles.iter().map(of).collect()
    }
}

fn layer(at: Option<usize>, inventory: &Inventory) -> Option<&str> {
    Some(inventory.layers.get(at?)?.diff_id.as_str())
}
