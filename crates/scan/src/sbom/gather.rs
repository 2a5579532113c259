//! Components put together as an inventory.

use foldhash::HashMap;

use super::{
    Document, MOST_PACKAGES,
    component::{Component, Role},
    properties::ToldLayer,
};
use crate::{
    Distro, Error, Inventory, LayerInfo, Location, Package, Purpose, Trouble, inventory::Packages,
    purl::made,
};

/// Most troubles that are told.
const MOST_TROUBLES: usize = 10_000;
/// Most dependencies that are remembered.
const MOST_NEEDS: usize = 5_000_000;
const TOO_MANY_NEEDS: usize = MOST_NEEDS + 1;

/// What was read of a document so far.
#[derive(Default)]
pub(super) struct Gathered {
    packages: Vec<Package>,
    /// Places of packages, by their ids.
    places: HashMap<String, usize>,
    /// What stands for files, with the ids of these.
    groups: Vec<(String, String)>,
    /// What components need or have, by their ids.
    needs: HashMap<String, Vec<Box<str>>>,
    needs_count: usize,
    layers: Vec<LayerInfo>,
    layer_places: HashMap<String, usize>,
    distro: Option<Distro>,
    /// What the first package URL tells that tells one.
    distro_of_packages: Option<Distro>,
    /// Components so far that are in no other.
    outer_components: usize,
    troubles: Vec<Trouble>,
    more_troubles: usize,
    document: Document,
}

impl Gathered {
    /// Of a document of this form.
    pub(super) fn new(form: impl Into<String>) -> Self {
        let document = Document { form: form.into(), ..Document::default() };
        Self { document, ..Self::default() }
    }

