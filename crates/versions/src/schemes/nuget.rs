//! .NET's versions: `1.2.3.4-rc.1+build`.
//!
//! Source: `VersionComparer` of NuGet.Versioning, and Microsoft's page on NuGet package versioning.
//! As semantic versions, with up to four numbers, and a prerelease whose identifiers are compared
//! without regard to case. An identifier is a number only if it is below 2^31.
//!
//! Read besides what `semver` reads besides.

use super::semver::{NUMBER, Rules, SEMVER, TEXT};
use crate::{key::Writer, text};

/// Those of NuGet.
pub(super) const RULES: Rules = Rules { numbers: 4, identifier, ..SEMVER };

fn identifier(text: &str, key: &mut Writer) {
    if text::is_number(text) && text.parse::<i32>().is_ok() {
        key.rank(NUMBER).number(text);
    } else {
        key.rank(TEXT).text(text.to_uppercase());
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn there_are_four_numbers() {
        ascending(Scheme::Nuget, &["1.0.0-rc", "1.0", "1.0.0.1-alpha", "1.0.0.1", "1.0.1"]);
        equal(
            Scheme::Nuget,
            &[&["1", "1.0", "1.0.0.0", "1.0.0+b"], &["1.0-Beta.1", "1.0.0-BETA.01"]],
        );
    }

    #[test]
    fn identifiers_beyond_31_bits_are_texts() {
        let row = ["1.0-9", "1.0-2147483647", "1.0-2147483648", "1.0-3000000000", "1.0-a"];
        ascending(Scheme::Nuget, &row);
        ascending(Scheme::Nuget, &["1.0-20240101000000", "1.0-9999999999"]);
    }
}
