//! Where alerts go: outputs from the command line and the configuration, set up and ended.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use clap::Parser;
use event::alert::Alert;
use notify::{
    Counters, Ended, Form, Notifier, Report, Target,
    file::{self, Rotate},
    http::{self, Url},
    program,
    syslog::{self, Facility},
};

use crate::{
    alerts::{Lines, Printing},
    config::{self, Config, Overflow},
    error::{Error, Outcome},
    output::{Format, Verbosity},
};

/// Which outputs there are.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Outputs")]
pub(crate) struct Args {
    /// Where alerts go, in place of stdout: stdout, file:PATH, syslog:, syslog:udp://HOST:PORT,
    /// syslog:tcp://HOST:PORT, http://... or https://..., program:COMMAND. May be given several
    /// times.
    #[arg(id = "alert_output", long = "output", value_name = "OUTPUT")]
    output: Vec<Spec>,
    /// Configuration file, with outputs, incidents and how they behave: watchkeeper config keys.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// An output in the short form of the command line.
#[derive(Clone, Debug)]
struct Spec(Target);

/// Whether what alerts are of can wait for an output that is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// A recording can.
    CanWait,
    /// What happens now should not: alerts are dropped, and counted.
    Live,
}

/// Outputs that were set up.
pub(crate) struct Outputs {
    /// None when it was ended.
    notifier: Option<Notifier>,
    pace: Pace,
    verbosity: Verbosity,
}

/// As long as this an output that gets nothing done is waited for: when it is full, and at the end.
const PATIENCE: Duration = Duration::from_secs(10);

impl Args {
    /// The configuration; an empty one if no file was named.
    pub(crate) fn config(&self) -> Result<Config, Error> {
        Ok(self.config.as_deref().map(config::read).transpose()?.unwrap_or_default())
    }

    /// Where alerts go, by the command line and the configuration.
    pub(crate) fn targets<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = &'a Target> {
        let asked = self.output.iter().map(|spec| &spec.0);
        asked.chain(config.outputs.iter().map(|configured| &configured.output.to))
    }

    /// Sets up the outputs: those of the command line and those of the configuration. None if there
    /// are none, so that alerts are simply printed, unless that goes through a queue too. Stdout has
    /// the form of what is printed, if it is among them by the command line.
    pub(crate) fn start(
        &self,
        configured: Vec<config::Output>,
        printing: Printing,
        verbosity: Verbosity,
    ) -> Result<Option<Outputs>, Error> {
        let (pace, form) = (printing.lines.pace(), printing.form);
        let asked = self.output.iter().map(|spec| pace.of(spec.output(form), None));
        let configured = configured.into_iter().map(|o| pace.of(o.output, o.overflow));
        let mut outputs: Vec<notify::Output> = asked.chain(configured).collect();
        if outputs.is_empty() && printing.lines == Lines::Queued {
            outputs.push(pace.of(Spec(Target::Stdout).output(form), None));
        }
        if outputs.is_empty() {
            return Ok(None);
        }
        let tell: notify::Tell = Arc::new(|notice| say!("{notice}"));
        let notifier =
            Notifier::start(&outputs, &tell).map_err(|error| Error::Usage(error.to_string()))?;
        Ok(Some(Outputs { notifier: Some(notifier), pace, verbosity }))
    }
}

impl Pace {
    /// The output with the overflow policy that was asked for, or the usual one.
    fn of(self, output: notify::Output, asked: Option<Overflow>) -> notify::Output {
        let usual = match self {
            Self::CanWait => Overflow::Wait,
            Self::Live => Overflow::Drop,
        };
        let overflow = match (asked.unwrap_or(usual), &output.to) {
            (Overflow::Drop, _) => notify::Overflow::Drop,
            (Overflow::Wait, Target::Stdout) => notify::Overflow::Block,
            (Overflow::Wait, _) => notify::Overflow::Wait(PATIENCE),
        };
        notify::Output { overflow, ..output }
    }
}

impl Spec {
    fn output(&self, stdout: Format) -> notify::Output {
        let usual = notify::Output::to(self.0.clone());
        match (&self.0, stdout) {
            (Target::Stdout, Format::Json) => notify::Output { form: Form::Json, ..usual },
            _ => usual,
        }
    }
}

