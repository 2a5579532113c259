//! What a document tells of a component, and which package that is.

use super::properties::Told;
use crate::{
    Distro, Kind, Location, Package, Source,
    extractors::source_of_rpm,
    purl::{Url, has_architecture},
};

/// What a document takes a component for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Role {
    /// A library, or whatever is installed.
    #[default]
    Package,
    /// Something that may be installed, or may stand for a file or a group.
    Application,
    /// A distribution.
    System,
    /// What is no package unless a package URL says so: files, images, devices, data.
    Other,
}

/// A component as a document tells of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Component {
    /// Its place in the document.
    pub(super) place: String,
    /// By what other parts of the document know it.
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) group: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) purl: String,
    pub(super) licences: Vec<String>,
    pub(super) told: Told,
}

impl Component {
    /// It with what properties tell put together.
    pub(super) fn finished(mut self) -> Self {
        self.told.finish();
        self
    }

    /// The distribution that it is, if it is one.
    pub(super) fn distro(&self) -> Distro {
        let id = self.told.distro_id.as_deref().unwrap_or(&self.name);
        let mut distro = Distro::named(id, &self.version);
        distro.codename = self.told.codename.clone().unwrap_or_default();
        let name = self.told.distro_name.clone();
        distro.name = name.unwrap_or_else(|| self.description.clone());
        distro
    }

    /// It stands for a file, or for all packages of a kind.
    pub(super) fn is_group(&self) -> bool {
        self.role == Role::Application
            && self.purl.is_empty()
            && (self.told.is_group || self.version.is_empty())
    }

    /// The package that it is, and the distribution that its package URL tells; `None` where it is no
    /// package.
    ///
    /// # Errors
    /// If nobody can say what it is of: why.
    pub(super) fn package(&self) -> Result<Option<(Package, Option<Distro>)>, String> {
        if self.purl.is_empty() {
            return self.without_url().map(|package| package.map(|package| (package, None)));
        }
        let url = Url::parse(&self.purl)
            .map_err(|why| format!("{}: '{}' is no package URL: {why}", self.shown(), self.purl))?;
        let mut package = self.of_url(&url);
        self.complete(&mut package);
        package.purl = Some(self.purl.clone());
        let of_system = url.kind.is_of_system();
        let distro = url.qualifier("distro").filter(|_| of_system).map(Distro::of_qualifier);
        Ok(Some((package, distro)))
    }

    fn without_url(&self) -> Result<Option<Package>, String> {
        let kind = self.told.type_name.as_deref().and_then(kind_of);
        match (self.role, kind) {
            (Role::Other | Role::System, _) => Ok(None),
            (Role::Application, _) if self.is_group() => Ok(None),
            (_, Some(kind)) if !self.name.is_empty() => {
                let name = self.whole_name(kind);
                let mut package = Package::new(kind, name, &*self.version);
                self.complete(&mut package);
                Ok(Some(package))
            }
            _ => Err(format!(
                "{} has no package URL, so that nobody knows what it is of, and is not listed",
                self.shown()
            )),
        }
    }

    /// Its name and version, as messages have them.
    fn shown(&self) -> String {
        let dash = if self.version.is_empty() { "" } else { " " };
        match self.name.is_empty() {
            true => "what has no name".to_owned(),
            false => format!("'{}{dash}{}'", self.name, self.version),
        }
    }

    fn whole_name(&self, kind: Kind) -> String {
        let mark = if kind == Kind::Maven { ':' } else { '/' };
        match self.group.as_str() {
            "" => self.name.clone(),
            group => format!("{group}{mark}{}", self.name),
        }
    }

    fn of_url(&self, url: &Url) -> Package {
        let mut name = url.whole_name();
        // Package URLs of some kinds have small letters and dashes for all.
        let told = self.whole_name(url.kind);
        if plain(&told) == plain(&name) {
            name = told;
        }
        let version = if url.version.is_empty() { &self.version } else { &url.version };
        let mut package = Package::new(url.kind, name, version.as_str());
        take_qualifiers(url, &mut package);
        package
    }

