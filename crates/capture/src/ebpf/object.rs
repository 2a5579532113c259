//! The object with all programs: chosen, loaded, attached.
//!
//! Each program names the function of the kernel that it is attached to. Those whose function this
//! kernel lacks, or whose call nobody asked for, are left out. One that the kernel refuses is left
//! out too, and told: what is left records on.

use std::{
    collections::BTreeSet,
    io,
    os::{fd::AsFd as _, unix::ffi::OsStrExt as _},
    sync::{Mutex, PoisonError},
};

use libbpf_rs::{
    Link, MapCore as _, MapFlags, Object, ObjectBuilder, OpenObject, PrintLevel,
    btf::{
        Btf,
        types::{Enum, Func},
    },
    set_print,
};

use rustix::param::page_size;

use super::{Error, Options, ring::Ring};

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
    /// Dropped, they are detached.
    links: Vec<Link>,
    /// What was left out, and why.
    pub(super) refused: Vec<Refused>,
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
        let btf = Btf::from_vmlinux().map_err(Error::NoBtf)?;
        let mut refused = Vec::new();
        let object = load(options, &btf, &mut refused)?;
        let mut programs = Self { object, links: Vec::new(), refused };
        programs.attach()?;
        Ok(programs)
    }

    fn attach(&mut self) -> Result<(), Error> {
        for program in self.object.progs_mut().filter(|program| program.autoload()) {
            match program.attach() {
                Ok(link) => self.links.push(link),
                Err(error) => self.refused.push(Refused {
                    name: program.name().to_string_lossy().into_owned(),
                    why: error.to_string(),
                }),
            }
        }
        if self.links.is_empty() { Err(Error::NothingAttached) } else { Ok(()) }
    }

    /// The reader's end of the ring with this name, which has so many bytes.
    pub(super) fn ring(&self, name: &str, bytes: u32) -> Result<Ring, Error> {
        let map = self.object.maps().find(|map| map.name() == name);
        let missing = || Error::Ring(io::ErrorKind::NotFound.into());
        Ring::open(map.ok_or_else(missing)?.as_fd(), bytes).map_err(Error::Ring)
    }

    /// The programs' counters, of all CPUs; none if they cannot be read.
    pub(super) fn counts(&self) -> Vec<u8> {
        let map = self.object.maps().find(|map| map.name().as_bytes().ends_with(b".bss"));
        let value = map.and_then(|map| map.lookup(&0u32.to_ne_bytes(), MapFlags::ANY).ok());
        value.flatten().unwrap_or_default()
    }

    /// How many programs run.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }
}

fn load(options: &Options, btf: &Btf<'_>, refused: &mut Vec<Refused>) -> Result<Object, Error> {
    let mut without = BTreeSet::new();
    loop {
        let mut open = ObjectBuilder::default().open_memory(BYTES).map_err(Error::Object)?;
        choose(&mut open, options, btf, &without);
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
fn choose(open: &mut OpenObject, options: &Options, btf: &Btf<'_>, without: &BTreeSet<String>) {
    let kernel = Kernel { btf, hands_out: hands_out(btf) };
    for mut program in open.progs_mut() {
        let name = program.name().to_string_lossy().into_owned();
        let section = program.section().to_string_lossy().into_owned();
        let wanted = kernel.has(&section) && options.wants_program(&name, &section, &kernel);
        program.set_autoload(wanted && !without.contains(&name));
    }
    for mut map in open.maps_mut() {
        // None of these is refused for a map that is not created yet.
        let _ = match map.name().to_str() {
            Some("life") => map.set_max_entries(options.life_bytes),
            Some("main_ring") => map.set_max_entries(options.main_bytes),
            Some(".rodata.settings") => map.set_initial_value(&settings(options)),
            _ => Ok(()),
        };
    }
}

/// What programs are told before they are loaded: `settings` in `bpf/record.h`.
fn settings(options: &Options) -> Vec<u8> {
    let wake_bytes = u64::from(options.main_bytes.min(options.life_bytes) / WAKE_PART);
    let page_kib = u32::try_from(page_size() / 1024).unwrap_or(4);
    let numbers = [std::process::id(), page_kib].map(u32::to_ne_bytes);
    let mut socket_key = [0; 8];
    // Without one, the places are told as they are.
    let _ = rustix::rand::getrandom(&mut socket_key, rustix::rand::GetRandomFlags::empty());
    [&wake_bytes.to_ne_bytes()[..], numbers.as_flattened(), &socket_key].concat()
}

/// What matters of the kernel.
struct Kernel<'a> {
    btf: &'a Btf<'a>,
    /// Whether calls that open are recorded where files are handed out.
    hands_out: bool,
}

impl Kernel<'_> {
    /// Whether it has what the program of this section is attached to.
    fn has(&self, section: &str) -> bool {
        match section.split_once('/') {
            Some(("fexit" | "fentry", function)) => {
                self.btf.type_by_name::<Func<'_>>(function).is_some()
            }
            _ => true,
        }
    }
}

/// Whether programs that are attached to where files are handed out can know the call (Linux 5.15).
fn hands_out(btf: &Btf<'_>) -> bool {
    let helpers = btf.type_by_name::<Enum<'_>>("bpf_func_id");
    helpers.is_some_and(|helpers| {
        helpers.iter().any(|helper| helper.name.is_some_and(|name| name == "BPF_FUNC_task_pt_regs"))
    })
}

impl Options {
    fn wants_program(&self, name: &str, section: &str, kernel: &Kernel<'_>) -> bool {
        let call = call_of(name);
        let opens = OPENS.contains(&call);
        match section.split_once('/') {
            Some((_, "fd_install")) => {
                kernel.hands_out && OPENS.iter().any(|call| self.wants(call))
            }
            Some(("fexit", _)) if opens && kernel.hands_out => {
                self.failed_opens && self.wants(call)
            }
            Some(("fexit", "udp_recvmsg" | "udpv6_recvmsg" | "tcp_recvmsg")) => true,
            Some(("fexit" | "fentry", _)) => self.wants(call),
            Some(("tp_btf", "sys_exit")) => false,
            _ => true,
        }
    }
}

/// Calls that open files.
const OPENS: [&str; 5] = ["open", "openat", "openat2", "creat", "open_by_handle_at"];

/// The call of a program: its name has a letter for the way that the call comes in, and a line.
fn call_of(program: &str) -> &str {
    program.split_once('_').map_or(program, |(_, call)| call)
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
