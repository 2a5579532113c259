//! Package URLs (the purl specification, ECMA-427): one name for a package in every tool.

mod read;

use std::{borrow::Cow, fmt::Write};

pub use read::Url;

use crate::{Distro, Kind, Package};

/// The package URL of a package of this distribution: the one that a document has of it, else one that is
/// made.
pub fn purl(package: &Package, distro: Option<&Distro>) -> String {
    package.purl.clone().unwrap_or_else(|| made(package, distro))
}

/// The package URL that what is known of a package gives.
pub(crate) fn made(package: &Package, distro: Option<&Distro>) -> String {
    let Named { namespace, name, subpath } = named(package, distro);
    let mut out = format!("pkg:{}/", package.kind.name());
    for part in namespace.split('/').filter(|part| !part.is_empty()) {
        encode(part, &mut out);
        out.push('/');
    }
    encode(&name, &mut out);
    if !package.version.is_empty() {
        out.push('@');
        encode(version(package), &mut out);
    }
    let qualifiers = qualifiers(package, distro);
    for (at, (key, value)) in qualifiers.iter().enumerate() {
        let _ = write!(out, "{}{key}=", if at == 0 { '?' } else { '&' });
        encode(value, &mut out);
    }
    if !subpath.is_empty() {
        out.push('#');
        let parts: Vec<&str> = subpath.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "/" });
            encode(part, &mut out);
        }
    }
    out
}

/// A package's name as its kind takes it apart.
struct Named {
    namespace: String,
    name: String,
    subpath: String,
}

fn named(package: &Package, distro: Option<&Distro>) -> Named {
    let name = package.name.as_str();
    let whole = |name: String| Named { namespace: String::new(), name, subpath: String::new() };
    let split = |at: Option<(&str, &str)>| match at {
        Some((namespace, name)) => {
            Named { namespace: namespace.to_owned(), name: name.to_owned(), subpath: String::new() }
        }
        None => whole(name.to_owned()),
    };
    match package.kind {
        kind if kind.is_of_system() && kind != Kind::Portage => Named {
            namespace: distro.map_or_else(String::new, |distro| distro.namespace().to_owned()),
            ..whole(if kind == Kind::Rpm { name.to_owned() } else { name.to_ascii_lowercase() })
        },
        Kind::Maven => split(name.split_once(':')),
        Kind::Golang | Kind::Composer | Kind::Npm => {
            let Named { namespace, name, subpath } = split(name.rsplit_once('/'));
            Named { namespace: namespace.to_lowercase(), name: name.to_lowercase(), subpath }
        }
        Kind::Swift | Kind::Portage | Kind::Julia => split(name.rsplit_once('/')),
        Kind::Pypi => whole(name.to_lowercase().replace('_', "-")),
        Kind::Hex | Kind::Pub => whole(name.to_lowercase()),
        Kind::Cocoapods => match name.split_once('/') {
            Some((name, part)) => Named { subpath: part.to_owned(), ..whole(name.to_owned()) },
            None => whole(name.to_owned()),
        },
        _ => whole(name.to_owned()),
    }
}

/// An rpm package's epoch is a qualifier.
fn version(package: &Package) -> &str {
    let version = package.version.as_str();
    match (package.kind, package.epoch, version.split_once(':')) {
        (Kind::Rpm, Some(_), Some((_, rest))) => rest,
        _ => version,
    }
}

/// In the order of their keys.
fn qualifiers(package: &Package, distro: Option<&Distro>) -> Vec<(Cow<'static, str>, String)> {
    let mut qualifiers = Vec::new();
    if has_architecture(package.kind) && !package.architecture.is_empty() {
        qualifiers.push(("arch".into(), package.architecture.clone()));
    }
    if package.kind.is_of_system() {
        if let Some(distro) = distro {
            let version = distro.full_version();
            let dash = if version.is_empty() { "" } else { "-" };
            qualifiers.push(("distro".into(), format!("{}{dash}{version}", distro.namespace())));
        }
        if let Some(epoch) = package.epoch.filter(|_| package.kind == Kind::Rpm) {
            qualifiers.push(("epoch".into(), epoch.to_string()));
        }
    }
    qualifiers.extend(package.qualifiers.iter().cloned());
    qualifiers.sort();
    qualifiers
}

/// Whether package URLs of this kind tell a processor.
pub(crate) fn has_architecture(kind: Kind) -> bool {
    kind.is_of_system() || kind == Kind::Bitnami
}

/// Whatever is not a letter, a digit, or one of a few marks, by its bytes.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as the specification's examples and those of its types have them.
    #[test]
    fn packages_have_the_names_that_the_specification_gives_them() {
        let debian = Distro { id: "debian".into(), version: "12".into(), ..Distro::default() };
        for (kind, name, version, expected) in [
            (Kind::Npm, "@angular/animation", "12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
            (Kind::Npm, "foobar", "12.3.1", "pkg:npm/foobar@12.3.1"),
            (Kind::Npm, "JSONStream", "1.3.5", "pkg:npm/jsonstream@1.3.5"),
            (Kind::Pypi, "Django_Package", "1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1"),
            (
                Kind::Maven,
                "org.apache.xmlgraphics:batik-anim",
                "1.9.1",
                "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1",
            ),
            (
                Kind::Golang,
                "github.com/Azure/azure-sdk",
                "v1.0",
                "pkg:golang/github.com/azure/azure-sdk@v1.0",
            ),
            (Kind::Composer, "Laravel/laravel", "5.5.0", "pkg:composer/laravel/laravel@5.5.0"),
            (
                Kind::Cocoapods,
                "GoogleUtilities/NSData+zlib",
                "7.5.2",
                "pkg:cocoapods/GoogleUtilities@7.5.2#NSData%2Bzlib",
            ),
            (Kind::Cargo, "rand", "0.7.2+x", "pkg:cargo/rand@0.7.2%2Bx"),
            (
                Kind::Swift,
                "github.com/Alamofire/Alamofire",
                "5.4.3",
                "pkg:swift/github.com/Alamofire/Alamofire@5.4.3",
            ),
            (
                Kind::Nuget,
                "EnterpriseLibrary.Common",
                "6.0.1304",
                "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
            ),
            (
                Kind::Deb,
                "attr",
                "1:2.4.47-2+b1",
                "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12",
            ),
        ] {
            let mut package = Package::new(kind, name, version);
            package.architecture = "amd64".to_owned();
            assert_eq!(purl(&package, Some(&debian)), expected);
        }
    }

    #[test]
    fn what_a_package_tells_beside_is_told_in_the_order_of_its_keys() {
        let mut package = Package::new(Kind::Julia, "Dates", "1.9.0");
        package.qualifiers = vec![("uuid".into(), "ade2ca70".into()), ("a".into(), "b/c".into())];
        assert_eq!(purl(&package, None), "pkg:julia/Dates@1.9.0?a=b%2Fc&uuid=ade2ca70");
    }

    #[test]
    fn an_epoch_is_a_qualifier_of_rpm_packages() {
        let mut package = Package::new(Kind::Rpm, "vim", "2:8.0-1.el8");
        package.epoch = Some(2);
        let distro = Distro { id: "rhel".into(), version: "8.1".into(), ..Distro::default() };
        assert_eq!(
            purl(&package, Some(&distro)),
            "pkg:rpm/redhat/vim@8.0-1.el8?distro=redhat-8.1&epoch=2"
        );
    }
}