    fn complete(&self, package: &mut Package) {
        let told = &self.told;
        if let Some(source) = &told.source {
            package.source = Some(source.clone());
        }
        if let (Kind::Rpm, Some(epoch), Some(source)) =
            (package.kind, package.epoch, &mut package.source)
            && !source.version.contains(':')
        {
            source.version = format!("{epoch}:{}", source.version);
        }
        if let Some(source) = package.source.as_mut().filter(|source| source.version.is_empty()) {
            source.version.clone_from(&package.version);
        }
        if told.module.is_some() {
            package.module.clone_from(&told.module);
        }
        if let Some(architecture) = &told.architecture {
            package.architecture.clone_from(architecture);
        }
        package.is_dev = told.is_dev;
        package.licences.clone_from(&self.licences);
        let locations = told.locations.iter();
        let locations = locations.map(|(path, _)| Location { path: within(path), layer: None });
        package.locations = locations.collect();
    }
}

/// A path from the root, as inventories have it.
fn within(path: &str) -> String {
    path.strip_prefix('/').unwrap_or(path).to_owned()
}

/// What is the same in names that package URLs make alike.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// What a package URL tells beside the name; what has no place of its own is kept as it is.
fn take_qualifiers(url: &Url, package: &mut Package) {
    let of_system = package.kind.is_of_system();
    for (key, value) in &url.qualifiers {
        match key.as_str() {
            "arch" if has_architecture(package.kind) => package.architecture.clone_from(value),
            "distro" if of_system => {}
            "epoch" if of_system => take_epoch(value, package),
            "modularitylabel" if of_system => package.module = Some(value.clone()),
            "upstream" if of_system => package.source = upstream(value),
            _ => package.qualifiers.push((key.clone().into(), value.clone())),
        }
    }
}

fn take_epoch(value: &str, package: &mut Package) {
    let Some(epoch) = value.parse::<u32>().ok().filter(|epoch| *epoch != 0) else { return };
    if !package.version.contains(':') {
        package.version = format!("{epoch}:{}", package.version);
    }
    package.epoch = Some(epoch).filter(|_| package.kind == Kind::Rpm);
}

/// `name`, `name@version`, or a file of an rpm package.
fn upstream(value: &str) -> Option<Source> {
    if value.ends_with(".rpm") {
        return source_of_rpm(value, None);
    }
    let (name, version) = value.split_once('@').unwrap_or((value, ""));
    (!name.is_empty()).then(|| Source { name: name.to_owned(), version: version.to_owned() })
}

