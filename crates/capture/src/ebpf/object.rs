//! The object with all programs: chosen, loaded, attached.
//!
//! Each program names the function of the kernel that it is attached to. Those whose function this
//! kernel lacks, or whose call nobody asked for, are left out. One that the kernel refuses is left
//! out too, and told: what is left records on.

use std::{
    collections::BTreeSet,
    io, iter,
    os::{
        fd::{AsFd as _, AsRawFd as _, BorrowedFd},
        unix::ffi::OsStrExt as _,
    },
    sync::{Mutex, PoisonError},
};

use libbpf_rs::{
    Link, MapCore as _, Object, ObjectBuilder, OpenObject, PrintLevel, num_possible_cpus, set_print,
};

use event::syscalls::SYSCALL_NAMES;
use rustix::param::page_size;

use super::{
    Error, Options, Terminals,
    counters::Counters,
    dispatch::{self, Hook, Path},
    kernel::{HANDING, Kernel},
    own,
    ring::Ring,
};

/// `bpf/watchkeeper.bpf.c`, compiled.
static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/watchkeeper.bpf.o"));

/// The reader is woken early when so much of a ring waits for it.
const WAKE_PART: u32 = 8;

/// Programs that may be refused before the rest is given up.
const MOST_REFUSED: usize = 32;

/// What the loader said last; it says it through one function for the whole process.
static SAID: Mutex<String> = Mutex::new(String::new());
const MOST_SAID_BYTES: usize = 64 << 10;

/// Programs that run, and what they share with us.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) object: Object,
    /// Programs that were added later; they share the maps of the first.
    added: Vec<Object>,
    /// Dropped, they are detached.
    links: Vec<Link>,
    /// What was left out, and why.
    pub(super) refused: Vec<Refused>,
    pub(super) path: Path,
}

/// A program that the kernel would not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The call or event that it records.
    pub name: String,
    /// What the kernel or the loader said.
    pub why: String,
}

impl Programs {
    /// Loads and attaches what the options ask for.
    pub(super) fn start(options: &Options) -> Result<Self, Error> {
        set_print(Some((PrintLevel::Warn, keep_said)));
        let kernel = Kernel::read()?;
        match options.hook {
            Hook::Trampolines => Self::on(Path::Trampolines, options, &kernel),
            Hook::Dispatcher => Self::on(Path::Dispatcher, options, &kernel),
            Hook::Auto if !kernel.has_trampolines => Self::on(Path::Dispatcher, options, &kernel),
            Hook::Auto => match Self::on(Path::Trampolines, options, &kernel) {
                Err(Error::NothingAttached) => Self::on(Path::Dispatcher, options, &kernel),
                programs => programs,
            },
        }
    }

    fn on(path: Path, options: &Options, kernel: &Kernel) -> Result<Self, Error> {
        let mut refused = Vec::new();
        let mut object = load(options, path, kernel, &mut refused, &[])?;
        let links = attach(&mut object, path, &mut refused)?;
        Ok(Self { object, added: Vec::new(), links, refused, path })
    }

    /// Loads and attaches what the options ask for and does not run yet. Maps keep the sizes that they
    /// have.
    pub(super) fn add(&mut self, options: &Options) -> Result<(), Error> {
        let kernel = Kernel::read()?;
        let running: Vec<&Object> = iter::once(&self.object).chain(&self.added).collect();
        let mut object = load(options, self.path, &kernel, &mut self.refused, &running)?;
        self.links.extend(attach(&mut object, self.path, &mut self.refused)?);
        self.added.push(object);
        Ok(())
    }

    /// The reader's end of the ring with this name, which has so many bytes.
    pub(super) fn ring(&self, name: &str, bytes: u32) -> Result<Ring, Error> {
        let map = self.object.maps().find(|map| map.name() == name);
        let missing = || Error::Ring(io::ErrorKind::NotFound.into());
        Ring::open(map.ok_or_else(missing)?.as_fd(), bytes).map_err(Error::Ring)
    }

