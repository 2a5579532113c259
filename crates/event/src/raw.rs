//! A borrowed view of one event's bytes.
//!
//! Layout (the body of an `EV` block of schema V2 after the CPU number): time u64, tid u64, length
//! u32 with the header, type u16, number of parameters u32, that many lengths (u16, or u32 in a
//! *large* event), then the parameters' bytes back to back. All little-endian, nothing aligned.

use thiserror::Error;

use crate::{
    print::text::until_nul,
    schema::{EventFlags, EventInfo, EventType, MAX_PARAMS, ParamInfo},
};

/// Bytes of an event before its parameter lengths.
pub const HEADER_BYTES: usize = 26;

/// Why bytes are not an event.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum Malformed {
    /// Fewer bytes than a header.
    #[error("an event of {0} bytes is shorter than its header of {HEADER_BYTES}")]
    Short(usize),
    /// A type number that the schema does not have.
    #[error("event type {0} is not in the schema")]
    UnknownType(u16),
    /// The header's length differs from the bytes at hand.
    #[error("the header says {said} bytes, there are {there}")]
    Length {
        /// Length in the header.
        said: u32,
        /// Bytes at hand.
        there: usize,
    },
    /// More parameters than the schema allows any event.
    #[error("{0} parameters; no event has more than {MAX_PARAMS}")]
    TooManyParams(u32),
    /// The parameters do not fit into the event.
    #[error("the parameters need {said} bytes, there are {there}")]
    Params {
        /// Sum of the parameters' lengths.
        said: usize,
        /// Bytes at hand for them.
        there: usize,
    },
}

/// Width of the parameter lengths of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LenWidth {
    /// Ordinary events.
    U16,
    /// Events with [`EventFlags::LARGE_PAYLOAD`].
    U32,
}

impl LenWidth {
    /// Bytes of one length.
    #[inline]
    pub const fn bytes(self) -> usize {
        match self {
            Self::U16 => 2,
            Self::U32 => 4,
        }
    }

    /// The first of some lengths, and those behind it.
    #[inline]
    fn split_first(self, lens: &[u8]) -> Option<(usize, &[u8])> {
        match self {
            Self::U16 => {
                lens.split_first_chunk().map(|(len, rest)| (u16::from_le_bytes(*len).into(), rest))
            }
            Self::U32 => lens
                .split_first_chunk()
                .map(|(len, rest)| (u32::from_le_bytes(*len) as usize, rest)),
        }
    }

    /// All of some lengths together.
    #[inline]
    fn sum(self, lens: &[u8]) -> usize {
        match self {
            Self::U16 => sum_of_u16(lens.as_chunks().0),
            Self::U32 => sum_of_u32(lens.as_chunks().0),
        }
    }

    /// The width that events of this type have.
    pub fn of(kind: EventType) -> Self {
        if kind.info().flags.contains(EventFlags::LARGE_PAYLOAD) { Self::U32 } else { Self::U16 }
    }
}

/// One event, borrowed. Copying it copies two slices and a header, not the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// CPU that the event was seen on.
    pub cpu: u16,
    /// Time in ns since the epoch.
    pub ts_ns: u64,
    /// Thread that caused it, as seen from the host.
    pub tid: i64,
    /// What happened.
    pub kind: EventType,
    /// Kept in a filtered capture only because state depends on it: readers take it in and count
    /// it, and do not show it.
    pub state_only: bool,
    width: LenWidth,
    lens: &'a [u8],
    data: &'a [u8],
}

impl<'a> Event<'a> {
    /// Views `bytes` as an event seen on `cpu`; every bound is checked here, once.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are not exactly one event of the schema.
    pub fn parse(cpu: u16, bytes: &'a [u8], width: LenWidth) -> Result<Self, Malformed> {
        let (header, rest) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(Malformed::Short(bytes.len()))?;
        let said = u32_at(header, 16);
        if said as usize != bytes.len() {
            return Err(Malformed::Length { said, there: bytes.len() });
        }
        let number = u16::from_le_bytes([header[20], header[21]]);
        let kind = EventType::new(number).ok_or(Malformed::UnknownType(number))?;
        let count = u32_at(header, 22);
        if count as usize > MAX_PARAMS {
            return Err(Malformed::TooManyParams(count));
        }
        Self::assemble(cpu, u64_at(header, 0), u64_at(header, 8) as i64, kind, count, rest, width)
    }

