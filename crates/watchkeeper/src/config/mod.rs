//! The configuration file: YAML, read whole or refused with all that is wrong with it.
//!
//! - `key`: what a key is, and how maps are read by tables of them; `value`: kinds of values.
//! - `root`, `output_keys`, `headers`: the tables, each with what its keys set; `outputs`: what
//!   comes out of them; `incidents`, `containers`: the tables of those.

mod containers;
mod headers;
mod incidents;
mod key;
mod output_keys;
mod outputs;
mod root;
mod value;

use std::{fs, io, path::Path};

pub(crate) use containers::Containers;
pub(crate) use incidents::{Incidents, Keep, Window};
pub(crate) use key::Doc;
pub(crate) use outputs::Overflow;
pub(crate) use value::{duration, size, span};

use capture::ebpf::Terminals;

use crate::{error::Error, yaml};
use key::Problems;

/// What a configuration file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Where alerts go.
    pub(crate) outputs: Vec<Output>,
    /// What is kept around alerts.
    pub(crate) incidents: Incidents,
    /// Whom to ask about containers.
    pub(crate) containers: Containers,
    /// Whether terminals are recorded.
    pub(crate) terminals: Terminals,
    /// Whether it is kept what is in use.
    pub(crate) in_use: InUse,
}

/// Whether it is kept which files are in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum InUse {
    /// Where there is a store.
    #[default]
    Keep,
    /// No.
    LeaveOut,
}

/// An output, and what happens when more alerts come than may wait, if the file says.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) output: notify::Output,
    pub(crate) overflow: Option<Overflow>,
}

/// Largest file that is read, bytes.
const LARGEST: u64 = 4 << 20;

/// Reads a file.
///
/// # Errors
/// If it cannot be read, and all that is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Config, Error> {
    let at = |source| Error::File { path: path.to_owned(), source };
    if path.metadata().map_err(at)?.len() > LARGEST {
        return Err(at(io::Error::other("is larger than 4 MiB, which no configuration is")));
    }
    let bytes = fs::read(path).map_err(at)?;
    let text = String::from_utf8(bytes).map_err(|_| at(io::Error::other("is not UTF-8 text")))?;
    parse(&text).map_err(|problems| Error::Usage(problems.shown(&path.display().to_string())))
}

fn parse(text: &str) -> Result<Config, Problems> {
    let mut problems = Problems::default();
    let mut config = Config::default();
    match yaml::parse(text) {
        Ok(node) if node.is_null() => {}
        Ok(node) => problems.map(&root::KEYS, &node, &mut config),
        Err(wrong) => problems.wrong(wrong),
    }
    problems.none_or(config)
}

/// Every key, in the order of the manual: where it stands, and what it is.
pub(crate) fn keys() -> impl Iterator<Item = (&'static str, &'static Doc)> {
    let root = root::KEYS.iter().map(|key| ("", &key.doc));
    let outputs = outputs::documented();
    root.chain(outputs).chain(incidents::documented()).chain(containers::documented())
}