    /// What the programs count.
    pub(super) fn counters(&self) -> Result<Counters, Error> {
        let map = self.object.maps().find(|map| map.name().as_bytes().ends_with(b".bss.counts"));
        let map = map.ok_or_else(|| Error::Ring(io::ErrorKind::NotFound.into()))?;
        let cpus = num_possible_cpus().unwrap_or(usize::MAX);
        Counters::open(map.as_fd(), cpus).map_err(Error::Ring)
    }

    /// How often the kernel did not run one of the programs, because the same one had begun on that
    /// processor and was interrupted. Linux before 5.12 does not tell.
    pub(super) fn missed(&self) -> u64 {
        let objects = iter::once(&self.object).chain(&self.added);
        let programs = objects.flat_map(|object| object.progs().filter(|it| it.autoload()));
        programs.map(|program| missed(program.as_fd())).sum()
    }

    /// How many programs are attached.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }
}

/// How often the kernel did not run a program.
fn missed(program: BorrowedFd<'_>) -> u64 {
    let mut facts = libbpf_sys::bpf_prog_info::default();
    let mut bytes = size_of_val(&facts) as u32;
    // SAFETY: the kernel writes no more than so many bytes, which are there and of which any are numbers.
    let came = unsafe {
        libbpf_sys::bpf_obj_get_info_by_fd(
            program.as_raw_fd(),
            (&raw mut facts).cast(),
            &raw mut bytes,
        )
    };
    if came == 0 { facts.recursion_misses } else { 0 }
}

/// What the kernel says to all programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Those that it would not have.
    pub refused: Vec<Refused>,
    /// Calls whose functions do not say what they are given: it is read where their threads keep it.
    pub hidden: BTreeSet<String>,
    /// Whether calls that are made through rings (io_uring) are recorded.
    pub has_rings: bool,
}

/// Loads what the options ask for, and lets it go again.
pub(super) fn try_load(options: &Options) -> Result<Tried, Error> {
    set_print(Some((PrintLevel::Warn, keep_said)));
    let kernel = Kernel::read()?;
    let path = match options.hook {
        Hook::Auto if !kernel.has_trampolines => Path::Dispatcher,
        Hook::Auto | Hook::Trampolines => Path::Trampolines,
        Hook::Dispatcher => Path::Dispatcher,
    };
    let mut refused = Vec::new();
    let object = load(options, path, &kernel, &mut refused, &[])?;
    let loaded = object.progs().filter(|program| program.autoload());
    let hidden: BTreeSet<String> = loaded
        .filter(|program| kernel.hides(&program.section().to_string_lossy()))
        .map(|program| call_of(&program.name().to_string_lossy()).to_owned())
        .collect();
    Ok(Tried { refused, hidden, has_rings: kernel.keeps_results })
}

/// Attaches what is loaded, or has it jumped to; an error if there are calls to record, and none can
/// be.
fn attach(object: &mut Object, path: Path, refused: &mut Vec<Refused>) -> Result<Vec<Link>, Error> {
    if path == Path::Dispatcher {
        dispatch::fill(object).map_err(Error::Dispatcher)?;
    }
    let (mut links, mut wanted, mut attached) = (Vec::new(), 0, 0);
    for program in object.progs_mut().filter(|program| program.autoload()) {
        let name = program.name().to_string_lossy().into_owned();
        let section = program.section().to_string_lossy().into_owned();
        if dispatch::is_part(&section, &name) {
            continue;
        }
        let is_of_call = section.starts_with("fexit/") || dispatch::is_attached(&name);
        wanted += usize::from(is_of_call);
        match program.attach() {
            Ok(link) => {
                attached += usize::from(is_of_call);
                links.push(link);
            }
            Err(error) => refused.push(Refused { name, why: error.to_string() }),
        }
    }
    if wanted > 0 && attached == 0 { Err(Error::NothingAttached) } else { Ok(links) }
}

