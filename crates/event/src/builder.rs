//! Makes events, for sources, converters and tests.

use thiserror::Error;

use crate::{
    Event,
    raw::{HEADER_BYTES, LenWidth},
    schema::{EventType, MAX_PARAMS},
};

/// Why an event cannot be built.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum BuildError {
    /// One parameter is longer than its length field can say.
    #[error("parameter {index} has {bytes} bytes, more than this event type can carry")]
    ParamTooLong {
        /// Which parameter.
        index: usize,
        /// Its length.
        bytes: usize,
    },
    /// More parameters than any event has.
    #[error("more than {MAX_PARAMS} parameters")]
    TooManyParams,
    /// The event is longer than its length field can say.
    #[error("the event is longer than 4 GiB")]
    TooLong,
}

/// Builds one event after another in buffers that are kept, so that a steady stream allocates
/// nothing.
///
/// ```
/// use event::{EventBuilder, syscalls::CLOSE_X};
/// let mut builder = EventBuilder::default();
/// builder.start(CLOSE_X, 1_000, 42, 0);
/// builder.i64(0).i64(3);
/// let event = builder.event()?;
/// assert_eq!(event.int(1), Some(3));
/// # Ok::<(), event::builder::BuildError>(())
/// ```
#[derive(Debug)]
pub struct EventBuilder {
    cpu: u16,
    ts_ns: u64,
    tid: i64,
    kind: EventType,
    width: LenWidth,
    count: usize,
    /// Lengths as encoded, a fixed area for the most parameters that there can be.
    lens: [u8; MAX_PARAMS * 4],
    data: Vec<u8>,
    error: Option<BuildError>,
}

impl Default for EventBuilder {
    fn default() -> Self {
        Self {
            cpu: 0,
            ts_ns: 0,
            tid: 0,
            kind: EventType::of_table(0),
            width: LenWidth::U16,
            count: 0,
            lens: [0; MAX_PARAMS * 4],
            data: Vec::new(),
            error: None,
        }
    }
}

impl EventBuilder {
    /// Forgets the last event and begins one of this type.
    pub fn start(&mut self, kind: EventType, ts_ns: u64, tid: i64, cpu: u16) -> &mut Self {
        self.kind = kind;
        self.ts_ns = ts_ns;
        self.tid = tid;
        self.cpu = cpu;
        self.width = LenWidth::of(kind);
        self.count = 0;
        self.data.clear();
        self.error = None;
        self
    }

    /// Appends the next parameter as it is encoded; empty for NULL.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.raw_parts(&[bytes])
    }

    /// Appends the next parameter, encoded in several parts.
    pub fn raw_parts(&mut self, parts: &[&[u8]]) -> &mut Self {
        let index = self.count;
        let bytes: usize = parts.iter().map(|p| p.len()).sum();
        if index >= MAX_PARAMS {
            self.error = Some(BuildError::TooManyParams);
            return self;
        }
        match self.width {
            LenWidth::U16 => {
                let Ok(len) = u16::try_from(bytes) else {
                    self.error = Some(BuildError::ParamTooLong { index, bytes });
                    return self;
                };
                self.lens[index * 2..index * 2 + 2].copy_from_slice(&len.to_le_bytes());
            }
            LenWidth::U32 => {
                let Ok(len) = u32::try_from(bytes) else {
                    self.error = Some(BuildError::ParamTooLong { index, bytes });
                    return self;
                };
                self.lens[index * 4..index * 4 + 4].copy_from_slice(&len.to_le_bytes());
            }
        }
        for part in parts {
            self.data.extend_from_slice(part);
        }
        self.count += 1;
        self
    }

    /// Appends all parameters of an event, as they are encoded.
    pub fn params_of(&mut self, event: &Event<'_>) -> &mut Self {
        let lens = event.len_bytes();
        let at = self.count * self.width.bytes();
        let fits = self.count + event.param_count() <= MAX_PARAMS;
        let place = self.lens.get_mut(at..at + lens.len()).filter(|_| fits);
        match place {
            Some(place) if event.len_width() == self.width => {
                place.copy_from_slice(lens);
                self.count += event.param_count();
                self.data.extend_from_slice(event.data());
            }
            _ => (0..event.param_count()).for_each(|index| {
                self.raw(event.bytes(index).unwrap_or_default());
            }),
        }
        self
    }

    /// Appends NULL.
    pub fn null(&mut self) -> &mut Self {
        self.raw(&[])
    }

    /// Appends text and its final NUL.
    pub fn text(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.raw_parts(&[text.as_ref(), &[0]])
    }

    /// Appends 64 bits, signed: results, fds, pids.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends 64 bits.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends 32 bits.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends 16 bits.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends 8 bits.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    /// What is wrong with the event so far.
    #[inline]
    pub fn error(&self) -> Option<BuildError> {
        self.error
    }

    /// The event that was built.
    ///
    /// # Errors
    /// The first parameter that did not fit.
    pub fn event(&self) -> Result<Event<'_>, BuildError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let lens = &self.lens[..self.count * self.width.bytes()];
        Ok(Event::of_parts(self.cpu, self.ts_ns, self.tid, self.kind, self.width, lens, &self.data))
    }
}

impl Event<'_> {
    /// Length of the encoded event in bytes, with its header.
    pub fn encoded_bytes(&self) -> usize {
        HEADER_BYTES + self.len_bytes().len() + self.data().len()
    }

    /// Appends the encoded event to `out`.
    ///
    /// # Errors
    /// [`BuildError::TooLong`] if its length does not fit into the header.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), BuildError> {
        let bytes = u32::try_from(self.encoded_bytes()).map_err(|_| BuildError::TooLong)?;
        out.extend_from_slice(&self.ts_ns.to_le_bytes());
        out.extend_from_slice(&self.tid.to_le_bytes());
        out.extend_from_slice(&bytes.to_le_bytes());
        out.extend_from_slice(&self.kind.number().to_le_bytes());
        out.extend_from_slice(&(self.param_count() as u32).to_le_bytes());
        out.extend_from_slice(self.len_bytes());
        out.extend_from_slice(self.data());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syscalls::{CONTAINER_JSON_2_E, READ_X};

    #[test]
    fn params_are_copied_from_an_event_until_there_are_too_many() {
        let mut from = EventBuilder::default();
        from.start(READ_X, 0, 1, 0);
        for number in 0..20u8 {
            from.raw(&[number]);
        }
        let event = from.event().unwrap();

        let mut to = EventBuilder::default();
        for kind in [READ_X, CONTAINER_JSON_2_E] {
            to.start(kind, 0, 1, 0).raw(b"first").params_of(&event);
            let copy = to.event().unwrap();
            assert_eq!(copy.param_count(), 21);
            assert_eq!((copy.bytes(0), copy.bytes(20)), (Some(&b"first"[..]), Some(&[19][..])));
            to.params_of(&event);
            assert_eq!(to.event(), Err(BuildError::TooManyParams));
        }
    }
}
