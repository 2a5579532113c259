//! What the loader has no use for is taken out of the object, which is embedded: four fifths of it.

use std::error::Error;

use object::{
    build::{
        Bytes,
        elf::{Builder, Section, SectionData},
    },
    elf::{SHT_REL, SHT_STRTAB, STB_LOCAL, STT_NOTYPE},
};

/// The object without DWARF, without the lines of its source, and without labels. The types (BTF) and what is relocated by them (CO-RE) stay.
pub(crate) fn strip(object: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut elf = Builder::read(object)?;
    for section in elf.sections.iter_mut() {
        section.delete = is_of_dwarf(&section.name) || relocates_types(section);
        if *section.name == b".BTF.ext"[..]
            && let SectionData::Data(data) = &section.data
        {
            section.data = SectionData::Data(Bytes::from(without_lines(data)?));
        }
    }
    // Labels are there for what is gone; whatever else refers to one cannot be written.
    for symbol in elf.symbols.iter_mut() {
        symbol.delete = symbol.st_type() == STT_NOTYPE && symbol.st_bind() == STB_LOCAL;
    }
    elf.delete_orphan_symbols();
    // The compiler has all names in one table; they are written to two.
    let names = elf.sections.add();
    names.name = b".shstrtab"[..].into();
    names.sh_type = SHT_STRTAB;
    names.sh_addralign = 1;
    names.data = SectionData::SectionString;
    let mut stripped = Vec::new();
    elf.write(&mut stripped)?;
    Ok(stripped)
}

fn is_of_dwarf(name: &[u8]) -> bool {
    [&b".debug_"[..], b".rel.debug_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Places in the types, which the loader finds by itself.
fn relocates_types(section: &Section<'_>) -> bool {
    section.sh_type == SHT_REL && section.name.starts_with(b".rel.BTF")
}

/// Bytes of the header of `.BTF.ext`: magic, version, flags, its own length, then where each of
/// functions, lines and relocations begins behind it, and its length (linux/btf.h of libbpf:
/// `struct btf_ext_header`).
const HEADER_BYTES: usize = 32;

/// `.BTF.ext` without lines: they stand between functions and relocations.
fn without_lines(data: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (words, []) = data.get(8..HEADER_BYTES).ok_or(".BTF.ext has no header")?.as_chunks() else {
        return Err(".BTF.ext has no whole header".into());
    };
    let numbers: Vec<usize> = words.iter().map(|word| u32::from_le_bytes(*word) as usize).collect();
    let [_, functions, lines_at, lines, relocations_at, relocations] = numbers[..] else {
        return Err(".BTF.ext has another header".into());
    };
    if lines_at != functions || relocations_at != lines_at + lines {
        return Err(".BTF.ext has another order".into());
    }
    let body = data.get(HEADER_BYTES..).unwrap_or_default();
    let (kept, rest) = body.split_at_checked(lines_at).ok_or(".BTF.ext is cut")?;
    let relocated = rest.get(lines..lines + relocations).ok_or(".BTF.ext is cut")?;
    let header = [0, functions, lines_at, 0, lines_at, relocations].map(|number| number as u32);
    let header = header.map(u32::to_le_bytes);
    Ok([&data[..8], header.as_flattened(), kept, relocated].concat())
}
