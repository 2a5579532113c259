//! The same acts in guests, whose kernels record them by eBPF while they are done.
//!
//! [`guest`] boots a kernel with this very test program in it and has it run there, one test after the
//! other. [`ON`] in its environment makes that program record the guest ([`recording`]): each act that
//! a test asks for is traced first, and then done once more, untraced. The events that the kernel's
//! programs made of it are compared with those of the trace, parameter by parameter ([`compare`]); the
//! few that may differ are listed in [`differences`]. Then the test itself looks at them: what it
//! expects of a trace is what it expects of a live host.
//!
//! [`storms`] are acts that nobody traces: they are recorded by a process of its own ([`watch`]), and
//! what counts is that no event goes missing without being counted, and the state that they leave.

mod compare;
mod differences;
mod family;
mod guest;
mod recording;
mod side;
pub(crate) mod storms;
mod watch;

use std::{
    env,
    ffi::CString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use capture::ptrace::Options;
use event::syscalls::{SYSCALL_NAMES, code_of_x86_64};

use crate::harness::{Kept, Outcome, traced, words_of};

/// In the environment: this is a guest that records itself, and here is what comes back from it.
const ON: &str = "WATCHKEEPER_TEST_LIVE";

/// Whether acts are done in a guest that records itself.
pub(crate) fn is_on() -> bool {
    env::var_os(ON).is_some()
}

/// Traces an act, does it once more, compares; what came of it untraced. Of its end, and of what a
/// tracer tells besides events, only the trace knows.
pub(crate) fn beside_a_trace(act: &str, options: Options) -> Outcome {
    static ACTS: AtomicUsize = AtomicUsize::new(0);
    let place = PathBuf::from(format!("/tmp/act{}", ACTS.fetch_add(1, Ordering::Relaxed)));
    fs::create_dir(&place).unwrap();
    // Both are done at the same place, for it is in what they tell: in a file system that is made
    // anew, and so has the same numbers.
    mount(&place);
    let trace = traced(act, folder(&place), options);
    let (ended, told, traced) = (trace.ended.clone(), trace.told.clone(), trace.whole.clone());
    drop(trace);
    unmount(&place);
    let (whole, folder) = recorded(act, &place);
    compare::compare(act, &whole, &traced);
    let mut outcome = Outcome::new(whole, ended, told, folder);
    outcome.add_late_ends();
    outcome
}

/// How often an act is done of which something is lost each time.
const TRIES: usize = 3;

/// Does an act without a tracer. Where the kernel may interrupt its own programs, it does not run
/// another one meanwhile, which is counted and cannot be helped: the act is done again.
fn recorded(act: &str, place: &Path) -> (Vec<Kept>, tempfile::TempDir) {
    for attempt in 1..=TRIES {
        mount(place);
        let folder = folder(place);
        let recorded = recording::of(&words_of(act, folder.path()));
        if recorded.lost == 0 {
            return (recorded.events, folder);
        }
        println!("{act}: {} events were lost, try {attempt} of {TRIES}", recorded.lost);
        drop(folder);
        unmount(place);
    }
    panic!("{act}: events are lost each time");
}

fn folder(place: &Path) -> tempfile::TempDir {
    tempfile::Builder::new().prefix("folder").rand_bytes(0).tempdir_in(place).unwrap()
}

fn mount(place: &Path) {
    let place = CString::new(place.as_os_str().as_encoded_bytes()).unwrap();
    let kind = c"tmpfs".as_ptr();
    // SAFETY: all texts are alive for the call.
    assert_eq!(unsafe { libc::mount(kind, place.as_ptr(), kind, 0, std::ptr::null()) }, 0);
}

fn unmount(place: &Path) {
    let place = CString::new(place.as_os_str().as_encoded_bytes()).unwrap();
    // SAFETY: the text is alive for the call.
    assert_eq!(unsafe { libc::umount(place.as_ptr()) }, 0, "{}", std::io::Error::last_os_error());
}

/// Whether this kernel describes a call, so that programs can be attached to it. Linux 5.10 as Debian
/// builds it does not describe `perf_event_open`.
pub(crate) fn describes(number: i64) -> bool {
    static TYPES: LazyLock<Vec<u8>> =
        LazyLock::new(|| fs::read("/sys/kernel/btf/vmlinux").unwrap());
    let code = u16::try_from(number).ok().and_then(code_of_x86_64);
    let name = code.and_then(|code| SYSCALL_NAMES.get(usize::from(code)));
    name.is_some_and(|name| {
        let function = format!("__x64_sys_{name}");
        TYPES.split(|byte| *byte == 0).any(|text| text == function.as_bytes())
    })
}

impl Outcome {
    /// Whether this kernel lacks a call whose result an act noted, so that a recording has none: there is
    /// nothing that a program could be attached to.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        is_on() && self.notes.of(name) == -i64::from(libc::ENOSYS)
    }

    /// A thread's end is recorded behind that it woke whoever waits for it, so that of one that the act
    /// made may come when the act is over.
    fn add_late_ends(&mut self) {
        let Some(last) = self.events.last().map(|event| event.ts_ns) else { return };
        let (began, _) = self.lives();
        let began: Vec<i64> = began.iter().map(|event| event.tid).collect();
        let is_late = |event: &&crate::harness::Kept| {
            event.kind == event::syscalls::PROCEXIT_1_E
                && event.ts_ns > last
                && began.contains(&event.tid)
        };
        let late: Vec<_> = self.whole.iter().filter(is_late).cloned().collect();
        self.events.extend(late);
    }
}

/// Adds a line to a file that comes back.
fn tell(file: &str, line: &str) {
    let path = Path::new(&env::var_os(ON).unwrap()).join(file);
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}