    /// Views lengths and parameters that stand behind a header read elsewhere.
    ///
    /// # Errors
    /// [`Malformed`] if `rest` is not exactly `count` lengths and the bytes that they announce.
    pub fn assemble(
        cpu: u16,
        ts_ns: u64,
        tid: i64,
        kind: EventType,
        count: u32,
        rest: &'a [u8],
        width: LenWidth,
    ) -> Result<Self, Malformed> {
        if count as usize > MAX_PARAMS {
            return Err(Malformed::TooManyParams(count));
        }
        let lens_bytes = count as usize * width.bytes();
        let (lens, data) = rest
            .split_at_checked(lens_bytes)
            .ok_or(Malformed::Params { said: lens_bytes, there: rest.len() })?;
        let event = Self { cpu, ts_ns, tid, kind, state_only: false, width, lens, data };
        let said = width.sum(lens);
        if said != data.len() {
            return Err(Malformed::Params { said, there: data.len() });
        }
        Ok(event)
    }

    /// Puts an event together whose lengths were checked before (by a source, or by construction
    /// in the builder). Lengths that disagree with the data are harmless: parameters beyond the
    /// data are absent.
    #[inline]
    pub fn of_parts(
        cpu: u16,
        ts_ns: u64,
        tid: i64,
        kind: EventType,
        width: LenWidth,
        lens: &'a [u8],
        data: &'a [u8],
    ) -> Self {
        Self { cpu, ts_ns, tid, kind, state_only: false, width, lens, data }
    }

    /// The row of the event table.
    #[inline]
    pub fn info(&self) -> &'static EventInfo {
        self.kind.info()
    }

    /// Number of parameters that are there: older recorders wrote fewer than the schema has.
    #[inline]
    pub fn param_count(&self) -> usize {
        self.lens.len() / self.width.bytes()
    }

    /// Width of the parameter lengths.
    pub fn len_width(&self) -> LenWidth {
        self.width
    }

    /// The encoded parameter lengths, as they stand in the event.
    pub fn len_bytes(&self) -> &'a [u8] {
        self.lens
    }

    /// All parameters' bytes back to back.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Bytes of parameter `index`: `None` if the event has no such parameter, empty if the value
    /// is NULL.
    #[inline]
    pub fn bytes(&self, index: usize) -> Option<&'a [u8]> {
        let before_bytes = index.checked_mul(self.width.bytes())?;
        let (before, from) = self.lens.split_at_checked(before_bytes)?;
        let (len, _) = self.width.split_first(from)?;
        self.data.get(self.width.sum(before)..)?.get(..len)
    }

    /// Parameter `index` with its description, if both the schema and the event have it.
    #[inline]
    pub fn param(&self, index: usize) -> Option<Param<'a>> {
        let info = self.info().params.get(index)?;
        Some(Param { info, bytes: self.bytes(index)? })
    }

    /// Every parameter that both the schema and the event have.
    #[inline]
    pub fn params(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let Self { width, mut lens, mut data, .. } = *self;
        self.info().params.iter().map_while(move |info| {
            let (len, lens_behind) = width.split_first(lens)?;
            let (bytes, data_behind) = data.split_at_checked(len)?;
            (lens, data) = (lens_behind, data_behind);
            Some(Param { info, bytes })
        })
    }

    /// The parameter with this name.
    pub fn param_named(&self, name: &str) -> Option<Param<'a>> {
        let (index, _) = self.info().param(name)?;
        self.param(index)
    }

    /// Parameter `index` as a number, widened by its type's sign. `None` if it is absent, NULL,
    /// or of another length than its type.
    #[inline]
    pub fn int(&self, index: usize) -> Option<i64> {
        self.param(index)?.int()
    }

    /// Parameter `index` as text without its final NUL. `None` if it is absent or NULL.
    #[inline]
    pub fn text(&self, index: usize) -> Option<&'a [u8]> {
        self.param(index)?.text()
    }
}

/// One parameter: its description and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Param<'a> {
    /// Name, type and format.
    pub info: &'static ParamInfo,
    /// Value as encoded; empty for NULL.
    pub bytes: &'a [u8],
}

