//! The keys of an output and of the maps in it.

use event::alert::Priority;
use notify::{
    Form,
    http::Url,
    syslog::{Facility, Place},
};

use super::{
    headers,
    key::{Doc, Key},
    outputs::{Draft, Overflow},
    value,
};

pub(super) static KEYS: [Key<Draft>; 16] = [
    Key {
        doc: Doc {
            name: "type",
            ty: "stdout, file, syslog, http or program",
            default: "",
            of: &[],
            doc: "What the output is. Required.",
            example: "type: file",
        },
        set: |_, _, _| {},
    },
    Key {
        doc: Doc {
            name: "format",
            ty: "text or json",
            default: "text for stdout and syslog, json for the others",
            of: &[],
            doc: "Form of the alerts: a line for people, or a JSON object on one line with the keys that Falco gives it.",
            example: "format: json",
        },
        set: |draft, node, problems| {
            draft.form =
                problems.parsed(node, value::one_of(&[("text", Form::Text), ("json", Form::Json)]))
        },
    },
    Key {
        doc: Doc {
            name: "min_priority",
            ty: "priority",
            default: "debug",
            of: &[],
            doc: "Alerts of a lesser priority are left out: emergency, alert, critical, error, warning, notice, info, debug.",
            example: "min_priority: warning",
        },
        set: |draft, node, problems| {
            draft.min_priority = problems.parsed(node, str::parse::<Priority>)
        },
    },
    Key {
        doc: Doc {
            name: "path",
            ty: "path",
            default: "",
            of: &["file", "syslog"],
            doc: "The file that is written, required for type file; or the datagram socket of a local syslog daemon, `/dev/log` if not given.",
            example: "path: /var/log/watchkeeper.jsonl",
        },
        set: |draft, node, problems| draft.path = problems.parsed(node, value::path),
    },
    Key {
        doc: Doc {
            name: "rotate",
            ty: "map",
            default: "size: 100MiB, keep: 7",
            of: &["file"],
            doc: "When the file is moved out of the way.",
            example: "rotate: {size: 100MiB, age: 24h, keep: 7}",
        },
        set: |draft, node, problems| problems.map(&ROTATE, node, draft),
    },
    Key {
        doc: Doc {
            name: "address",
            ty: "udp://HOST[:PORT] or tcp://HOST[:PORT]",
            default: "",
            of: &["syslog"],
            doc: "A remote syslog daemon, in place of the local one. The port is 514 if not given.",
            example: "address: udp://logs.example:514",
        },
        set: |draft, node, problems| draft.address = problems.parsed(node, str::parse::<Place>),
    },
    Key {
        doc: Doc {
            name: "facility",
            ty: "facility",
            default: "daemon",
            of: &["syslog"],
            doc: "As what the messages are filed: auth, authpriv, daemon, local0 to local7 and so on.",
            example: "facility: local4",
        },
        set: |draft, node, problems| {
            problems.set(&mut draft.facility, node, str::parse::<Facility>)
        },
    },
    Key {
        doc: Doc {
            name: "url",
            ty: "URL of http or https",
            default: "",
            of: &["http"],
            doc: "Where alerts are posted. Required.",
            example: "url: http://localhost:2801/",
        },
        set: |draft, node, problems| draft.url = problems.parsed(node, Url::parse),
    },
    Key {
        doc: Doc {
            name: "headers",
            ty: "list of maps",
            default: "",
            of: &["http"],
            doc: "Headers beside those that every request has.",
            example: "headers: [{name: authorization, value_file: /run/secrets/token}]",
        },
        set: |draft, node, problems| {
            let items = problems.items(node).iter();
            draft.headers = items.filter_map(|item| headers::read(item, problems)).collect();
        },
    },
    Key {
        doc: Doc {
            name: "timeout",
            ty: "duration",
            default: "10s",
            of: &["http"],
            doc: "Time that one request may take, from connecting to the end of the answer.",
            example: "timeout: 5s",
        },
        set: |draft, node, problems| draft.timeout = problems.parsed(node, value::duration),
    },
    Key {
        doc: Doc {
            name: "tls",
            ty: "map",
            default: "",
            of: &["http"],
            doc: "Certificates: which are trusted, and which is ours. Files are in PEM.",
            example: "tls: {ca: /etc/ssl/our-ca.pem}",
        },
        set: |draft, node, problems| problems.map(&TLS, node, draft),
    },
    Key {
        doc: Doc {
            name: "command",
            ty: "command line for /bin/sh",
            default: "",
            of: &["program"],
            doc: "The program that gets a line for each alert on its standard input. Required.",
            example: "command: logger -t watchkeeper",
        },
        set: |draft, node, problems| draft.command = problems.parsed(node, value::text),
    },
    Key {
        doc: Doc {
            name: "grace",
            ty: "duration",
            default: "2s",
            of: &["program"],
            doc: "Time that the program has to finish at the end, when its input was closed. It is killed after that.",
            example: "grace: 10s",
        },
        set: |draft, node, problems| draft.grace = problems.parsed(node, value::duration),
    },
    Key {
        doc: Doc {
            name: "queue",
            ty: "map",
            default: "alerts: 10000, bytes: 16MiB",
            of: &[],
            doc: "How much may wait for the output.",
            example: "queue: {alerts: 1000, bytes: 4MiB}",
        },
        set: |draft, node, problems| problems.map(&QUEUE, node, draft),
    },
    Key {
        doc: Doc {
            name: "overflow",
            ty: "wait or drop",
            default: "wait for recordings, drop for what is live",
            of: &[],
            doc: "What happens when more comes than may wait. wait: whoever sends waits as long as the output gets something done within ten seconds, and drops after that. drop: the alert is dropped. What is dropped is counted and told.",
            example: "overflow: drop",
        },
        set: |draft, node, problems| {
            draft.overflow = problems
                .parsed(node, value::one_of(&[("wait", Overflow::Wait), ("drop", Overflow::Drop)]))
        },
    },
    Key {
        doc: Doc {
            name: "retry",
            ty: "map",
            default: "first: 500ms, most: 30s, attempts: 10",
            of: &[],
            doc: "How delivery is tried again when it failed.",
            example: "retry: {first: 1s, most: 1m, attempts: 20}",
        },
        set: |draft, node, problems| problems.map(&RETRY, node, draft),
    },
];

