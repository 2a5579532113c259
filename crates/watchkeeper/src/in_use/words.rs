//! How it is told what is in use.

use event::visible::visible;
use inuse::{Key, Place, Port, Reach, What};

const DAY_S: u64 = 24 * 60 * 60;

/// A time, seconds since 1970, as RFC 3339.
pub(crate) fn time(s: u32) -> String {
    jiff::Timestamp::from_second(s.into()).map_or_else(|_| s.to_string(), |it| it.to_string())
}

/// The name of a place: `web-1`, `web-1 image nginx:1.25`.
pub(crate) fn place(key: &Key, place: &Place) -> String {
    let host = match &*key.host {
        b"" => "(unnamed)".into(),
        host => visible(host),
    };
    match &key.what {
        What::Host => host.into_owned(),
        What::Image(identity) => {
            let name = if place.image.name.is_empty() { identity } else { &place.image.name };
            format!("{host} image {}", visible(name))
        }
        What::Container(id) => format!("{host} container {}", visible(id)),
    }
}

/// `443/tcp`; `5432/tcp (loopback)`; of one that the kernel chose, `?/tcp`.
pub(crate) fn port(port: Port) -> String {
    let number = if port.number == 0 { "?".to_owned() } else { port.number.to_string() };
    let reach = if port.reach == Reach::Loopback { " (loopback)" } else { "" };
    format!("{number}/{}{reach}", port.protocol.name())
}

/// How long, in words: `3 days`, `5 h`, `12 min`.
pub(crate) fn long(seconds: u64) -> String {
    let of = |unit_s: u64| seconds / unit_s;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", of(60)),
        3600..172_800 => format!("{} h", of(3600)),
        _ => format!("{} days", of(DAY_S)),
    }
}