/// What a component is of, in the words of Trivy and Syft, or in those of package URLs.
fn kind_of(type_name: &str) -> Option<Kind> {
    let known = match type_name {
        "alpine" | "apk" | "chainguard" | "wolfi" => Kind::Apk,
        "debian" | "deb" | "ubuntu" => Kind::Deb,
        "alma" | "amazon" | "azurelinux" | "cbl-mariner" | "centos" | "fedora" | "opensuse"
        | "oracle" | "photon" | "redhat" | "rocky" | "rpm" => Kind::Rpm,
        "bun" | "node-pkg" | "npm" | "pnpm" | "yarn" => Kind::Npm,
        "pip" | "pipenv" | "poetry" | "pylock" | "python" | "python-pkg" | "uv" => Kind::Pypi,
        "conda" | "conda-environment" | "conda-pkg" => Kind::Conda,
        "bundler" | "gem" | "gemspec" => Kind::Gem,
        "cargo" | "rust-crate" | "rustbinary" => Kind::Cargo,
        "go-module" | "gobinary" | "gomod" => Kind::Golang,
        "composer" | "composer-vendor" | "php-composer" => Kind::Composer,
        "gradle" | "jar" | "java-archive" | "pom" | "sbt" => Kind::Maven,
        "dotnet" | "dotnet-core" | "nuget" | "packages-props" => Kind::Nuget,
        "alpm" | "pacman" => Kind::Alpm,
        "portage" => Kind::Portage,
        "conan" => Kind::Conan,
        "cocoapods" | "pod" => Kind::Cocoapods,
        "swift" => Kind::Swift,
        "dart-pub" | "pub" => Kind::Pub,
        "hex" => Kind::Hex,
        "hackage" => Kind::Hackage,
        "R-package" => Kind::Cran,
        "julia" => Kind::Julia,
        "bitnami" => Kind::Bitnami,
        "nix" => Kind::Nix,
        "wordpress-plugin" => Kind::Wordpress,
        _ => return None,
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(purl: &str, name: &str, properties: &[(&str, &str)]) -> Package {
        let mut component =
            Component { purl: purl.into(), name: name.into(), ..Component::default() };
        properties.iter().for_each(|(name, value)| component.told.take(name, value));
        component.finished().package().unwrap().unwrap().0
    }

    #[test]
    fn packages_have_what_their_urls_tell() {
        let package = of(
            "pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810",
            "openssl-libs",
            &[],
        );
        assert_eq!((package.version.as_str(), package.epoch), ("1:1.0.2k-16.el7", Some(1)));
        assert_eq!((package.architecture.as_str(), &package.qualifiers[..]), ("x86_64", &[][..]));
        let package = of("pkg:deb/debian/bsdutils@2.38?epoch=1", "bsdutils", &[]);
        assert_eq!((package.version.as_str(), package.epoch), ("1:2.38", None));
        let package = of("pkg:deb/debian/libc6@2.36?upstream=glibc", "libc6", &[]);
        assert_eq!(package.source, Some(Source { name: "glibc".into(), version: "2.36".into() }));
        let package = of("pkg:rpm/rhel/a@1-2?upstream=b-3-4.src.rpm&epoch=5", "a", &[]);
        assert_eq!(package.source, Some(Source { name: "b".into(), version: "5:3-4".into() }));
    }

    #[test]
    fn names_keep_their_letters() {
        assert_eq!(
            of("pkg:golang/github.com/azure/a@v1", "github.com/Azure/a", &[]).name,
            "github.com/Azure/a"
        );
        assert_eq!(of("pkg:pypi/django-package@1", "Django_Package", &[]).name, "Django_Package");
        assert_eq!(of("pkg:maven/org.a/b@1", "B of A", &[]).name, "org.a:b");
    }

    #[test]
    fn sources_are_told_by_tools() {
        let trivy = [
            ("aquasecurity:trivy:SrcName", "bash"),
            ("aquasecurity:trivy:SrcEpoch", "1"),
            ("aquasecurity:trivy:SrcVersion", "4.2"),
            ("aquasecurity:trivy:SrcRelease", "31"),
        ];
        let syft = [("syft:metadata:source", "bash"), ("syft:metadata:sourceVersion", "1:4.2-31")];
        let own = [("watchkeeper:source:name", "bash"), ("watchkeeper:source:version", "1:4.2-31")];
        for properties in [&trivy[..], &syft, &own] {
            let package = of("pkg:deb/debian/b@1", "b", properties);
            assert_eq!(
                package.source,
                Some(Source { name: "bash".into(), version: "1:4.2-31".into() })
            );
        }
    }

    #[test]
    fn what_has_no_url_is_known_by_its_type_or_told() {
        let of = |role, version: &str, type_name: Option<&str>| {
            let mut component = Component {
                name: "a".into(),
                version: version.into(),
                role,
                ..Component::default()
            };
            component.told.type_name = type_name.map(str::to_owned);
            component.package().map(|package| package.map(|(package, _)| package.kind))
        };
        assert_eq!(of(Role::Package, "1", Some("go-module")), Ok(Some(Kind::Golang)));
        assert_eq!(of(Role::Other, "1", None), Ok(None));
        assert_eq!(of(Role::Application, "", None), Ok(None));
        let why = "'a 1' has no package URL, so that nobody knows what it is of, and is not listed";
        assert_eq!(of(Role::Application, "1", None), Err(why.to_owned()));
        assert_eq!(of(Role::Package, "1", Some("binary")), Err(why.to_owned()));
    }
}
