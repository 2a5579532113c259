//! A story as it is written: containers, processes that run, and what happens then.

use event::{builder::BuildError, symbols::EXECVE_FLAGS, syscalls as sys};
use serde_json::json;

use super::{
    Story,
    params::{self, Address, Said},
    stage::{OURS, Process, Stage},
};
use crate::yaml::{Node, Value, Wrong};

/// Keys that tell a story.
pub(crate) const KEYS: [&str; 3] = ["containers", "processes", "events"];

/// More than this is no small story any more, but needs ever more time to play.
const MOST_ITEMS: usize = 10_000;
/// Device number of the first pseudo-terminal.
const PTS_0: u32 = 34_816;
/// What a process is, whether it runs from the beginning or begins with `exec`.
const TRAITS: [&str; 9] =
    ["args", "argv0", "comm", "user", "login", "tty", "cwd", "env", "container"];
/// What may happen besides the events of the schema.
const VERBS: [&str; 6] = ["exec", "become", "fork", "exit", "wait", "connect"];

/// Reads and plays a story: containers and processes of `shared` and of `case`, then the events
/// of `case`.
pub(crate) fn read(shared: &Node, case: &Node) -> Result<Story, Wrong> {
    let mut play = Play { stage: Stage::new(), actor: None };
    let both = |key| [shared.get(key), case.get(key)].into_iter().flatten();
    for list in both("containers") {
        items(list)?.iter().try_for_each(|node| play.container(node))?;
    }
    for list in both("processes") {
        for node in items(list)? {
            play.before(node)?;
        }
    }
    for node in case.opt("events", items)?.unwrap_or_default() {
        play.item(node)?;
    }
    Ok(play.stage.story)
}

fn items(list: &Node) -> Result<&[Node], Wrong> {
    match list.list()? {
        items if items.len() > MOST_ITEMS => {
            Err(list.wrong(format!("more than {MOST_ITEMS} items; record a capture instead")))
        }
        items => Ok(items),
    }
}

/// A story being read.
struct Play {
    stage: Stage,
    /// Who acts unless an item says otherwise.
    actor: Option<usize>,
}

impl Play {
    fn container(&mut self, node: &Node) -> Result<(), Wrong> {
        node.only(&["name", "image", "privileged", "mounts"])?;
        let name = node.get("name").ok_or_else(|| node.wrong("a container needs a 'name'"))?;
        let image = node.opt("image", Node::text)?.unwrap_or_default();
        let privileged = node.opt("privileged", Node::truth)?.unwrap_or_default();
        let mounts = node.opt("mounts", Node::texts)?.unwrap_or_default();
        self.tell(&name.text()?, &image, privileged, &mounts).map_err(|e| broken(node, e))
    }

    fn tell(
        &mut self,
        name: &str,
        image: &str,
        privileged: bool,
        mounts: &[String],
    ) -> Result<(), BuildError> {
        let id = container_id(name);
        let (repository, tag) = image.rsplit_once(':').unwrap_or((image, ""));
        let mounts = mounts.iter().map(|mount| {
            let (source, rest) = mount.split_once(':').unwrap_or((mount, mount));
            let (target, mode) = rest.split_once(':').unwrap_or((rest, ""));
            json!({ "Source": source, "Destination": target, "Mode": mode, "RW": mode != "ro" })
        });
        let container = json!({
            "id": &id[..12], "full_id": id, "type": 0, "name": name, "image": image,
            "imagerepo": repository, "imagetag": tag, "privileged": privileged,
            "Mounts": mounts.collect::<Vec<_>>(),
        });
        self.stage.container(&json!({ "container": container }).to_string())
    }

    /// Adds a process that runs from the beginning.
    fn before(&mut self, node: &Node) -> Result<usize, Wrong> {
        let mut known = vec!["name", "exe", "parent", "exe_flags"];
        known.extend(TRAITS);
        node.only(&known)?;
        let name =
            node.get("name").ok_or_else(|| node.wrong("a process needs a 'name'"))?.text()?;
        let parent = match node.get("parent") {
            Some(parent) => self.known(parent)?,
            None => 0,
        };
        let mut process = self.stage.processes[parent].clone();
        process.parent = process.pid;
        process.pid = self.stage.pid();
        process.vpid = process.pid;
        process.fds.clear();
        let exe = node.opt("exe", Node::text)?;
        process.run(exe.unwrap_or_else(|| format!("/usr/bin/{name}")));
        process.name = name;
        self.traits(node, &mut process)?;
        if !process.container.is_empty() {
            process.vpid = self.stage.vpid(&process.container);
        }
        self.stage.introduce(&process).map_err(|e| broken(node, e))?;
        Ok(self.stage.before(process))
    }

