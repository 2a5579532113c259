//! Modules that a program of Go was built from (Go's `debug/buildinfo`).
//!
//! `\xff Go buildinf:` is followed by the size of addresses and by flags, and at 32 by the version of Go
//! and the list of modules, each behind its length; before Go 1.18, addresses of two texts stood at 16.

use super::elf::{Elf, Range};
use crate::{Error, Extractor, Kind, Package, Pattern, Setting, bytes::Order};

/// Modules of a program.
pub(crate) const BINARY: Extractor = Extractor {
    name: "go-binary",
    about: "modules that a program of Go was built from",
    setting: Setting::Installed,
    files: &[Pattern::Executable],
    extract: |input, found| {
        found.packages = match Elf::open(input.content())? {
            Some(mut elf) => info(&mut elf)?.map_or_else(Vec::new, |info| packages(&info)),
            None => Vec::new(),
        };
        Ok(())
    },
};

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// The mark stands at a multiple of this.
const ALIGNED_BYTES: usize = 16;
const HEADER_BYTES: usize = 32;
/// Longest part of a program in which the mark is looked for.
const LONGEST_SEARCH_BYTES: u64 = 1 << 20;
/// Longest list of modules.
const LONGEST_TEXT_BYTES: u64 = 16 << 20;
/// What stands before and behind the list of modules.
const FRAME_BYTES: usize = 16;

/// Flags: numbers are big-endian; texts stand here.
const IS_BIG: u8 = 1;
const IS_INLINE: u8 = 2;

/// What a program says of itself.
struct Info {
    /// The version of Go.
    go: String,
    /// Modules, a line each.
    modules: String,
}

fn info(elf: &mut Elf<'_>) -> Result<Option<Info>, Error> {
    let range = match elf.section(b".go.buildinfo")? {
        Some(range) => range,
        None => match elf.writable()? {
            Some(range) => range,
            None => return Ok(None),
        },
    };
    let data = elf.read(range, LONGEST_SEARCH_BYTES)?;
    let found = memchr::memmem::find_iter(&data, MAGIC).find(|at| at % ALIGNED_BYTES == 0);
    let Some(at) = found else { return Ok(None) };
    let header = data.get(at..).unwrap_or_default();
    let (go, modules) = match header.get(15) {
        Some(flags) if flags & IS_INLINE != 0 => {
            let start = range.start.saturating_add((at + HEADER_BYTES) as u64);
            let (go, next) = text_here(elf, start)?;
            (go, text_here(elf, next)?.0)
        }
        Some(flags) => {
            let order = if flags & IS_BIG != 0 { Order::Big } else { Order::Little };
            let address_bytes = header.get(14).copied().unwrap_or_default();
            let go = text_elsewhere(elf, header, 16, order, address_bytes)?;
            let next = 16 + usize::from(address_bytes);
            (go, text_elsewhere(elf, header, next, order, address_bytes)?)
        }
        None => return Ok(None),
    };
    let go = String::from_utf8_lossy(&go).into_owned();
    Ok((!go.is_empty()).then(|| Info { go, modules: unframed(&modules) }))
}

/// A text behind its length, and where it ends.
fn text_here(elf: &mut Elf<'_>, start: u64) -> Result<(Vec<u8>, u64), Error> {
    let bytes = elf.read(Range { start, size_bytes: 10 }, 10)?;
    let Some((length, taken)) = length(&bytes).filter(|(it, _)| *it <= LONGEST_TEXT_BYTES) else {
        return Err(Error::malformed("program of Go", "a text is longer than what is there"));
    };
    let start = start.saturating_add(taken);
    let text = elf.read(Range { start, size_bytes: length }, length)?;
    Ok((text, start.saturating_add(length)))
}

/// A number in groups of seven bits, the lowest first, and how many bytes it took.
fn length(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut number = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if *byte < 0x80 {
            return Some((number, index as u64 + 1));
        }
    }
    None
}

/// A text of which address and length stand at the address that stands here.
fn text_elsewhere(
    elf: &mut Elf<'_>,
    header: &[u8],
    at: usize,
    order: Order,
    address_bytes: u8,
) -> Result<Vec<u8>, Error> {
    let address = |bytes: &[u8], at| match address_bytes {
        4 => order.u32(bytes, at).map(u64::from),
        8 => order.u64(bytes, at),
        _ => None,
    };
    let Some(place) = address(header, at) else { return Ok(Vec::new()) };
    let text = elf.memory(place, 16)?;
    match (address(&text, 0), address(&text, usize::from(address_bytes))) {
        (Some(start), Some(length)) if length <= LONGEST_TEXT_BYTES => elf.memory(start, length),
        _ => Ok(Vec::new()),
    }
}

fn unframed(modules: &[u8]) -> String {
    let end = modules.len().saturating_sub(FRAME_BYTES);
    let text = modules.get(FRAME_BYTES..end).filter(|text| text.ends_with(b"\n"));
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}