impl<'a> Param<'a> {
    /// The value as a number, widened by its type's sign; `None` for other types, for NULL, and
    /// where the length is not the type's.
    #[inline]
    pub fn int(&self) -> Option<i64> {
        let (bytes, signed) = self.info.ty.integer()?;
        if usize::from(bytes) != self.bytes.len() {
            return None;
        }
        // Most are of eight bytes or four, and which is known from the type.
        Some(match bytes {
            8 => i64::from_le_bytes(*self.bytes.first_chunk()?),
            4 => {
                let number = u32::from_le_bytes(*self.bytes.first_chunk()?);
                if signed { i64::from(number as i32) } else { i64::from(number) }
            }
            2 => {
                let number = u16::from_le_bytes(*self.bytes.first_chunk()?);
                if signed { i64::from(number as i16) } else { i64::from(number) }
            }
            _ => {
                let number = *self.bytes.first()?;
                if signed { i64::from(number as i8) } else { i64::from(number) }
            }
        })
    }

    /// The value as text: up to its first NUL. `None` for NULL (no bytes at all).
    #[inline]
    pub fn text(&self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        Some(until_nul(self.bytes))
    }
}

/// Sum of numbers of 16 bits. Four of them at a time, as two pairs that are added up side by side:
/// events have few parameters, and whoever looks at one asks.
#[inline]
fn sum_of_u16(numbers: &[[u8; 2]]) -> usize {
    const LOWER: u64 = 0x0000_ffff_0000_ffff;
    let (fours, rest) = numbers.as_chunks();
    let pairs = fours
        .iter()
        .map(|[a, b, c, d]| u64::from_le_bytes([a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]));
    let pairs = pairs.fold(0, |sum, four| sum + (four & LOWER) + (four >> 16 & LOWER));
    let number = |number: [u8; 2]| usize::from(u16::from_le_bytes(number));
    let rest = match *rest {
        [a, b, c] => number(a) + number(b) + number(c),
        [a, b] => number(a) + number(b),
        [a] => number(a),
        _ => 0,
    };
    (pairs >> 32) as usize + (pairs as u32) as usize + rest
}

#[inline]
fn sum_of_u32(numbers: &[[u8; 4]]) -> usize {
    numbers.iter().map(|number| u32::from_le_bytes(*number) as usize).sum()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syscalls::{CLONE_20_X, CONTAINER_JSON_2_E};

    /// Parameters of these lengths, the first of zeros, the next of ones and so on.
    fn data(lens: &[usize]) -> Vec<u8> {
        (0..).zip(lens).flat_map(|(at, &len)| vec![at; len]).collect()
    }

    #[test]
    fn each_parameter_is_found_behind_those_before_it() {
        let all = [0, 3, 65_535, 65_535, 65_535, 1, 0, 65_535, 2, 8, 65_535, 4];
        for (kind, width) in [(CLONE_20_X, LenWidth::U16), (CONTAINER_JSON_2_E, LenWidth::U32)] {
            for lens in (0..=all.len()).map(|count| &all[..count]) {
                let data = data(lens);
                let encoded: Vec<u8> = lens
                    .iter()
                    .flat_map(|&len| (len as u32).to_le_bytes()[..width.bytes()].to_vec())
                    .collect();
                let rest = [encoded, data].concat();
                let event = Event::assemble(0, 0, 0, kind, lens.len() as u32, &rest, width);
                let event = event.expect("an event");
                for (at, &len) in lens.iter().enumerate() {
                    assert_eq!(event.bytes(at), Some(&*vec![at as u8; len]));
                }
                assert_eq!(event.bytes(lens.len()), None);
                assert_eq!(event.bytes(usize::MAX), None);
                let one_by_one = (0..).map_while(|at| event.param(at));
                assert!(event.params().map(|it| it.bytes).eq(one_by_one.map(|it| it.bytes)));
            }
        }
    }

    #[test]
    fn parameters_beyond_the_data_are_absent() {
        let lens = [2, 0, 3, 0, 1, 0];
        let event = Event::of_parts(0, 0, 0, CLONE_20_X, LenWidth::U16, &lens, &[7; 4]);
        assert_eq!([0, 1, 2].map(|at| event.bytes(at).is_some()), [true, false, false]);
        assert_eq!(event.params().count(), 1);
    }
}
