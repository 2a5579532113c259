//! What the script needs to be used: hidden until it runs.

use std::io;

use super::Page;
use crate::{
    model::{Connection, Process, Role},
    views::{
        fold::{self, Kind},
        words,
    },
};

impl Page<'_> {
    /// The bar of controls.
    pub(super) fn controls(&mut self) -> io::Result<()> {
        self.html.raw(FIND)?;
        self.html.raw("<fieldset class=\"kinds\"><legend class=\"sr\">Show</legend>\n")?;
        for (kind, label, number) in self.kinds().into_iter().filter(is_offered) {
            self.html.within("<label data-kind=\"", kind, "\"><input type=\"checkbox\"")?;
            self.html.raw(if kind == ROUTINE { "> " } else { " checked> " })?;
            self.html.within("", label, " <small>")?;
            self.html.within("", words::count(number), "</small></label>\n")?;
        }
        self.html.raw("</fieldset>\n")?;
        self.html.raw(REST)
    }

    /// Kinds of rows and how many things each shows.
    fn kinds(&self) -> [(&'static str, &'static str, u64); 7] {
        let sum = |of: fn(&Process) -> usize| {
            self.timeline.processes.iter().map(|process| of(process) as u64).sum()
        };
        [
            ("p", "Commands", sum(|process| process.commands.len())),
            ("f", "Files", sum(|process| process.files.len() - routine_files(process))),
            (
                "n",
                "Network",
                sum(|process| process.network.iter().filter(|c| !is_quiet(c)).count()),
            ),
            ("v", "Rights", sum(|process| process.privileges.len())),
            (TERMINAL, "Terminals", sum(|process| process.terminal.len())),
            ("a", "Alerts", self.timeline.alerts.len() as u64),
            (ROUTINE, "Routine", sum(routine)),
        ]
    }
}

/// What any program opens: not shown at first.
const ROUTINE: &str = "r";
/// What terminals showed, which few recordings have.
const TERMINAL: &str = "t";

fn is_offered(kind: &(&'static str, &'static str, u64)) -> bool {
    kind.0 != TERMINAL || kind.2 > 0
}

fn routine(process: &Process) -> usize {
    routine_files(process) + process.network.iter().filter(|c| is_quiet(c)).count()
}

fn routine_files(process: &Process) -> usize {
    process.files.iter().filter(|file| Kind::of(file) == Kind::Routine).count()
}

fn is_quiet(connection: &Connection) -> bool {
    fold::is_routine(connection) || connection.role == Role::Inherited
}

const FIND: &str = r#"<div class="bar" id="bar" role="search" hidden>
<div class="find"><label><span class="sr">Search what happened</span><input type="search" id="find" placeholder="Search commands, files, addresses" aria-keyshortcuts="/" aria-describedby="keys" autocomplete="off" spellcheck="false"></label>
<span class="sr" id="keys">Enter: next hit, or alert if nothing is searched for; Shift Enter: previous; Escape: clear</span>
<span id="count" role="status"></span>
<button class="sign" id="previous" aria-label="Previous hit or alert" title="Previous hit or alert (Shift+Enter)">↑</button><button class="sign" id="next" aria-label="Next hit or alert" title="Next hit or alert (Enter)">↓</button></div>
"#;

const REST: &str = r#"<fieldset><legend class="sr">Times</legend>
<label><input type="radio" name="times" value="relative" checked>Relative</label>
<label><input type="radio" name="times" value="utc">UTC</label>
<label><input type="radio" name="times" value="local">Local</label></fieldset>
<div><button id="unfold">Unfold all</button>
<button id="fold">Fold all</button>
<button class="sign" id="theme">◐</button></div>
</div>
"#;