pub(super) static ROTATE: [Key<Draft>; 3] = [
    Key {
        doc: Doc {
            name: "size",
            ty: "size",
            default: "100MiB",
            of: &["file"],
            doc: "The file is moved before it would grow beyond this.",
            example: "size: 10MiB",
        },
        set: |draft, node, problems| {
            draft.rotate.size_bytes = problems.parsed(node, value::size);
        },
    },
    Key {
        doc: Doc {
            name: "age",
            ty: "duration",
            default: "",
            of: &["file"],
            doc: "The file is moved when it is so old and the next alert comes.",
            example: "age: 24h",
        },
        set: |draft, node, problems| draft.rotate.age = problems.parsed(node, value::duration),
    },
    Key {
        doc: Doc {
            name: "keep",
            ty: "number",
            default: "7",
            of: &["file"],
            doc: "So many old files are kept: `PATH.1` is the newest of them.",
            example: "keep: 30",
        },
        set: |draft, node, problems| {
            problems.set(&mut draft.rotate.keep, node, value::number(1..=10_000))
        },
    },
];

pub(super) static QUEUE: [Key<Draft>; 2] = [
    Key {
        doc: Doc {
            name: "alerts",
            ty: "number",
            default: "10000",
            of: &[],
            doc: "Most alerts that wait.",
            example: "alerts: 1000",
        },
        set: |draft, node, problems| {
            problems.set(&mut draft.bounds.alerts, node, value::number(1..=10_000_000))
        },
    },
    Key {
        doc: Doc {
            name: "bytes",
            ty: "size",
            default: "16MiB",
            of: &[],
            doc: "Most bytes of alerts that wait. One alert always may.",
            example: "bytes: 4MiB",
        },
        set: |draft, node, problems| {
            let bytes =
                |text: &str| value::size(text).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
            problems.set(&mut draft.bounds.bytes, node, bytes);
        },
    },
];

pub(super) static RETRY: [Key<Draft>; 3] = [
    Key {
        doc: Doc {
            name: "first",
            ty: "duration",
            default: "500ms",
            of: &[],
            doc: "Time before the second attempt; it doubles with each further one.",
            example: "first: 1s",
        },
        set: |draft, node, problems| problems.set(&mut draft.retry.first, node, value::duration),
    },
    Key {
        doc: Doc {
            name: "most",
            ty: "duration",
            default: "30s",
            of: &[],
            doc: "Most time between two attempts, also if a server asks for more.",
            example: "most: 1m",
        },
        set: |draft, node, problems| problems.set(&mut draft.retry.most, node, value::duration),
    },
    Key {
        doc: Doc {
            name: "attempts",
            ty: "number",
            default: "10",
            of: &[],
            doc: "Attempts for one alert, the first included. After the last one the alert is counted as not delivered.",
            example: "attempts: 20",
        },
        set: |draft, node, problems| {
            problems.set(&mut draft.retry.attempts, node, value::number(1..=10_000))
        },
    },
];

pub(super) static TLS: [Key<Draft>; 3] = [
    Key {
        doc: Doc {
            name: "ca",
            ty: "path",
            default: "the system's",
            of: &["http"],
            doc: "Authorities that are trusted, in place of those of the system.",
            example: "ca: /etc/ssl/our-ca.pem",
        },
        set: |draft, node, problems| draft.ca = problems.parsed(node, value::path),
    },
    Key {
        doc: Doc {
            name: "cert",
            ty: "path",
            default: "",
            of: &["http"],
            doc: "Our own certificate, if the server asks for one, and those between it and the authority.",
            example: "cert: /etc/watchkeeper/client.pem",
        },
        set: |draft, node, problems| draft.cert = problems.parsed(node, value::path),
    },
    Key {
        doc: Doc {
            name: "key",
            ty: "path",
            default: "",
            of: &["http"],
            doc: "The private key of `cert`.",
            example: "key: /etc/watchkeeper/client.key",
        },
        set: |draft, node, problems| draft.key = problems.parsed(node, value::path),
    },
];
