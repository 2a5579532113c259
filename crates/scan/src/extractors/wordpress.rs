//! WordPress, its plugins and themes, as WordPress itself reads their versions.

use std::io::Read;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// WordPress itself.
pub(super) const CORE: Extractor = Extractor {
    name: "wordpress",
    about: "WordPress",
    setting: Setting::Installed,
    files: &[Pattern::Like("**/wp-includes/version.php")],
    extract: core,
};

/// Plugins and themes.
pub(super) const EXTENSION: Extractor = Extractor {
    name: "wordpress-extension",
    about: "plugins and themes of WordPress",
    setting: Setting::Installed,
    files: &[
        Pattern::Like("**/wp-content/plugins/*/*.php"),
        Pattern::Like("**/wp-content/themes/*/style.css"),
    ],
    extract: extension,
};

/// WordPress looks for headers in this part of a file.
const HEADER_BYTES: u64 = 8 << 10;

fn core(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let text = head(input)?;
    let version = text.lines().find_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        let value = value.split(';').next()?.trim();
        (name.trim() == "$wp_version").then(|| value.trim_matches(['\'', '"']))
    });
    let version = version.filter(|version| !version.is_empty());
    let version = version.ok_or_else(|| Error::malformed("version of WordPress", "it has none"))?;
    found.packages.push(Package::new(Kind::Wordpress, "wordpress", version));
    Ok(())
}

/// The first comment of the main file has the name for people and the version; the folder is the name
/// for programs.
fn extension(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let (name, text) = (input.folder(0), head(input)?);
    let get = |header: &str| {
        text.lines().find_map(|line| {
            let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@', '<', '?']);
            let line = line
                .strip_prefix("php")
                .map_or(line, |rest| rest.trim_start_matches([' ', '/', '*']));
            let (found, value) = line.split_once(':')?;
            found
                .trim_end()
                .eq_ignore_ascii_case(header)
                .then(|| value.trim_end_matches("*/").trim())
        })
    };
    let is_main = get("Plugin Name").or_else(|| get("Theme Name")).is_some();
    if let Some(version) = get("Version").filter(|version| is_main && !version.is_empty()) {
        found.packages.push(Package::new(Kind::Wordpress, name, version));
    }
    Ok(())
}

fn head(input: &mut Input<'_>) -> Result<String, Error> {
    let mut bytes = Vec::new();
    input.content().take(HEADER_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn the_version_of_wordpress_is_read() {
        let text = "<?php\n/** $wp_version = '1'; */\n$wp_version_x = '2';\n$wp_version = '6.4.2'; // now\n";
        assert_eq!(listed(&CORE, "wp-includes/version.php", text), ["wordpress 6.4.2"]);
        assert!(found(&CORE, "wp-includes/version.php", "<?php\n$wp_version = '';\n").is_err());
    }

    #[test]
    fn versions_of_plugins_and_themes_are_read() {
        for (path, text, expected) in [
            (
                "wp-content/plugins/akismet/akismet.php",
                "<?php\n/**\n * Plugin Name: Akismet\n * Version: 5.3\n */\n",
                &["akismet 5.3"][..],
            ),
            (
                "wp-content/plugins/hello/hello.php",
                "<?php /* Plugin Name: Hello\nVersion: 1.7 */",
                &["hello 1.7"],
            ),
            (
                "wp-content/themes/one/style.css",
                "/*\nTheme Name: One\nVersion:1.2\n*/",
                &["one 1.2"],
            ),
            ("wp-content/plugins/a/other.php", "<?php\n/* Version: 3 */\n", &[]),
            ("wp-content/plugins/a/a.php", "<?php\n/* Plugin Name: A */\n", &[]),
        ] {
            assert_eq!(listed(&EXTENSION, path, text), expected, "{path}");
        }
    }
}
