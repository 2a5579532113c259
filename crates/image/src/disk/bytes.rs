//! Numbers at places of bytes; where there are no such bytes, 0.

/// Reads a number whose first byte is the highest.
macro_rules! big {
    ($name:ident, $type:ty) => {
        pub(crate) fn $name(bytes: &[u8], at: usize) -> $type {
            let part = at.checked_add(size_of::<$type>()).and_then(|end| bytes.get(at..end));
            part.and_then(|part| part.try_into().ok()).map_or(0, <$type>::from_be_bytes)
        }
    };
}

/// Reads a number whose first byte is the lowest.
macro_rules! little {
    ($name:ident, $type:ty) => {
        pub(crate) fn $name(bytes: &[u8], at: usize) -> $type {
            let part = at.checked_add(size_of::<$type>()).and_then(|end| bytes.get(at..end));
            part.and_then(|part| part.try_into().ok()).map_or(0, <$type>::from_le_bytes)
        }
    };
}

big!(be_u16, u16);
big!(be_u32, u32);
big!(be_u64, u64);
little!(le_u32, u32);
little!(le_u64, u64);

pub(crate) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}
