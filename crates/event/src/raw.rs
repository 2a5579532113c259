//! A borrowed view of one event's bytes.
//!
//! Layout (the body of an `EV` block of schema V2 after the CPU number): time u64, tid u64, length
//! u32 with the header, type u16, number of parameters u32, that many lengths (u16, or u32 in a
//! *large* event), then the parameters' bytes back to back. All little-endian, nothing aligned.

use thiserror::Error;

use crate::schema::{EventFlags, EventInfo, EventType, MAX_PARAMS, ParamInfo};

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
    pub const fn bytes(self) -> usize {
        match self {
            Self::U16 => 2,
            Self::U32 => 4,
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
        let said = event.sum_of_first(event.param_count());
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
        if index >= self.param_count() {
            return None;
        }
        let start = self.sum_of_first(index);
        self.data.get(start..start + self.len_at(index))
    }

    /// Parameter `index` with its description, if both the schema and the event have it.
    #[inline]
    pub fn param(&self, index: usize) -> Option<Param<'a>> {
        let info = self.info().params.get(index)?;
        Some(Param { info, bytes: self.bytes(index)? })
    }

    /// Every parameter that both the schema and the event have.
    pub fn params(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let event = *self;
        let mut start = 0;
        event.info().params.iter().take(event.param_count()).enumerate().map_while(
            move |(index, info)| {
                let end = start + event.len_at(index);
                let bytes = event.data.get(start..end)?;
                start = end;
                Some(Param { info, bytes })
            },
        )
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

    /// Bytes of the first `count` parameters together.
    #[inline]
    fn sum_of_first(&self, count: usize) -> usize {
        match self.width {
            LenWidth::U16 => {
                let lens = self.lens.as_chunks().0.iter().take(count);
                lens.map(|len| usize::from(u16::from_le_bytes(*len))).sum()
            }
            LenWidth::U32 => {
                let lens = self.lens.as_chunks().0.iter().take(count);
                lens.map(|len| u32::from_le_bytes(*len) as usize).sum()
            }
        }
    }

    #[inline]
    fn len_at(&self, index: usize) -> usize {
        match self.width {
            LenWidth::U16 => {
                self.lens.get(index * 2..index * 2 + 2).map_or(0, |b| usize::from(u16_at(b, 0)))
            }
            LenWidth::U32 => {
                self.lens.get(index * 4..index * 4 + 4).map_or(0, |b| u32_at(b, 0) as usize)
            }
        }
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
        if bytes as usize != self.bytes.len() {
            return None;
        }
        Some(match *self.bytes {
            [a, b, c, d, e, f, g, h] => i64::from_le_bytes([a, b, c, d, e, f, g, h]),
            [a, b, c, d] if signed => i64::from(i32::from_le_bytes([a, b, c, d])),
            [a, b, c, d] => i64::from(u32::from_le_bytes([a, b, c, d])),
            [a, b] if signed => i64::from(i16::from_le_bytes([a, b])),
            [a, b] => i64::from(u16::from_le_bytes([a, b])),
            [a] if signed => i64::from(a as i8),
            [a] => i64::from(a),
            _ => return None,
        })
    }

    /// The value as text: up to its first NUL. `None` for NULL (no bytes at all).
    #[inline]
    pub fn text(&self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        let end = memchr_nul(self.bytes);
        self.bytes.get(..end)
    }
}

fn memchr_nul(bytes: &[u8]) -> usize {
    bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}