#[cfg(test)]
mod tests {
    use engines::{Api, SourceSettings};

    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let shown = parse(text).map_err(|problems| problems.shown("f")).expect_err(text);
        shown.lines().map(str::to_owned).collect()
    }

    fn names(text: &str) -> Vec<String> {
        let config = parse(text).unwrap_or_else(|problems| panic!("{}", problems.shown("f")));
        config.outputs.iter().map(|output| output.output.to.name()).collect()
    }

    #[test]
    fn an_empty_file_says_nothing() {
        for text in ["", "# nothing\n", "outputs:\n", "outputs: []\n"] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_at_its_place() {
        let text = "\
outputs:
  - type: file
    paht: /var/log/alerts
    rotate: {size: 10MB, keep: 0}
  - type: http
    url: ftp://logs.example
    path: /x
  - type: smoke
  - format: xml
otputs: 1
";
        assert_eq!(
            mistakes(text),
            [
                "f:2:5: an output of type file needs a 'path'",
                "f:3:5: unknown key 'paht'; did you mean 'path'?",
                "f:4:20: '10MB' is no size; give bytes, or KiB, MiB, GiB: 64MiB",
                "f:4:32: '0' is not a number from 1 to 10000",
                "f:6:10: not a URL of http or https",
                "f:7:5: 'path' is for outputs of type file, syslog, not http",
                "f:8:11: unknown type 'smoke'; known are stdout, file, syslog, http, program",
                "f:9:5: an output needs a 'type': stdout, file, syslog, http, program",
                "f:10:1: unknown key 'otputs'; did you mean 'outputs'?",
            ]
        );
    }

    #[test]
    fn terminals_are_recorded_only_if_that_is_said() {
        for (text, want) in [
            ("", Terminals::LeftOut),
            ("terminals: leave_out\n", Terminals::LeftOut),
            ("terminals: record\n", Terminals::Recorded),
        ] {
            assert_eq!(parse(text).unwrap().terminals, want, "{text}");
        }
        let wrong = mistakes("terminals: yes\n");
        assert!(wrong[0].starts_with("f:1:12: "), "{wrong:?}");
    }

    #[test]
    fn incidents_have_windows_bounds_and_retention() {
        let text = "\
incidents:
  store: /var/lib/watchkeeper
  before: 0s
  windows:
    - {tag: web, after: 5m}
    - {rule: Web shell written, before: 1h}
  keep: {age: 30d, size: 10GiB, count: 7}
";
        let incidents = parse(text).unwrap_or_else(|p| panic!("{}", p.shown("f"))).incidents;
        let seconds = std::time::Duration::from_secs;
        assert_eq!(incidents.before, Some(seconds(0)));
        assert_eq!(incidents.windows[0].after, Some(seconds(300)));
        assert_eq!(incidents.windows[1].rule.as_deref(), Some("Web shell written"));
        assert_eq!(incidents.keep.age, Some(seconds(30 * 86_400)));
        assert_eq!((incidents.keep.size, incidents.keep.count), (Some(10 << 30), Some(7)));
        let wrong = "\
incidents:
  before: soon
  windows: [{before: 1s}, {tag: a, rule: b}]
  keep: {ages: 1d, count: 0}
";
        assert_eq!(
            mistakes(wrong),
            [
                "f:2:11: 'soon' is no duration; give 0s, 500ms, 90s, 5m, 24h or 30d",
                "f:3:13: a window needs a 'tag' or a 'rule', and only one of both",
                "f:3:27: a window needs a 'tag' or a 'rule', and only one of both",
                "f:4:10: unknown key 'ages'; did you mean 'age'?",
                "f:4:27: '0' is not a number from 1 to 4294967295",
            ]
        );
    }

    #[test]
    fn engines_are_asked_where_they_are_said_to_be() {
        let containers = |text: &str| {
            parse(text).unwrap_or_else(|p| panic!("{}", p.shown("f"))).containers.settings()
        };
        assert_eq!(containers(""), engines::Settings::default());
        let text = "\
containers:
  host_root: /host
  sources:
    - {api: cri, path: /run/own.sock}
  user_sources: []
";
        let settings = containers(text);
        assert_eq!(settings.host_root, Path::new("/host"));
        let own = SourceSettings { api: Api::Cri, path: "/run/own.sock".into() };
        assert_eq!((settings.sources, settings.user_sources), (vec![own], Vec::new()));
        let wrong = "\
containers:
  host_root: host
  sources: [{api: rkt, path: /x}, {path: /x}, {api: cri, path: x}]
  user_sources: [{api: docker, path: /docker.sock}]
";
        assert_eq!(
            mistakes(wrong),
            [
                "f:2:14: 'host' is not a path that begins with /",
                "f:3:19: 'rkt' is none of cri, docker, podman, containerd, storage",
                "f:3:35: a source needs an 'api' and a 'path'",
                "f:3:64: 'x' is not a path that begins with /",
                "f:4:38: '/docker.sock' is not a path below the user's folder, without / in front",
            ]
        );
    }

    #[test]
    fn wrong_shapes_are_told() {
        for (text, mistake) in [
            ("- a\n", "f:1:1: expected a mapping (key: value), found a list"),
            ("outputs: 1\n", "f:1:10: expected a list, found a number"),
            ("outputs: [x]\n", "f:1:11: expected a mapping (key: value), found text"),
            ("outputs: [{type: [a]}]\n", "f:1:18: expected text, found a list"),
            ("outputs: [{type: }]\n", "f:1:"),
            ("outputs: [\n", "f:"),
        ] {
            let told = mistakes(text);
            assert!(told[0].starts_with(mistake), "{text}: {told:?}");
        }
    }

    #[test]
    fn secrets_are_taken_as_they_stand_and_never_repeated() {
        let header = |header: &str| {
            format!("outputs: [{{type: http, url: 'http://a/s3cret', headers: [{header}]}}]\n")
        };
        for right in ["{name: x, value: s3cret}", "{name: x, value: '0123'}"] {
            let config = parse(&header(right)).unwrap_or_else(|p| panic!("{}", p.shown("f")));
            assert!(!format!("{config:?}").contains("s3cret"));
        }
        for (wrong, mistake) in [
            ("{name: x, value: 1.10}", "put the value in quotes"),
            ("{name: 'x y', value: s3cret}", "'x y' is no name of a header"),
            ("{name: x, value: \"s3cret\\r\\nb: c\"}", "a line feed or another control"),
            ("{name: x, value_file: /no/such}", "/no/such: No such file"),
            ("{name: x, value: s3cret, value_file: /x}", "only one of both"),
            ("{value: s3cret}", "a header needs a 'name'"),
            ("{name: x}", "a header needs a 'value'"),
            ("{name: host, value: s3cret}", "is set by the program itself"),
        ] {
            let told = mistakes(&header(wrong)).join("\n");
            assert!(told.contains(mistake), "{told}");
            assert!(!told.contains("s3cret"), "{told}");
        }
        let url = mistakes("outputs: [{type: http, url: 'https://me:s3cret@a/'}]\n");
        assert!(!url[0].contains("s3cret") && url[0].contains("'authorization' header"), "{url:?}");
    }

    #[test]
    fn every_example_of_the_manual_is_right() {
        for (at, doc) in keys() {
            assert!(!doc.doc.is_empty() && doc.doc.ends_with('.'), "{at}{}", doc.name);
            let broken = yaml::parse(doc.example).err();
            assert!(broken.is_none(), "{at}{}: {broken:?}", doc.name);
            assert!(doc.example.contains(doc.name), "{at}{}", doc.name);
        }
    }
}
