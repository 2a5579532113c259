//! The intruder: plays his [`STORY`], one step after another, each when the one before has had its
//! effect, and tells what he does.

mod home;
mod shell;
mod story;
mod web;

use std::{
    io::{self, IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    thread,
    time::Duration,
};

use rustix::process::{Signal, set_parent_process_death_signal};

pub(crate) use story::STORY;

use crate::fault::{Doing, Fault};
use home::Home;
use shell::Shell;
use story::{Step, Way};
use web::Web;

/// The intruder's address: another than that of the service, though both are on loopback.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 113, 9);

const USAGE: &str = "intruder SERVICE PAUSE; started by breakin in its scratch directory";

/// Most characters of an answer that are shown.
const MOST_SHOWN: usize = 90;

/// Breaks into the service at `SERVICE`, with `PAUSE` milliseconds between two steps.
///
/// # Errors
///
/// When a step does not have its effect.
pub(crate) fn run(args: &[&str]) -> Result<(), Fault> {
    let [service, pause] = args else { return Err(Fault::Usage(USAGE)) };
    let service: SocketAddr = service.parse().or(Err(Fault::Usage(USAGE)))?;
    let pause = pause.parse().map(Duration::from_millis).or(Err(Fault::Usage(USAGE)))?;
    let secret = std::env::var("STAGE_SECRET").or(Err(Fault::Usage(USAGE)))?;
    set_parent_process_death_signal(Some(Signal::KILL)).doing("tying its life to the stage's")?;
    let scratch = std::env::current_dir().doing("finding the scratch directory")?;
    let mut intruder = Intruder { web: Web { service, secret }, home: Home::open()?, inside: None };
    // What watchkeeper says comes in between.
    let (bold, plain) = if io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    for (step, number) in STORY.iter().zip(1..) {
        let command = intruder.filled_in(step.command, &scratch);
        tell(format_args!("\n{bold}{number:2}  The intruder {}.{plain}\n", step.what))?;
        tell(format_args!("    $ {command}\n"))?;
        let answer = intruder.play(step, &command)?;
        tell(format_args!("{}", shown(&answer)))?;
        thread::sleep(pause);
    }
    Ok(())
}

/// The intruder in the middle of his story.
struct Intruder {
    web: Web,
    home: Home,
    /// The shell that he has, and the request that is answered when it ends.
    inside: Option<(Shell, web::Pending)>,
}

impl Intruder {
    /// Does one thing, and hands out what came back.
    fn play(&mut self, step: &Step, command: &str) -> Result<String, Fault> {
        match (step.way, &mut self.inside) {
            (Way::Visit, _) => self.web.ask(command)?.answer(),
            (Way::Inject, _) => self.web.inject(command)?.answer().map(without_the_weekday),
            (Way::Enter, inside) => {
                let pending = self.web.inject(command)?;
                let (shell, greeting) = Shell::accept(&self.home.shells)?;
                *inside = Some((shell, pending));
                Ok(greeting)
            }
            (Way::Type, Some((shell, _))) => shell.ask(command),
            (Way::Leave, inside @ Some(_)) => {
                inside.take().map_or(Ok(String::new()), |(shell, pending)| {
                    shell.leave(command)?;
                    pending.answer().map(without_the_weekday)
                })
            }
            (Way::Type | Way::Leave, None) => Err(Fault::Astray("there is no shell".into())),
        }
    }

    fn filled_in(&self, command: &str, scratch: &Path) -> String {
        let places = [
            ("{tmp}", scratch.join("tmp").display().to_string()),
            ("{srv}", scratch.join("srv").display().to_string()),
            ("{home}", format!("{}/{}", self.home.files.ip(), self.home.files.port())),
            ("{names}", self.home.names.to_string()),
            ("{port}", self.home.shell_port.to_string()),
        ];
        places.iter().fold(command.to_owned(), |all, (name, place)| all.replace(name, place))
    }
}

/// What the injected command printed: it comes behind the page's own answer, the weekday.
fn without_the_weekday(answer: String) -> String {
    answer.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned())
}

/// Standard output may be closed, and that is no reason to leave the story half told.
fn tell(text: std::fmt::Arguments<'_>) -> Result<(), Fault> {
    match io::stdout().write_fmt(text).and_then(|()| io::stdout().flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(why).doing("telling the story"),
        _ => Ok(()),
    }
}

/// The first line of an answer, and how many follow. It comes from files of the machine, so
/// nothing in it may reach the terminal as a command.
fn shown(answer: &str) -> String {
    let mut lines = answer.lines().filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next() else { return String::new() };
    let first: String = first.chars().filter(|c| !c.is_control()).take(MOST_SHOWN).collect();
    match lines.count() {
        0 => format!("    {first}\n"),
        1 => format!("    {first}\n    (1 more line)\n"),
        more => format!("    {first}\n    ({more} more lines)\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn an_answer_is_shown_by_its_first_line() {
        let cases = [
            ("", ""),
            ("\n\n", ""),
            ("uid=0\n", "    uid=0\n"),
            ("a\nb\n", "    a\n    (1 more line)\n"),
            ("a\nb\n\nc\n", "    a\n    (2 more lines)\n"),
            ("\x1b[2Jboo\n", "    [2Jboo\n"),
        ];
        for (answer, expected) in cases {
            assert_eq!(shown(answer), expected, "{answer:?}");
        }
    }
}
