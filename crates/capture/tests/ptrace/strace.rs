//! Beside `strace -f`: the same programs run, the same files are opened to be written, the same
//! connections are made.
//!
//! Each script is run once under each. What differs from run to run is made equal, by [`settled`].

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use capture::ptrace::{ExitStatus, Options, Target};
use event::syscalls::{CREAT_X, EXECVE_19_X, OPEN_X, OPENAT_2_X, OPENAT2_X, SOCKET_CONNECT_X};

use crate::harness::{Kept, run};

/// What a script did, as lines that can be compared.
type Deeds = BTreeSet<String>;

/// Texts that differ between two runs of the same: numbers (pids, ports of this side, times), and
/// the letters that make temporary names unique, of which the two programs that do so here are
/// known (`ccXXXXXX` of gcc, `tmp_obj_XXXXXX` and `tXXXXXX` of git); and the
/// folder that each run has to itself.
fn settled(text: &[u8], folder: &Path) -> String {
    let text = String::from_utf8_lossy(text).replace(folder.to_str().unwrap(), "HERE");
    let parts = text.split('/').map(|part| {
        let base = part.split('.').next().unwrap();
        if let Some(at) = part.find("tmp_") {
            format!("{}tmp", &part[..at])
        } else if part.len() == 7 && part.starts_with('t') && text.contains("/.git/") {
            "t*".to_owned()
        } else if base.len() == 8 && base.starts_with("cc") && base.is_ascii() {
            format!("cc*{}", &part[8..])
        } else {
            let mut out = String::new();
            for letter in part.chars() {
                match letter {
                    '0'..='9' if out.ends_with('#') => {}
                    '0'..='9' => out.push('#'),
                    other => out.push(other),
                }
            }
            out
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A program that is run. Of a script the kernel makes a list of words of its own, in which the first
/// word that was given is not: it is left out.
fn exec_deed(file: &[u8], words: &[Vec<u8>], folder: &Path) -> String {
    let words: Vec<String> = words.iter().map(|word| settled(word, folder)).collect();
    format!("exec {} {words:?}", settled(file, folder))
}

/// Whether the kernel runs a file by an interpreter that the file names.
fn is_script(file: &[u8]) -> bool {
    fs::read(std::ffi::OsStr::from_bytes(file)).is_ok_and(|bytes| bytes.starts_with(b"#!"))
}

/// Bits of the schema's `flags` of an open.
const WRITES: i64 = 1 << 1;

/// What our events tell.
fn ours(events: &[Kept], folder: &Path) -> Deeds {
    let mut deeds = Deeds::new();
    for event in events {
        let settled = |text: &[u8]| settled(text, folder);
        match event.kind {
            EXECVE_19_X if event.int("res") == Some(0) => {
                let words = [event.text("exe"), vec![0], event.bytes("args")].concat();
                let words = words.strip_suffix(b"\0").unwrap_or(&words).to_vec();
                let mut words: Vec<Vec<u8>> =
                    words.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
                let file = event.text("filename");
                if is_script(&file) {
                    let at = words.iter().position(|word| *word == file).unwrap();
                    words.drain(..=at);
                }
                deeds.insert(exec_deed(&file, &words, folder));
            }
            OPEN_X | OPENAT_2_X | OPENAT2_X
                if event.int("fd") >= Some(0) && event.int("flags").unwrap() & WRITES != 0 =>
            {
                deeds.insert(format!("write {}", settled(&event.text("name"))));
            }
            CREAT_X if event.int("fd") >= Some(0) => {
                deeds.insert(format!("write {}", settled(&event.text("name"))));
            }
            // An address of IPv4: family, address, port.
            SOCKET_CONNECT_X if event.bytes("addr").first() == Some(&2) => {
                let addr = event.bytes("addr");
                let port = u16::from_le_bytes(addr[5..7].try_into().unwrap());
                deeds.insert(format!("connect {:?} {port}", &addr[1..5]));
            }
            _ => {}
        }
    }
    deeds
}

/// A text as strace prints it, from behind its opening quote; and the rest.
fn unquoted(text: &str) -> (Vec<u8>, &str) {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while bytes[at] != b'"' {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 1;
        let digits = bytes[at..].iter().take(3).take_while(|b| (b'0'..b'8').contains(b)).count();
        if digits > 0 {
            out.push(u8::from_str_radix(&text[at..at + digits], 8).unwrap_or(b'?'));
            at += digits;
            continue;
        }
        out.push(match bytes[at] {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 11,
            b'f' => 12,
            other => other,
        });
        at += 1;
    }
    (out, &text[at + 1..])
}

/// All texts in quotes of a part of a line.
fn texts(mut part: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some((_, from)) = part.split_once('"') {
        let (text, rest) = unquoted(from);
        all.push(text);
        part = rest;
    }
    all
}

/// The lines of strace, with calls put together that others came in between of.
fn whole_lines(log: &str) -> Vec<String> {
    let mut begun = std::collections::HashMap::new();
    let mut lines = Vec::new();
    for line in log.lines() {
        let (pid, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            begun.insert(pid, begin.to_owned());
        } else if let Some((_, end)) =
            rest.split_once(" resumed>").filter(|_| rest.starts_with("<..."))
        {
            lines.push(begun.remove(pid).unwrap_or_default() + end);
        } else {
            lines.push(rest.to_owned());
        }
    }
    lines
}

/// What the lines of strace tell.
fn theirs(log: &str, folder: &Path) -> Deeds {
    let mut deeds = Deeds::new();
    for line in whole_lines(log) {
        let Some((call, result)) = line.rsplit_once(" = ") else { continue };
        let done = !result.starts_with('-') && !result.starts_with('?');
        let in_progress = result.contains("EINPROGRESS");
        let settled = |text: &Vec<u8>| settled(text, folder);
        if call.starts_with("execve(") && done {
            let (list, _) = call.rsplit_once("], ").unwrap_or((call, ""));
            let texts = texts(list);
            let (file, words) = texts.split_first().unwrap();
            let given = usize::from(is_script(file));
            deeds.insert(exec_deed(file, words.get(given..).unwrap_or_default(), folder));
        } else if call.starts_with("open") && done {
            let writes = call.contains("O_WRONLY") || call.contains("O_RDWR");
            if writes {
                deeds.insert(format!("write {}", settled(&texts(call)[0])));
            }
        } else if call.starts_with("creat(") && done {
            deeds.insert(format!("write {}", settled(&texts(call)[0])));
        } else if call.starts_with("connect(") && call.contains("AF_INET,") && (done || in_progress)
        {
            let port = call.split("htons(").nth(1).unwrap().split(')').next().unwrap();
            let address = String::from_utf8(texts(call)[0].clone()).unwrap();
            let bytes: Vec<u8> = address.split('.').map(|part| part.parse().unwrap()).collect();
            deeds.insert(format!("connect {bytes:?} {port}"));
        }
    }
    deeds
}

/// A tool's script; `PORT` is that of a listener.
const SCRIPTS: &[(&str, &str)] = &[
    ("tar", "mkdir a; echo x >a/b; tar czf c.tgz a; mkdir d; tar xzf c.tgz -C d; cat d/a/b"),
    (
        "git",
        "export HOME=$PWD GIT_CONFIG_NOSYSTEM=1; \
         export GIT_AUTHOR_DATE=2020-01-01T00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00Z; git init -q r; cd r; echo x >f; git add f; \
         git -c user.name=n -c user.email=e@e -c gc.auto=0 -c maintenance.auto=false \
         commit -q -m m; git log --oneline >../log; git status >../status",
    ),
    ("cargo", "cargo --version >v; rustc --version >w"),
    (
        "python3",
        "python3 -S -B -c 'import os,subprocess,threading\n\
         subprocess.run([\"/bin/echo\",\"a b\"]); open(\"p\",\"w\").write(\"x\")\n\
         t=threading.Thread(target=lambda: subprocess.run([\"sh\",\"-c\",\"echo y >q\"])); t.start(); t.join()\n\
         os.spawnlp(os.P_WAIT,\"sh\",\"sh\",\"-c\",\"exit 3\")'",
    ),
    (
        "perl",
        "perl -e 'open(F,\">f\"); print F \"x\"; close F; system(\"true\", \"a\"); print `echo z`'",
    ),
    ("curl", "curl -s -o page http://127.0.0.1:PORT/ || true"),
    ("bash", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT; echo hi >&3; cat <&3 >got'"),
    (
        "awk",
        "i=0; while [ $i -lt 20 ]; do echo \"$i b\" >\"f $i\"; i=$((i+1)); done; \
         find . -name 'f *' -print0 | xargs -0 -n 3 cat | sort -n | sed 's/b/c/' | \
         awk '{ print $1 > \"out\"; system(\"true \" $1) }'; (echo sub | tee t) >/dev/null",
    ),
    (
        "make",
        "printf 'int main(void){return 0;}' >m.c; \
         printf 'all: m n\\n\\t./m\\nm: m.c\\n\\tgcc -O0 -o m m.c\\nn:\\n\\techo x >n\\n' >Makefile; make -s",
    ),
];

/// A listener that answers each connection and closes it.
fn listen() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    port
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}

fn under_strace(script: &str, folder: &Path) -> Deeds {
    let log = folder.with_extension("log");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-s", "65536", "-e", "signal=none", "-e"]);
    command.arg("trace=execve,open,openat,openat2,creat,connect").arg("-o").arg(&log);
    command.args(["/bin/sh", "-c", script]).current_dir(folder).stdout(Stdio::null());
    // A group of its own, as nothing else is of the script's.
    let status = command.process_group(0).status().unwrap();
    assert!(status.success(), "{script}: {status}");
    let told = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    theirs(&told, folder)
}

fn under_trace(script: &str, folder: &Path, options: Options) -> Deeds {
    let script = format!("cd '{}'; exec >/dev/null; {script}", folder.display());
    let words = ["/bin/sh", "-c", &script].map(Into::into);
    let (events, ended, told) = run(Target::Command(words.to_vec()), options);
    assert_eq!((ended.status, told), (Some(ExitStatus::Code(0)), Vec::new()), "{script}");
    ours(&events, folder)
}

#[test]
fn tools_do_what_strace_says_they_do() {
    if !has("strace") {
        eprintln!("skipped: comparison with strace, which is not installed");
        return;
    }
    let port = listen();
    let mut differences = Vec::new();
    for (tool, script) in SCRIPTS {
        if !has(tool) {
            eprintln!("skipped: {tool}, which is not installed");
            continue;
        }
        let script = script.replace("PORT", &port.to_string());
        let [theirs_at, ours_at, slow_at] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let mut theirs = under_strace(&script, theirs_at.path());
        let mut plain = under_trace(&script, ours_at.path(), Options::default());
        let options = Options { without_filter: true, ..Options::default() };
        let mut slow = under_trace(&script, slow_at.path(), options);
        // The shell that is given the script itself, which is not the same, and where output goes.
        for deeds in [&mut theirs, &mut plain, &mut slow] {
            deeds.retain(|deed| !deed.starts_with("exec /bin/sh [\"/bin/sh\", \"-c\""));
            deeds.remove("write /dev/null");
        }
        let only = |a: &Deeds, b: &Deeds| a.difference(b).cloned().collect::<Vec<_>>();
        for deeds in [&plain, &slow] {
            let (alone, more) = (only(&theirs, deeds), only(deeds, &theirs));
            if !alone.is_empty() || !more.is_empty() {
                differences.push(format!("{tool}: strace alone {alone:#?}, ours alone {more:#?}"));
            }
        }
        assert!(theirs.len() > 1, "{tool}: {theirs:?}");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn lines_of_strace_are_read() {
    let log = "7 execve(\"/bin/a\", [\"a\", \"b \\\"\\n\\303\\244\"], 0x7 /* 3 vars */ <unfinished ...>\n\
               8 openat(AT_FDCWD, \"x\", O_WRONLY|O_CREAT, 0666) = 3\n\
               7 <... execve resumed>) = 0\n\
               8 openat(AT_FDCWD, \"y\", O_RDONLY) = 3\n\
               8 openat(AT_FDCWD, \"z\", O_RDWR) = -1 ENOENT (No such file or directory)\n\
               8 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"1.2.3.4\")}, 16) = -1 EINPROGRESS (Operation now in progress)\n\
               8 +++ exited with 0 +++\n";
    let expected = ["connect [1, 2, 3, 4] 80", "exec /bin/a [\"a\", \"b \\\"\\nä\"]", "write x"];
    assert_eq!(theirs(log, Path::new("/nowhere")).into_iter().collect::<Vec<_>>(), expected);
}
