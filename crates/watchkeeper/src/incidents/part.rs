//! Which part of a timeline is asked for.

use std::str::FromStr;

use clap::Parser;
use timeline::{
    filter::{AddressPattern, Filter, Kinds, PathPattern},
    model::{Relevance, Timeline},
};

use crate::{error::Error, when::When};

/// What is asked for.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Filters")]
pub(crate) struct Part {
    /// Only these kinds of things, with commas between: commands, files, network, privileges,
    /// terminal, alerts.
    #[arg(long, value_name = "KINDS")]
    kind: Option<Kinds>,
    /// Only of processes with this name or id; names may have * and ? in them.
    #[arg(long, value_name = "NAME|PID")]
    pub(crate) process: Option<String>,
    /// Only what has to do with this path; * and ? stand for anything.
    #[arg(long, value_name = "PATH")]
    path: Option<PathPattern>,
    /// Only what has to do with this address, network (CIDR), name or port: 198.51.100.7,
    /// 10.0.0.0/8, :4444.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<AddressPattern>,
    /// Only of processes of this user, by name or id.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Only in this container, by name or the beginning of its id.
    #[arg(long, value_name = "CONTAINER")]
    pub(crate) container: Option<String>,
}

/// Which time is asked for.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Filters")]
pub(crate) struct Span {
    /// Only at or after this time: relative to the first alert (-5s, 10s), or RFC 3339.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = around)]
    from: Option<When>,
    /// Only before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = around)]
    to: Option<When>,
}

impl Part {
    /// Whether windows have to be looked into to know what passes.
    pub(crate) fn looks_into_windows(&self) -> bool {
        self.kind.is_some() || self.path.is_some() || self.address.is_some()
    }

    /// The filter of a timeline; `None` if nothing is asked for.
    ///
    /// # Errors
    /// If a pattern is none.
    pub(crate) fn filter(&self, span: &Span, timeline: &Timeline) -> Result<Option<Filter>, Error> {
        let zero_ns = timeline.window.zero_ns;
        let filter = Filter {
            kinds: self.kind.unwrap_or_default(),
            process: pattern(self.process.as_deref())?,
            path: self.path.clone(),
            address: self.address.clone(),
            user: pattern(self.user.as_deref())?,
            container: self.container.clone(),
            from_ns: span.from.map(|when| when.around(zero_ns)),
            to_ns: span.to.map(|when| when.around(zero_ns)),
        };
        let asks = self.looks_into_windows()
            || [&self.process, &self.user, &self.container].iter().any(|part| part.is_some())
            || span.from.or(span.to).is_some();
        Ok(asks.then_some(filter))
    }

    /// Whether anything that has to do with the alerts passes what can only be known from windows.
    pub(crate) fn finds(&self, timeline: &Timeline) -> bool {
        let filter = Filter {
            kinds: self.kind.unwrap_or_default(),
            path: self.path.clone(),
            address: self.address.clone(),
            ..Filter::default()
        };
        // What stays on its own account has something left or is a leaf; others are ancestors.
        filter.apply(timeline).processes.iter().any(|process| {
            let rows = process.files.len()
                + process.network.len()
                + process.privileges.len()
                + process.terminal.len();
            process.relevance != Relevance::Background && (rows > 0 || process.children.is_empty())
        })
    }
}

/// A time relative to the first alert.
fn around(text: &str) -> Result<When, String> {
    text.parse().map_err(|_| {
        format!(
            "'{text}' is not a time; give one relative to the first alert (-5s, 10s), or RFC 3339 \
             (2026-11-23T03:12:07Z)"
        )
    })
}

fn pattern<P: FromStr<Err: ToString>>(text: Option<&str>) -> Result<Option<P>, Error> {
    text.map(|text| text.parse().map_err(|error: P::Err| Error::Usage(error.to_string())))
        .transpose()
}