/// The standard library, and modules by lines of `path`, `mod`, `dep`, `=>` (stands for the one before)
/// and `build`.
fn packages(info: &Info) -> Vec<Package> {
    let go = info.go.strip_prefix("go").unwrap_or(&info.go);
    let go = go.split(' ').next().unwrap_or_default();
    let mut packages = vec![Package::new(Kind::Golang, "stdlib", format!("v{go}"))];
    let mut main = None;
    let mut flags = "";
    for line in info.modules.lines() {
        let mut fields = line.split('\t');
        let word = fields.next().unwrap_or_default();
        let (name, version) =
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        match word {
            "mod" => main = Some((name, version)),
            "dep" if !name.is_empty() => packages.push(module(name, version)),
            "=>" => replace(&mut packages, main.as_mut(), name, version),
            "build" => flags = name.strip_prefix("-ldflags=").unwrap_or(flags),
            _ => {}
        }
    }
    if let Some((name, version)) = main.filter(|(name, _)| !name.is_empty()) {
        let mut package = module(name, version);
        if package.version.is_empty() {
            package.version = super::ldflags::version(name, flags).unwrap_or_default();
        }
        packages.push(package);
    }
    packages
}

/// `(devel)` says that there is no version.
fn module(name: &str, version: &str) -> Package {
    Package::new(Kind::Golang, name, if version == "(devel)" { "" } else { version })
}

fn replace<'a>(
    packages: &mut [Package],
    main: Option<&mut (&'a str, &'a str)>,
    name: &'a str,
    version: &'a str,
) {
    match (packages, main) {
        ([_, .., last], _) => *last = module(name, version),
        (_, Some(main)) => *main = (name, version),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{
        executables::testing::{ADDRESS, program},
        found, listed,
    };

    const MODULES: &str = "path\tcommand-line-arguments\nmod\tgithub.com/o/tool\t(devel)\t\n\
        dep\tgithub.com/a/b\tv1.2.3\th1:x=\ndep\tgolang.org/x/old\tv0.1.0\n=>\tgithub.com/fork/new\tv0.2.0\th1:y=\n\
        dep\texample.com/local\tv1.0.0\n=>\t./local\t(devel)\t\n\
        build\t-compiler=gc\nbuild\t-ldflags=\"-s -w -X main.version=1.4.0\"\n";

    fn framed(modules: &str) -> Vec<u8> {
        [b"0123456789abcdef", modules.as_bytes(), b"fedcba9876543210"].concat()
    }

    fn inline(go: &str, modules: &[u8]) -> Vec<u8> {
        let mut section = [MAGIC, &[8, IS_INLINE]].concat();
        section.resize(HEADER_BYTES, 0);
        for text in [go.as_bytes(), modules] {
            let mut length = text.len();
            while length >= 0x80 {
                section.push(length as u8 | 0x80);
                length >>= 7;
            }
            section.push(length as u8);
            section.extend_from_slice(text);
        }
        section
    }

    fn by_address(go: &str, modules: &[u8]) -> Vec<u8> {
        let header = |at: u64| ADDRESS + at;
        let mut section = [MAGIC, &[8, 0]].concat();
        let texts = 64_u64;
        let numbers = [
            header(32),
            header(48),
            header(texts),
            go.len() as u64,
            header(texts + go.len() as u64),
            modules.len() as u64,
        ];
        section.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
        [section, go.into(), modules.to_vec()].concat()
    }

    #[test]
    fn modules_are_listed_in_both_forms() {
        let expected = [
            "stdlib v1.21.5",
            "github.com/a/b v1.2.3",
            "github.com/fork/new v0.2.0",
            "./local ",
            "github.com/o/tool 1.4.0",
        ];
        let go = "go1.21.5 X:boringcrypto";
        for section in [inline(go, &framed(MODULES)), by_address(go, &framed(MODULES))] {
            for name in [&b".go.buildinfo"[..], b".data"] {
                assert_eq!(listed(&BINARY, "usr/bin/tool", program(name, &section)), expected);
            }
        }
    }

    #[test]
    fn programs_without_modules_have_the_standard_library_alone() {
        for modules in [&b""[..], b"short", &framed("no line end")] {
            let program = program(b".go.buildinfo", &inline("go1.4", modules));
            assert_eq!(listed(&BINARY, "usr/bin/tool", program), ["stdlib v1.4"]);
        }
    }

    #[test]
    fn what_lies_about_its_size_gives_nothing() {
        let mut long = inline("go1.21.5", b"");
        long.truncate(HEADER_BYTES);
        for (end, expected) in [
            (&[0xff; 10][..], Some("is no program of Go: a text is longer than what is there")),
            (
                &[0xff, 0xff, 0xff, 0xff, 0x7f],
                Some("is no program of Go: a text is longer than what is there"),
            ),
            (&[0xff, 0xff, 1], Some("is no program of Go: a text is longer than what is there")),
        ] {
            let result = found(&BINARY, "a", program(b".go.buildinfo", &[&long, end].concat()));
            assert_eq!(result.as_ref().err().map(ToString::to_string).as_deref(), expected);
        }
        let mut far = by_address("go1.21.5", b"");
        for place in [u64::MAX, ADDRESS - 1, ADDRESS + (1 << 40)] {
            far[16..24].copy_from_slice(&place.to_le_bytes());
            assert!(found(&BINARY, "a", program(b".data", &far)).unwrap().is_empty());
        }
    }

    #[test]
    fn broken_programs_are_read_without_harm() {
        let whole = program(b".go.buildinfo", &inline("go1.21.5", &framed(MODULES)));
        for end in 0..whole.len() {
            let _ = found(&BINARY, "a", &whole[..end]);
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = 0xff;
            let _ = found(&BINARY, "a", changed);
        }
    }
}
