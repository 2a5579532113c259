//! Packages of Elixir and Erlang: `mix.lock` and `rebar.lock` (hexdocs.pm/mix, rebar3.org).

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Lock files of Mix.
pub(super) const MIX: Extractor = Extractor {
    name: "mix-lock",
    about: "lock files of Elixir's Mix",
    setting: Setting::Declared,
    files: &[Pattern::Name("mix.lock")],
    extract: |input, found| {
        put(input, found, "{:hex,", |text| {
            let (name, rest) = text.trim_start().strip_prefix(':')?.split_once(',')?;
            let (version, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
            Some((name.trim().trim_matches('"'), version))
        })
    },
};

/// Lock files of rebar3.
pub(super) const REBAR: Extractor = Extractor {
    name: "rebar-lock",
    about: "lock files of Erlang's rebar3",
    setting: Setting::Declared,
    files: &[Pattern::Name("rebar.lock")],
    extract: |input, found| {
        put(input, found, "{pkg,", |text| {
            let (name, rest) = text.trim_start().strip_prefix("<<\"")?.split_once("\">>")?;
            let rest = rest.trim_start().strip_prefix(',')?.trim_start();
            let (version, _) = rest.strip_prefix("<<\"")?.split_once("\">>")?;
            Some((name, version))
        })
    },
};

/// Takes a name and a version after each mark; what comes from elsewhere than hex.pm has another mark.
fn put(
    input: &mut Input<'_>,
    found: &mut Found,
    mark: &str,
    read: fn(&str) -> Option<(&str, &str)>,
) -> Result<(), Error> {
    let text = input.text()?;
    for part in text.split(mark).skip(1) {
        if let Some((name, version)) = read(part) {
            found.packages.push(Package::new(Kind::Hex, name, version));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const MIXED: &str = r#"%{
  "bunt": {:hex, :bunt, "0.2.0", "951c6e801e8b1d2cbe58ebbd3e616a869061ddadcc4863d0a2182541acae9a38", [:mix], [], "hexpm", "7af5c7e09fe1d40f76c8e4f9dd2be7cebd83909f31fee7cd0e9eadc567da8353"},
  "castore": {:hex, :castore, "0.1.18",
    "x", [:mix], [{:jason, "~> 1.0", [hex: :jason, repo: "hexpm", optional: false]}], "hexpm", "y"},
  "absinthe": {:git, "https://github.com/a/b.git", "0123", []},
}
"#;

    const BARRED: &str = r#"{"1.2.0",
[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 {<<"own">>,{git,"https://example.org/own.git",{ref,"0123"}},0},
 {<<"ranch">>,{pkg, <<"ranch">>, <<"1.8.0">>},1}]}.
[
{pkg_hash,[
 {<<"cowboy">>, <<"865DD8B6">>}]}
].
"#;

    #[test]
    fn packages_are_listed() {
        assert_eq!(listed(&MIX, "mix.lock", MIXED), ["bunt 0.2.0", "castore 0.1.18"]);
        assert_eq!(listed(&REBAR, "rebar.lock", BARRED), ["cowboy 2.9.0", "ranch 1.8.0"]);
        survives(&MIX, "mix.lock", MIXED);
        survives(&REBAR, "rebar.lock", BARRED);
    }
}
