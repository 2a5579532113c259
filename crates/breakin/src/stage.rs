//! The stage: the scratch directory, who is started in it, and that all of it is gone in the end.
//!
//! The service is started as services are: a process that leaves its starter's session and is then
//! nobody's child. What holds it is a pipe: when the stage goes, in whatever way, the pipe closes,
//! and the service ends together with all that it started.

mod host;

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use host::Host;

use crate::{
    fault::{Doing, Fault},
    signals,
};

/// So long the whole story may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(15);

/// So long the intruder waits between two steps, unless told otherwise: a person should be able
/// to follow.
const PAUSE: Duration = Duration::from_millis(200);

/// How often the stage looks whether the intruder is done.
const GLANCE: Duration = Duration::from_millis(10);

const USAGE: &str = "breakin [--pause MILLISECONDS]";

/// Plays the whole break-in.
///
/// # Errors
///
/// When the system refuses something, a step fails, or it takes longer than [`LONGEST`].
pub(crate) fn run(args: &[&str]) -> Result<(), Fault> {
    let pause = match args {
        [] => PAUSE,
        ["--pause", pause] => {
            pause.parse().map(Duration::from_millis).or(Err(Fault::Usage(USAGE)))?
        }
        _ => return Err(Fault::Usage(USAGE)),
    };
    signals::catch();
    let host = Host::set_up()?;
    let played = play(&host, pause);
    host.clear_away().and(played)
}

fn play(host: &Host, pause: Duration) -> Result<(), Fault> {
    let secret = secret()?;
    let service = Service::start(host, &secret)?;
    println!("a web service of ours listens on http://{}/", service.address);
    println!("everything happens below {}", host.root().display());
    let intruder = Command::new(host.program("intruder"))
        .args([service.address.to_string(), pause.as_millis().to_string()])
        .current_dir(host.root())
        .env("STAGE_SECRET", &secret)
        .stdin(Stdio::null())
        .spawn()
        .doing("starting the intruder");
    let played = intruder.and_then(watch);
    service.stop().and(played)
}

/// Waits for the intruder, but not for ever.
fn watch(mut intruder: Child) -> Result<(), Fault> {
    let begin = Instant::now();
    loop {
        let late = match intruder.try_wait().doing("waiting for the intruder")? {
            Some(status) if status.success() => return Ok(()),
            Some(_) if signals::asked_to_stop() => return Err(Fault::Stopped),
            Some(status) => return Err(Fault::Astray(format!("the intruder gave up ({status})"))),
            None => begin.elapsed() > LONGEST,
        };
        if late || signals::asked_to_stop() {
            intruder.kill().and_then(|()| intruder.wait()).doing("stopping the intruder")?;
            return Err(if late { Fault::Late(LONGEST) } else { Fault::Stopped });
        }
        thread::sleep(GLANCE);
    }
}

/// The service while it runs.
struct Service {
    address: SocketAddr,
    /// It ends when this closes.
    hold: ChildStdin,
    /// This closes when it has ended.
    output: BufReader<ChildStdout>,
}

impl Service {
    fn start(host: &Host, secret: &str) -> Result<Service, Fault> {
        let mut starter = Command::new(host.program("httpd"))
            .arg("start")
            .current_dir(host.service_dir())
            .env_clear()
            .envs(host.environment())
            .env("STAGE_SECRET", secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .doing("starting the service")?;
        let pipes = starter.stdin.take().zip(starter.stdout.take());
        starter.wait().doing("starting the service")?;
        let (hold, output) =
            pipes.ok_or_else(|| Fault::Astray("the service has no pipes".into()))?;
        let mut output = BufReader::new(output);
        let mut greeting = String::new();
        output.read_line(&mut greeting).doing("waiting for the service")?;
        let address = greeting.trim_end().parse();
        let address = address.or(Err(Fault::Astray("the service does not listen".into())))?;
        Ok(Service { address, hold, output })
    }

    /// Ends the service, and waits until it is gone.
    fn stop(mut self) -> Result<(), Fault> {
        drop(self.hold);
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).map(drop).doing("waiting for the service's end")
    }
}

/// A number that nobody else can guess.
fn secret() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    let source = PathBuf::from("/dev/urandom");
    std::fs::File::open(&source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .doing(source.display().to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