    /// Takes over what is said about a process.
    fn traits(&mut self, node: &Node, process: &mut Process) -> Result<(), Wrong> {
        set(node, "args", Node::texts, &mut process.arguments)?;
        set(node, "argv0", Node::text, &mut process.argv0)?;
        set(node, "comm", Node::text, &mut process.comm)?;
        set(node, "cwd", Node::text, &mut process.cwd)?;
        set(node, "env", Node::texts, &mut process.environment)?;
        set(node, "tty", tty, &mut process.tty)?;
        set(node, "exe_flags", exe_flags, &mut process.exe_flags)?;
        if let Some(user) = node.opt("user", Node::text)? {
            process.uid = self.stage.uid(&user);
        }
        if let Some(user) = node.opt("login", Node::text)? {
            process.loginuid = self.stage.uid(&user);
        }
        if let Some(name) = node.opt("container", Node::text)? {
            process.container = container_id(&name);
        }
        Ok(())
    }

    /// The place of the process that a node names.
    fn known(&self, node: &Node) -> Result<usize, Wrong> {
        let name = node.text()?;
        let names: Vec<&str> = self.stage.processes.iter().map(|p| &*p.name).collect();
        self.stage.find(&name).ok_or_else(|| node.unknown("process", &name, &names))
    }

    /// Lets an item of the list of events happen.
    fn item(&mut self, node: &Node) -> Result<(), Wrong> {
        if let Some(process) = node.get("process") {
            self.actor = Some(match process.value {
                Value::Map(_) => self.before(process)?,
                _ => self.known(process)?,
            });
        }
        let (verb, value) = verb(node)?;
        if verb == "wait" {
            node.only(&["process", "wait"])?;
            self.stage.wait(value.count()?.saturating_mul(1_000_000_000));
            return Ok(());
        }
        let who = self.actor.ok_or_else(|| {
            node.wrong("who does this? name one of the processes with 'process', such as init")
        })?;
        match &*verb {
            "exec" => self.exec(node, value, who),
            "become" => self.becomes(node, value, who),
            "fork" => {
                node.only(&["process", "fork"])?;
                let child = self.stage.fork(who, &value.text()?);
                self.actor = Some(child.map_err(|e| broken(node, e))?);
                Ok(())
            }
            "exit" => {
                node.only(&["process", "exit"])?;
                let status = if value.is_null() { 0 } else { value.count()? };
                self.stage.exit(who, (status & 0xff) as i64).map_err(|e| broken(node, e))?;
                let parent = self.stage.processes[who].parent;
                self.actor = self.stage.processes.iter().position(|p| p.pid == parent);
                Ok(())
            }
            "connect" => self.connect(node, value, who),
            "event" => self.event(node, &value.text()?, value, who),
            name => self.event(node, name, node, who),
        }
    }

    /// A child of the actor runs a program, and acts from now on.
    fn exec(&mut self, node: &Node, exe: &Node, parent: usize) -> Result<(), Wrong> {
        let exe = exe.text()?;
        let base = exe.rsplit('/').next().unwrap_or(&exe).to_owned();
        let name = node.opt("as", Node::text)?.unwrap_or(base);
        let child = self.stage.fork(parent, &name).map_err(|e| broken(node, e))?;
        self.program(node, exe, child, "exec")
    }

    /// The actor itself runs another program.
    fn becomes(&mut self, node: &Node, exe: &Node, who: usize) -> Result<(), Wrong> {
        let exe = exe.text()?;
        self.program(node, exe, who, "become")
    }

    fn program(&mut self, node: &Node, exe: String, who: usize, verb: &str) -> Result<(), Wrong> {
        let mut known = vec!["process", verb, "as", "exe_flags"];
        known.extend(TRAITS);
        node.only(&known)?;
        let mut process = self.stage.processes[who].clone();
        let container = process.container.clone();
        process.run(exe);
        set(node, "as", Node::text, &mut process.name)?;
        self.traits(node, &mut process)?;
        if process.container != container {
            process.vpid = self.stage.vpid(&process.container);
        }
        self.stage.introduce(&process).map_err(|e| broken(node, e))?;
        self.stage.processes[who] = process;
        self.actor = Some(who);
        self.stage.exec(who).map_err(|e| broken(node, e))
    }

    /// Makes a socket and connects it.
    fn connect(&mut self, node: &Node, to: &Node, who: usize) -> Result<(), Wrong> {
        node.only(&["process", "connect", "proto", "from", "result"])?;
        let address = Address::read(to)?;
        let from = match node.opt("from", Address::read)? {
            Some(Address::Ip(from)) if Address::Ip(from).family() == address.family() => from,
            Some(_) => return Err(node.wrong("'from' has to be of the same kind as 'connect'")),
            None => address.ours(OURS, self.stage.port()),
        };
        let kind = match node.opt("proto", Node::text)?.as_deref() {
            None | Some("tcp") => 1,
            Some("udp") => 2,
            Some(other) => return Err(node.unknown("proto", other, &["tcp", "udp"])),
        };
        let result = match node.get("result") {
            Some(result) => params::errno_or_count(result)?,
            None => 0,
        };
        let (pid, fd) = (self.stage.processes[who].pid, self.stage.processes[who].next_fd());
        self.stage.processes[who].fds.push((fd, to.text()?));
        let socket = self.stage.emit(pid, sys::SOCKET_SOCKET_X, |b| {
            b.i64(fd).u32(address.family().into()).u32(kind).u32(0).u32(0);
        });
        let connect = self.stage.emit(pid, sys::SOCKET_CONNECT_X, |b| {
            b.i64(result).raw(&address.tuple_from(from)).i64(fd).raw(&address.encode());
        });
        socket.and(connect).map_err(|e| broken(node, e))
    }