/// Loads what the options ask for, but for what runs already: with that, it shares all maps.
fn load(
    options: &Options,
    path: Path,
    kernel: &Kernel,
    refused: &mut Vec<Refused>,
    running: &[&Object],
) -> Result<Object, Error> {
    let mut without = BTreeSet::new();
    loop {
        let mut open = ObjectBuilder::default().open_memory(BYTES).map_err(Error::Object)?;
        choose(&mut open, options, path, kernel, &without);
        if let [first, ..] = running {
            leave_out(&mut open, running);
            share(&mut open, first).map_err(Error::Object)?;
        }
        SAID.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let error = match open.load() {
            Ok(object) => return Ok(object),
            Err(error) => error,
        };
        let said = SAID.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let name = refused_program(&said).map(str::to_owned);
        match name.filter(|name| without.len() < MOST_REFUSED && without.insert(name.clone())) {
            Some(name) => refused.push(Refused { name, why: said }),
            None => return Err(Error::Load { source: error, said }),
        }
    }
}

/// Decides what is loaded, and how large the rings are.
fn choose(
    open: &mut OpenObject,
    options: &Options,
    path: Path,
    kernel: &Kernel,
    without: &BTreeSet<String>,
) {
    for mut program in open.progs_mut() {
        let name = program.name().to_string_lossy().into_owned();
        let section = program.section().to_string_lossy().into_owned();
        let wanted = kernel.has(&section)
            && match path {
                Path::Trampolines => options.wants_program(&name, &section, kernel),
                Path::Dispatcher => options.wants_jump(&name, &section),
            };
        program.set_autoload(wanted && !without.contains(&name));
    }
    let hidden = hidden(open, kernel);
    for mut map in open.maps_mut() {
        // None of these is refused for a map that is not created yet.
        let _ = match map.name().to_str() {
            Some("life") => map.set_max_entries(options.life_bytes),
            Some("main_ring") => map.set_max_entries(options.main_bytes),
            Some(".rodata.settings") => map.set_initial_value(&settings(options, path, &hidden)),
            _ => Ok(()),
        };
    }
}

/// Leaves out what runs already.
fn leave_out(open: &mut OpenObject, running: &[&Object]) {
    let programs = running.iter().flat_map(|object| object.progs());
    let names: BTreeSet<_> =
        programs.filter(|it| it.autoload()).map(|it| it.name().to_owned()).collect();
    for mut program in open.progs_mut().filter(|program| names.contains(program.name())) {
        program.set_autoload(false);
    }
}

/// Has it use the maps of another.
fn share(open: &mut OpenObject, other: &Object) -> libbpf_rs::Result<()> {
    for mut map in open.maps_mut() {
        if let Some(same) = other.maps().find(|same| same.name() == map.name()) {
            map.reuse_fd(same.as_fd())?;
        }
    }
    Ok(())
}

/// What programs are told before they are loaded: `settings` in `bpf/record.h`.
fn settings(options: &Options, path: Path, hidden: &[u8; CODES]) -> Vec<u8> {
    let wake_bytes = u64::from(options.main_bytes.min(options.life_bytes) / WAKE_PART);
    let page_kib = u32::try_from(page_size() / 1024).unwrap_or(4);
    let numbers = [own::machine_id(), page_kib].map(u32::to_ne_bytes);
    let mut socket_key = [0; 8];
    // Without one, the places are told as they are.
    let _ = rustix::rand::getrandom(&mut socket_key, rustix::rand::GetRandomFlags::empty());
    let dispatched = u64::from(path == Path::Dispatcher).to_ne_bytes();
    [&wake_bytes.to_ne_bytes()[..], numbers.as_flattened(), &socket_key, &dispatched, hidden]
        .concat()
}

/// Room for codes of calls: `hides` in `bpf/record.h`.
const CODES: usize = 512;

