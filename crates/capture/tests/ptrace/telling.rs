//! Helps acts to make raw calls, and tests to compare whole events.

use std::ffi::CStr;

use event::{
    EventType,
    schema::{Format, ParamType},
};

use crate::harness::{Kept, Notes, Outcome};

/// Makes a call; its result, negative for an error number.
pub(crate) fn sys<const N: usize>(number: libc::c_long, args: [i64; N]) -> i64 {
    let mut all = [0; 6];
    all[..N].copy_from_slice(&args);
    let [a, b, c, d, e, f] = all;
    // SAFETY: acts pass pointers to what lives longer than the call, or ones that the kernel
    // refuses.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result == -1 {
        -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap())
    } else {
        result
    }
}

/// A text's address. It is in memory now: a program in the kernel sees nothing else, and what a call
/// refuses before it reads it stays where it is.
pub(crate) fn at(text: &CStr) -> i64 {
    bring_in(text.to_bytes_with_nul());
    text.as_ptr() as i64
}

/// Reads bytes, so that they are in memory.
pub(crate) fn bring_in(bytes: &[u8]) {
    for byte in [bytes.first(), bytes.last()].into_iter().flatten() {
        // SAFETY: it is a reference.
        unsafe { std::ptr::from_ref(byte).read_volatile() };
    }
}

/// An address at which there is nothing.
pub(crate) const NOWHERE: i64 = 8;

impl Notes {
    /// Makes a call and notes its result.
    pub(crate) fn call<const N: usize>(
        &mut self,
        name: &str,
        number: libc::c_long,
        args: [i64; N],
    ) -> i64 {
        let result = sys(number, args);
        self.note(name, result);
        result
    }

    /// Notes device and inode of an fd as `NAME.dev` and `NAME.ino`.
    pub(crate) fn note_file(&mut self, name: &str, fd: i64) {
        // SAFETY: the buffer is ours.
        let file = unsafe {
            let mut file: libc::stat = std::mem::zeroed();
            assert_eq!(libc::fstat(fd as i32, &raw mut file), 0);
            file
        };
        let (major, minor) = (libc::major(file.st_dev), libc::minor(file.st_dev));
        let dev = (minor & 0xff) | (major << 8) | ((minor >> 8) << 20);
        self.note(&format!("{name}.dev"), dev);
        self.note(&format!("{name}.ino"), file.st_ino as i64);
    }
}

impl Kept {
    /// All parameters as text.
    pub(crate) fn told(&self) -> String {
        let event = self.event();
        let mut all = Vec::new();
        for (index, info) in event.info().params.iter().enumerate() {
            let bytes = event.bytes(index).unwrap_or_default();
            let value = match info.ty {
                _ if bytes.is_empty() && info.ty != ParamType::ByteBuf => "<none>".to_owned(),
                ParamType::CharBuf | ParamType::FsPath | ParamType::FsRelPath => {
                    event.text(index).unwrap().escape_ascii().to_string()
                }
                ParamType::ByteBuf => bytes.escape_ascii().to_string(),
                _ => match (event.int(index), info.format) {
                    (Some(number), Format::Hex) => format!("{number:#x}"),
                    (Some(number), Format::Oct) => format!("{number:#o}"),
                    (Some(number), _) => number.to_string(),
                    (None, _) => bytes.escape_ascii().to_string(),
                },
            };
            all.push(format!("{}={value}", info.name));
        }
        assert_eq!(event.param_count(), event.info().params.len(), "{}", all.join(" "));
        all.join(" ")
    }
}

impl Outcome {
    /// The events of one type are these; `{NAME}` stands for what was noted, `{#NAME}` for it in
    /// hexadecimal.
    pub(crate) fn expect(&self, kind: EventType, expected: &[&str]) {
        let told: Vec<String> = self.of(kind).iter().map(|event| event.told()).collect();
        let expected: Vec<String> = expected.iter().map(|line| self.fill(line)).collect();
        for (at, expected) in expected.iter().enumerate() {
            let told = told.get(at).map(String::as_str);
            assert_eq!(told, Some(expected.as_str()), "event {at} of {}", kind.info().name);
        }
        assert_eq!(told.len(), expected.len(), "{told:#?}");
    }

    pub(crate) fn fill(&self, line: &str) -> String {
        let mut filled = String::new();
        let mut rest = line;
        while let Some((before, from)) = rest.split_once('{') {
            let (name, after) = from.split_once('}').unwrap();
            filled += before;
            filled += &match name.strip_prefix('#') {
                Some(name) => format!("{:#x}", self.notes.of(name)),
                None => self.notes.of(name).to_string(),
            };
            rest = after;
        }
        filled + rest
    }
}