    /// What the document is of.
    pub(super) fn subject(&mut self, component: &Component, purpose: Option<Purpose>) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.document.name = some(&component.name);
        self.document.version = some(&component.version);
        self.document.purpose = purpose;
        self.id(&component.purl);
        for layer in &component.told.layers {
            self.layer(layer.clone());
        }
    }

    /// Another name of what the document is of, or of the document; an empty one is none.
    pub(super) fn id(&mut self, id: &str) {
        if !id.is_empty() {
            self.document.ids.push(id.to_owned());
        }
    }

    /// When the document was made.
    pub(super) fn created(&mut self, time: Option<String>) {
        self.document.created = time;
    }

    /// Adds a component.
    ///
    /// # Errors
    /// If there are too many.
    pub(super) fn add(&mut self, component: &Component) -> Result<(), Error> {
        if component.role == Role::System && component.purl.is_empty() {
            self.distro.get_or_insert_with(|| component.distro());
        }
        if component.is_group() {
            self.groups.push((component.id.clone(), component.name.clone()));
        }
        match component.package() {
            Ok(Some((package, distro))) => self.put(component, package, distro),
            Ok(None) => Ok(()),
            Err(reason) => {
                self.trouble(&component.place, reason);
                Ok(())
            }
        }
    }

    fn put(
        &mut self,
        component: &Component,
        mut package: Package,
        distro: Option<Distro>,
    ) -> Result<(), Error> {
        if self.packages.len() >= MOST_PACKAGES {
            let limit = MOST_PACKAGES as u64;
            return Err(Error::Limit { what: "the document", limit, unit: "packages" });
        }
        if self.distro_of_packages.is_none() {
            self.distro_of_packages = distro;
        }
        self.locate(component, &mut package);
        if !component.id.is_empty() {
            self.places.insert(component.id.clone(), self.packages.len());
        }
        self.packages.push(package);
        Ok(())
    }

    /// Finds the layers of a package's places.
    fn locate(&mut self, component: &Component, package: &mut Package) {
        let told = &component.told;
        let whole = told.layer.as_ref().map(|diff_id| {
            let (diff_id, digest) = (diff_id.clone(), told.layer_digest.clone());
            self.layer(ToldLayer { diff_id, digest, instruction: None })
        });
        for (location, (_, layer)) in package.locations.iter_mut().zip(&told.locations) {
            let own = layer.as_ref().map(|diff_id| {
                self.layer(ToldLayer { diff_id: diff_id.clone(), ..ToldLayer::default() })
            });
            location.layer = own.or(whole);
        }
        if package.locations.is_empty() && whole.is_some() {
            package.locations.push(Location { path: String::new(), layer: whole });
        }
    }

    /// The place of a layer, which is added if it is new.
    fn layer(&mut self, told: ToldLayer) -> usize {
        let new = self.layers.len();
        let at = *self.layer_places.entry(told.diff_id.clone()).or_insert(new);
        if at == new {
            self.layers.push(LayerInfo { diff_id: told.diff_id, ..LayerInfo::default() });
        }
        if let Some(layer) = self.layers.get_mut(at) {
            layer.digest = layer.digest.take().or(told.digest);
            layer.instruction = layer.instruction.take().or(told.instruction);
        }
        at
    }

    /// One component needs, or has, another.
    pub(super) fn need(&mut self, from: &str, to: &str) {
        self.needs_count += 1;
        match self.needs_count {
            ..=MOST_NEEDS => self.needs.entry(from.to_owned()).or_default().push(to.into()),
            TOO_MANY_NEEDS => {
                let reason = format!("there are more than {MOST_NEEDS}, which is the limit");
                self.trouble("dependencies", reason);
            }
            _ => {}
        }
    }

    /// The place of the next component that is in no other, in their list.
    pub(super) fn next_place(&mut self) -> usize {
        self.outer_components += 1;
        self.outer_components - 1
    }

    /// Something at this place is not as it should be.
    pub(super) fn trouble(&mut self, place: &str, reason: String) {
        self.put_trouble(Trouble { path: place.to_owned(), layer: None, reason });
    }

    /// Something is not as it should be.
    pub(super) fn put_trouble(&mut self, trouble: Trouble) {
        match self.troubles.len() < MOST_TROUBLES {
            true => self.troubles.push(trouble),
            false => self.more_troubles += 1,
        }
    }

    /// The distribution, where a document has a place for it.
    pub(super) fn set_distro(&mut self, distro: Option<Distro>) {
        self.distro = distro;
    }

    /// What documents of this program have beside packages.
    pub(super) fn inventory(&mut self) -> &mut Inventory {
        &mut self.document.inventory
    }

    /// Where layers are, by what names them.
    pub(super) fn layer_of(&self, diff_id: &str) -> Option<usize> {
        self.layer_places.get(diff_id).copied()
    }

    /// Puts it all together.
    pub(super) fn finish(mut self) -> Document {
        self.take_places_of_groups();
        if self.more_troubles > 0 {
            let reason = format!("and {} more problems", self.more_troubles);
            self.troubles.push(Trouble { path: String::new(), layer: None, reason });
        }
        let distro = self.distro.or(self.distro_of_packages);
        let mut packages = Packages::default();
        for mut package in self.packages {
            // Where there is nothing to tell, the URL says all that is known.
            if package.purl.as_ref().is_some_and(|purl| *purl == made(&package, distro.as_ref())) {
                package.purl = None;
            }
            packages.put(package);
        }
        let mut document = self.document;
        document.inventory.distro = distro;
        document.inventory.packages = packages.finish();
        document.inventory.layers = self.layers;
        document.inventory.troubles = self.troubles;
        document
    }

    /// Packages that a file's component has are told of in that file.
    fn take_places_of_groups(&mut self) {
        let mut is_seen = vec![false; self.packages.len()];
        for (id, path) in &self.groups {
            let mut open: Vec<&str> = vec![id];
            while let Some(id) = open.pop() {
                for next in self.needs.get(id).into_iter().flatten() {
                    let Some(place) = self.places.get(&**next) else { continue };
                    if let (Some(seen @ false), Some(package)) =
                        (is_seen.get_mut(*place), self.packages.get_mut(*place))
                    {
                        *seen = true;
                        open.push(next);
                        put_place(package, path);
                    }
                }
            }
        }
    }
}

fn put_place(package: &mut Package, path: &str) {
    match package.locations.as_mut_slice() {
        [] => package.locations.push(Location { path: path.to_owned(), layer: None }),
        [only] if only.path.is_empty() => path.clone_into(&mut only.path),
        _ => {}
    }
}
