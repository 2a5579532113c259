//! `watchkeeper selftest` as a person meets it. Nothing is attached to this machine's kernel here: the
//! actions are traced. How it is where the kernel records stands in `tests/vm`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use seccompiler::{SeccompAction, SeccompFilter, apply_filter};
use serde_json::Value;
use tempfile::TempDir;

/// So long anything may take here; a machine under load takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder for temporary files, in which nothing may be left.
struct Fixture {
    temporary: TempDir,
    files: TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { temporary: tempfile::tempdir().unwrap(), files: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The self-test, traced, with these arguments.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.args(["selftest", "--source", "trace"]).args(arguments);
        command.env("TMPDIR", self.temporary.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The report and exit code of the self-test as a child of the first process: what runs tests is
    /// trusted by rules (`make` may start compilers), and must not be its ancestor.
    fn orphan(&self, prepare: impl FnOnce(&mut Command)) -> (Value, String) {
        let out = self.file("out", "");
        let code = self.files.path().join("code");
        let line = "(\"$@\" >\"$OUT\"; echo $? >\"$CODE.new\"; mv \"$CODE.new\" \"$CODE\") &";
        let selftest = self.command(&["--format", "json"]);
        let mut command = Command::new("sh");
        command
            .args(["-c", line, "sh"])
            .arg(selftest.get_program())
            .args(selftest.get_args())
            .env("TMPDIR", self.temporary.path())
            .env("OUT", &out)
            .env("CODE", &code);
        prepare(&mut command);
        assert!(command.status().unwrap().success());
        wait_for("the report", || code.exists());
        let report = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
        (report, fs::read_to_string(code).unwrap())
    }

    /// What lies in the folder for temporary files.
    fn left(&self) -> Vec<PathBuf> {
        fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Fails if anything is left there, or runs that has to do with it.
    fn assert_clean(&self) {
        assert_eq!(self.left(), Vec::<PathBuf>::new());
        wait_for("the end of all processes", || running(self.temporary.path()).is_empty());
    }
}

/// Processes whose command line names this folder.
fn running(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let lines = processes.filter_map(|process| fs::read(process.join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).into_owned());
    lines.filter(|line| line.contains(folder.to_str().unwrap())).collect()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what} did not come");
        thread::sleep(Duration::from_millis(20));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Names of actions by what became of them.
fn with(report: &Value, result: &str) -> Vec<String> {
    let actions = report["actions"].as_array().unwrap().iter();
    let of = actions.filter(|action| action["result"] == result);
    of.map(|action| action["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_action_that_can_be_traced_is_seen_and_nothing_is_left() {
    let fixture = Fixture::new();
    let (report, code) = fixture.orphan(|_| {});
    // A process has one tracer at a time.
    assert_eq!(with(&report, "skipped"), ["attach"], "{report:#}");
    assert_eq!(with(&report, "missed"), Vec::<String>::new(), "{report:#}");
    assert!(with(&report, "seen").len() >= 35, "{report:#}");
    assert_eq!(report["source"], "trace");
    assert_eq!(code, "3\n");
    fixture.assert_clean();
}

#[test]
fn those_that_are_chosen_are_told_in_lines() {
    let fixture = Fixture::new();
    let output = fixture.run(&["--only", "miner", "--only", "memory-program"]);
    let said = text(&output.stdout);
    let miner = "seen     miner                T1496      Crypto miner started\n";
    assert!(said.starts_with("seen     memory-program") && said.contains(miner), "{said}");
    assert!(said.ends_with("\n\n2 of 2 actions seen (the actions were traced)\n"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    fixture.assert_clean();
}

const RULES: &str = "
- {rule: Crypto miner started, desc: d, condition: evt.type = execve and proc.name = none, output: o, priority: INFO}
- {rule: Miner, desc: d, condition: evt.type = execve and proc.name = xmrig, output: o, priority: INFO}
";

#[test]
fn what_is_missed_and_what_no_rule_is_there_for_is_said() {
    let fixture = Fixture::new();
    let rules = fixture.file("rules.yaml", RULES);
    let rules = rules.to_str().unwrap();
    let output = fixture.run(&["--rules", rules, "--only", "miner", "--only", "sniffer"]);
    let said = text(&output.stdout);
    assert!(said.contains("missed   miner"), "{said}");
    assert!(said.contains("seen only by Miner"), "{said}");
    assert!(said.contains(&format!("no such rule takes part in {rules}")), "{said}");
    assert!(said.contains("0 of 2 actions seen"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    let output = fixture.run(&["--rules", rules, "--only", "sniffer"]);
    assert_eq!(output.status.code(), Some(3), "nothing is known of it");
    fixture.assert_clean();
}

#[test]
fn requests_that_are_wrong_are_refused() {
    let fixture = Fixture::new();
    for (arguments, part) in [
        (&["--only", "cronjob"][..], "there is no action 'cronjob'; did you mean 'cron-job'?"),
        (&["--rules", "/nowhere.yaml"], "/nowhere.yaml"),
    ] {
        let output = fixture.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(part), "{}", text(&output.stderr));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
    let nowhere = fixture.files.path().join("none");
    let output = command.args(["selftest", "--store"]).arg(nowhere).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    fixture.assert_clean();
}

#[test]
fn the_list_has_a_line_for_each_and_does_nothing() {
    let fixture = Fixture::new();
    let output = fixture.run(&["--list", "--format", "json"]);
    let said = text(&output.stdout);
    let actions: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(actions.iter().any(|action| action["name"] == "cron-job"), "{said}");
    for key in ["technique", "what"] {
        assert!(actions.iter().all(|action| action[key].is_string()), "{said}");
    }
    fixture.assert_clean();
}

#[test]
fn where_there_are_no_namespaces_the_rest_is_done() {
    let fixture = Fixture::new();
    let refuse = [(libc::SYS_unshare, vec![])].into_iter().collect();
    let eperm = SeccompAction::Errno(libc::EPERM as u32);
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(refuse, SeccompAction::Allow, eperm, arch).unwrap();
    let filter: seccompiler::BpfProgram = filter.try_into().unwrap();
    let (report, code) = fixture.orphan(|command| {
        // SAFETY: the filter was made before; setting it takes two system calls.
        unsafe { command.pre_exec(move || apply_filter(&filter).map_err(std::io::Error::other)) };
    });
    let skipped = with(&report, "skipped");
    assert!(skipped.contains(&"cron-job".to_owned()), "{report:#}");
    assert_eq!(with(&report, "missed"), Vec::<String>::new(), "{report:#}");
    assert!(with(&report, "seen").len() >= 20, "{report:#}");
    let cron_job = report["actions"].as_array().unwrap().iter().find(|it| it["name"] == "cron-job");
    let why = cron_job.unwrap()["reason"].as_str().unwrap();
    assert!(why.starts_with("it takes namespaces: the kernel makes no namespaces for us"), "{why}");
    assert_eq!(code, "3\n");
    fixture.assert_clean();
}

#[test]
fn whenever_it_is_told_to_end_nothing_is_left() {
    for wait_ms in [0, 100, 400] {
        let fixture = Fixture::new();
        let mut command = fixture.command(&[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut selftest = command.spawn().unwrap();
        wait_for("its folder", || !fixture.left().is_empty() || has_ended(&mut selftest));
        thread::sleep(Duration::from_millis(wait_ms));
        // SAFETY: no memory is passed.
        unsafe { libc::kill(selftest.id().cast_signed(), libc::SIGTERM) };
        wait_for("its end", || has_ended(&mut selftest));
        fixture.assert_clean();
    }
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}
