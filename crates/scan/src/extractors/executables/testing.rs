//! Programs for tests: as small as they can be.

/// A 64-bit program that has this section, which is loaded at [`ADDRESS`].
pub(super) fn program(name: &[u8], section: &[u8]) -> Vec<u8> {
    let names = [b"\0.shstrtab\0", name, b"\0"].concat();
    let (segments, data) = (64_u64, 64 + 56);
    let (names_at, headers_at) = (data + section.len(), data + section.len() + names.len());
    let mut out = b"\x7fELF\x02\x01\x01".to_vec();
    out.resize(32, 0);
    out.extend(segments.to_le_bytes());
    out.extend((headers_at as u64).to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    for short in [64_u16, 56, 1, 64, 3, 1] {
        out.extend(short.to_le_bytes());
    }
    out.extend([1_u32, 6].into_iter().flat_map(u32::to_le_bytes));
    let size = section.len() as u64;
    let segment = [data as u64, ADDRESS, ADDRESS, size, size, 16];
    out.extend(segment.into_iter().flat_map(u64::to_le_bytes));
    out.extend(section);
    out.extend(&names);
    for (name, start, size) in [(0, 0, 0), (1, names_at, names.len()), (11, data, section.len())] {
        out.extend([name, 1_u32].into_iter().flat_map(u32::to_le_bytes));
        let numbers = [0, 0, start as u64, size as u64, 0, 0, 0, 0];
        // Fields of four bytes among them are all 0.
        out.extend(numbers.into_iter().flat_map(u64::to_le_bytes).take(56));
    }
    out
}

/// Where the section of a program is in memory.
pub(super) const ADDRESS: u64 = 0x40_0000;