    /// Any event of the schema. `place` is where its name stands.
    fn event(&mut self, node: &Node, name: &str, place: &Node, who: usize) -> Result<(), Wrong> {
        let names: Vec<&str> = params::kinds().collect();
        let kind = params::kind(name).ok_or_else(|| place.unknown("event", name, &names))?;
        let said = said(node, name, kind)?;
        let (encoded, opened) = params::encode(kind, &said, who, &mut self.stage)?;
        let pid = self.stage.processes[who].pid;
        let emitted = self.stage.emit(pid, kind, |b| {
            for bytes in &encoded {
                b.raw(bytes);
            }
        });
        emitted.map_err(|e| broken(node, e))?;
        let process = &mut self.stage.processes[who];
        if let Some(fd) = opened {
            let main = params::main_param(kind.info()).and_then(|param| {
                said.params.iter().find(|(name, _)| *name == param.name)?.1.text().ok()
            });
            process.fds.retain(|(taken, _)| *taken != fd);
            process.fds.push((fd, main.unwrap_or_default()));
        }
        if let Some(fd) = params::closed(kind, &encoded) {
            process.fds.retain(|(open, _)| *open != fd);
        }
        if let Some(uid) = params::new_uid(kind, &encoded) {
            process.uid = uid;
        }
        Ok(())
    }
}

/// The key of an item that says what happens, and its value.
fn verb(node: &Node) -> Result<(String, &Node), Wrong> {
    for (key, value) in node.pairs()? {
        let name = key.text()?;
        if VERBS.contains(&&*name) || name == "event" || params::kind(&name).is_some() {
            return Ok((name, value));
        }
    }
    let names: Vec<&str> = VERBS.into_iter().chain(["event"]).chain(params::kinds()).collect();
    let mut keys = node.pairs()?.iter().map(|(key, _)| key);
    match keys.find(|key| key.value != Value::Text("process".to_owned())) {
        Some(key) => Err(key.unknown("event", &key.text()?, &names)),
        None if node.get("process").is_some() => {
            Err(node.wrong("what happens? name it: exec, open, connect or any other event"))
        }
        None => Err(node.wrong("an empty item")),
    }
}

/// What an item says about an event: `{chmod: /x, mode: 0755}`, or
/// `{event: chmod, params: {filename: /x, mode: 0755}}`.
fn said<'n>(node: &'n Node, name: &str, kind: event::EventType) -> Result<Said<'n>, Wrong> {
    let info = kind.info();
    let mut known: Vec<&'static str> = info.params.iter().map(|param| param.name).collect();
    let (from, outer): (&Node, &[&str]) = match node.get("params") {
        Some(params) if node.get("event").is_some() => {
            node.only(&["process", "event", "params", "result"])?;
            (params, &[])
        }
        _ => (node, &["process", "event", "result"]),
    };
    let main = params::main_param(info);
    let mut said = Said { params: Vec::new(), result: node.get("result") };
    for (key, value) in from.pairs()? {
        let text = key.text()?;
        if outer.contains(&&*text) {
            continue;
        }
        let is_main = from.get("event").is_none() && text == name && node.get("params").is_none();
        let param = if is_main { main } else { info.param(&text).map(|(_, param)| param) };
        match param {
            Some(param) if !value.is_null() => said.params.push((param.name, value)),
            _ if value.is_null() => {}
            _ => {
                known.extend(outer);
                return Err(key.unknown(&format!("parameter of '{name}'"), &text, &known));
            }
        }
    }
    Ok(said)
}

fn set<'n, T>(
    node: &'n Node,
    key: &str,
    read: impl FnOnce(&'n Node) -> Result<T, Wrong>,
    into: &mut T,
) -> Result<(), Wrong> {
    if let Some(value) = node.opt(key, read)? {
        *into = value;
    }
    Ok(())
}

fn tty(node: &Node) -> Result<u32, Wrong> {
    match node.value {
        Value::Bool(there) => Ok(if there { PTS_0 } else { 0 }),
        _ => u32::try_from(node.count()?).map_err(|_| node.wrong("no device has this number")),
    }
}

fn exe_flags(node: &Node) -> Result<u32, Wrong> {
    let names: Vec<&str> = EXECVE_FLAGS.iter().map(|flag| flag.name).collect();
    let mut all = 0;
    for name in node.several() {
        let text = name.text()?;
        let flag = EXECVE_FLAGS.iter().find(|flag| flag.name == text);
        all |= flag.ok_or_else(|| name.unknown("flag", &text, &names))?.value;
    }
    Ok(all)
}

/// 64 hexadecimal digits, always the same for the same name.
fn container_id(name: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut id = String::new();
    for round in 0..4_u8 {
        for byte in name.bytes().chain([round]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        id.push_str(&format!("{hash:016x}"));
    }
    id
}

fn broken(node: &Node, error: BuildError) -> Wrong {
    node.wrong(error.to_string())
}