impl Outputs {
    /// Sends an alert to every output that wants it.
    ///
    /// # Errors
    /// If stdout cannot be written any more.
    pub(crate) fn send(&self, alert: Alert) -> Result<(), Error> {
        let Some(notifier) = &self.notifier else { return Ok(()) };
        notifier.send(alert).map_err(|Ended { source, .. }| Error::Output(source))
    }

    /// Whether none of them takes anything any more.
    pub(crate) fn have_ended(&self) -> bool {
        self.notifier.as_ref().is_some_and(Notifier::has_ended)
    }

    /// Delivers what waits. What was not delivered is told on stderr, and makes the outcome
    /// partial.
    ///
    /// # Errors
    /// If stdout could not be written, with alerts that can wait for it.
    pub(crate) fn finish(mut self) -> Result<Outcome, Error> {
        self.end()
    }

    fn end(&mut self) -> Result<Outcome, Error> {
        let reports = self.notifier.take().map(|notifier| notifier.shutdown(PATIENCE));
        let mut outcome = Outcome::Done;
        let mut failed = None;
        for Report { output, counters, ended } in reports.unwrap_or_default() {
            if ended.is_some() && self.pace == Pace::CanWait {
                failed = ended;
            } else if let Some(lost) = lost(&counters) {
                outcome = Outcome::InPart;
                if self.verbosity != Verbosity::Quiet {
                    say!("output {output}: {lost}");
                }
            }
        }
        failed.map_or(Ok(outcome), |error| Err(Error::Output(error)))
    }
}

impl Drop for Outputs {
    /// What waits is delivered also when something else went wrong, which is told instead.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// What did not arrive, if anything.
fn lost(counters: &Counters) -> Option<String> {
    let Counters { delivered, retried, dropped, not_delivered, waiting } = *counters;
    (dropped + not_delivered + waiting > 0).then(|| {
        format!(
            "{delivered} alerts delivered, {not_delivered} not, {dropped} dropped as its queue \
             was full, {waiting} left at the end; {retried} further attempts"
        )
    })
}

impl FromStr for Spec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let target = if text == "stdout" {
            Target::Stdout
        } else if text.starts_with("http://") || text.starts_with("https://") {
            let url = Url::parse(text).map_err(|error| error.to_string())?;
            Target::Http(http::Settings::new(url))
        } else {
            match text.split_once(':') {
                Some(("file", path)) if !path.is_empty() => {
                    Target::File(file::Settings { path: path.into(), rotate: Rotate::default() })
                }
                Some(("syslog", place)) => {
                    let to = place.parse().map_err(|e: syslog::UnknownPlace| e.to_string())?;
                    Target::Syslog(syslog::Settings { to, facility: Facility::default() })
                }
                Some(("program", command)) if !command.trim().is_empty() => {
                    Target::Program(program::Settings::new(command))
                }
                _ => return Err(FORMS.to_owned()),
            }
        };
        Ok(Self(target))
    }
}

const FORMS: &str = "an output is one of stdout, file:PATH, syslog:, syslog:udp://HOST[:PORT], \
    syslog:tcp://HOST[:PORT], http://HOST[:PORT]/PATH, https://..., program:COMMAND";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_read() {
        for (text, name) in [
            ("stdout", "stdout"),
            ("file:/var/log/a b", "file:/var/log/a b"),
            ("file:relative", "file:relative"),
            ("syslog:", "syslog:"),
            ("syslog:udp://logs:5140", "syslog:udp://logs:5140"),
            ("https://hooks.example/secret", "https://hooks.example"),
            ("program:jq -c .rule", "program:jq"),
        ] {
            assert_eq!(text.parse::<Spec>().map(|spec| spec.0.name()), Ok(name.to_owned()));
        }
        for wrong in ["", "file:", "program: ", "/var/log/a", "ftp://a", "http://", "syslog:x"] {
            assert!(wrong.parse::<Spec>().is_err(), "{wrong}");
        }
    }
}