/// Which calls have programs whose functions hide what they are given, by code: of all programs, for
/// those that are added later share the settings of the first.
fn hidden(open: &OpenObject, kernel: &Kernel) -> [u8; CODES] {
    let mut hidden = [0; CODES];
    for program in open.progs() {
        if !kernel.hides(&program.section().to_string_lossy()) {
            continue;
        }
        let name = program.name().to_string_lossy();
        let code = SYSCALL_NAMES.iter().position(|call| *call == call_of(&name));
        if let Some(of_call) = code.and_then(|code| hidden.get_mut(code)) {
            *of_call = 1;
        }
    }
    hidden
}

impl Options {
    fn wants_program(&self, name: &str, section: &str, kernel: &Kernel) -> bool {
        let call = call_of(name);
        let opens = OPENS.contains(&call);
        match section.split_once('/') {
            Some((_, function)) if function.starts_with(OPERATION) => {
                kernel.keeps_results && self.wants(call)
            }
            Some((_, "fd_install")) => {
                kernel.hands_out && OPENS.iter().any(|call| self.wants(call))
            }
            Some(("fexit", _)) if opens && kernel.hands_out => {
                self.failed_opens && self.wants(call)
            }
            Some((_, function)) if HANDING.contains(&function) => {
                arguments_in(name).is_some_and(|count| kernel.hands_over(function, count))
            }
            Some(("fexit", "udp_recvmsg" | "udpv6_recvmsg" | "tcp_recvmsg")) => true,
            Some(("fexit", "n_tty_write" | "n_tty_read")) => self.terminals == Terminals::Recorded,
            Some(("fexit" | "fentry", _)) => self.wants(call),
            Some(("tp_btf", "sys_exit")) => false,
            Some(("tp_btf", "signal_deliver")) => self.wants("signaldeliver"),
            _ => true,
        }
    }

    /// The same where the dispatcher jumps to programs.
    fn wants_jump(&self, name: &str, section: &str) -> bool {
        match section.split_once('/') {
            Some(("fexit" | "fentry", _)) => false,
            Some(("tp_btf", "sys_exit")) => {
                dispatch::is_attached(name) || self.wants(call_of(name))
            }
            Some(("tp_btf", "signal_deliver")) => self.wants("signaldeliver"),
            _ => true,
        }
    }
}

/// How names of functions begin that do what a ring of io_uring is given.
const OPERATION: &str = "io_";

/// Calls that are recorded where files are handed out.
const OPENS: [&str; 4] = ["open", "openat", "openat2", "creat"];

/// Names of the calls that there are programs for.
///
/// # Errors
/// If the object that is built in is none.
pub(super) fn recorded_calls() -> Result<BTreeSet<String>, Error> {
    let open = ObjectBuilder::default().open_memory(BYTES).map_err(Error::Object)?;
    let names = open.progs().map(|program| program.name().to_string_lossy().into_owned());
    let of_calls: Vec<String> =
        names.filter(|name| name.starts_with(NATIVE) || name.starts_with(JUMPED_TO)).collect();
    Ok(of_calls.iter().map(|name| call_of(name).to_owned()).collect())
}

/// Beginnings of names of programs: at the function of a call of this architecture, and those that the
/// dispatcher jumps to.
const NATIVE: &str = "n_";
const JUMPED_TO: &str = "t_";

/// The call of a program: its name has the way that the call comes in, and a line.
fn call_of(program: &str) -> &str {
    program.split_once('_').map_or(program, |(_, call)| call)
}

/// How many arguments its function has, of a program whose way says so.
fn arguments_in(program: &str) -> Option<usize> {
    let (way, _) = program.split_once('_')?;
    way.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).parse().ok()
}

/// The program that a loader's message is about.
fn refused_program(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("prog '")?;
    Some(rest.split_once('\'')?.0)
}

fn keep_said(_: PrintLevel, text: String) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.len() + text.len() <= MOST_SAID_BYTES {
        said.push_str(&text);
    }
}
