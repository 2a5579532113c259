//! An event under conversion: its type and where each parameter's bytes are. Nothing is copied
//! until the event is put together.

use event::{
    EventType, ParamType,
    raw::LenWidth,
    schema::{MAX_PARAMS, ParamInfo},
};

/// Where a parameter's bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// Nowhere.
    Null,
    /// This many zero bytes.
    Zeros(u8),
    /// This many bytes of all ones.
    Ones(u8),
    /// A parameter of the event as it was read.
    Read(u8),
    /// A parameter of the stored enter event.
    Enter(u8),
    /// The JSON made of an old container event.
    Json,
}

/// A parameter: its source and how many bytes of that may be used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) source: Source,
    pub(super) max_bytes: u32,
}

const NOWHERE: Place = Place { source: Source::Null, max_bytes: 0 };

/// Type and parameters of the event, and of what it was one step before.
#[derive(Debug)]
pub(super) struct Sketch {
    kind: EventType,
    now: Places,
    old: Places,
}

/// The parameters: first those of the event as it was read, untouched, then others.
#[derive(Clone, Debug)]
struct Places {
    kept: usize,
    others: [Place; MAX_PARAMS],
    count: usize,
}

impl Places {
    const NONE: Self = Self { kept: 0, others: [NOWHERE; MAX_PARAMS], count: 0 };

    fn get(&self, index: usize) -> Option<Place> {
        match index.checked_sub(self.kept) {
            None => Some(Place { source: Source::Read(index as u8), max_bytes: u32::MAX }),
            Some(other) => self.others.get(..self.count)?.get(other).copied(),
        }
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self { kind: event::syscalls::GENERIC_E, now: Places::NONE, old: Places::NONE }
    }
}

impl Sketch {
    /// Begins with an event as it was read.
    #[inline]
    pub(super) fn begin(&mut self, kind: EventType, params: usize) {
        self.kind = kind;
        self.now.kept = params.min(MAX_PARAMS);
        self.now.count = 0;
    }

    #[inline]
    pub(super) fn kind(&self) -> EventType {
        self.kind
    }

    /// Number of parameters.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.now.kept + self.now.count
    }

    /// How many parameters at the front are those of the event as it was read.
    #[inline]
    pub(super) fn kept(&self) -> usize {
        self.now.kept
    }

    /// The parameters behind those that were kept.
    #[inline]
    pub(super) fn others(&self) -> &[Place] {
        self.now.others.get(..self.now.count).unwrap_or_default()
    }

    /// Makes it an event of another type, without parameters yet; [`Sketch::push_old`] takes from
    /// those that it had.
    pub(super) fn become_type(&mut self, kind: EventType) {
        std::mem::swap(&mut self.now, &mut self.old);
        self.now.kept = 0;
        self.now.count = 0;
        self.kind = kind;
    }

    /// Adds a parameter that it had as the type before; `false` if it has none such.
    pub(super) fn push_old(&mut self, index: u8) -> bool {
        let Some(old) = self.old.get(usize::from(index)) else { return false };
        let max_bytes = old.max_bytes.min(self.max_bytes());
        self.push_place(Place { max_bytes, ..old });
        true
    }

    /// Adds a parameter from elsewhere, cut to what its type holds.
    pub(super) fn push(&mut self, source: Source) {
        self.push_place(Place { source, max_bytes: self.max_bytes() });
    }

    /// Adds the default of the parameter's type.
    pub(super) fn push_default(&mut self) {
        let source = self.next_info().map_or(Source::Null, |info| default_of(info.ty));
        self.push(source);
    }

    fn push_place(&mut self, place: Place) {
        if self.count() < MAX_PARAMS
            && let Some(next) = self.now.others.get_mut(self.now.count)
        {
            *next = place;
            self.now.count += 1;
        }
    }

    fn next_info(&self) -> Option<&'static ParamInfo> {
        self.kind.info().params.get(self.count())
    }

    fn max_bytes(&self) -> u32 {
        match (self.next_info().and_then(|info| fixed_bytes(info.ty)), LenWidth::of(self.kind)) {
            (Some(bytes), _) => u32::from(bytes),
            (None, LenWidth::U16) => u32::from(u16::MAX),
            (None, LenWidth::U32) => u32::MAX,
        }
    }
}

fn default_of(ty: ParamType) -> Source {
    match (ty, fixed_bytes(ty)) {
        (ParamType::Uid | ParamType::Gid, _) => Source::Ones(4),
        (_, Some(bytes)) => Source::Zeros(bytes),
        (_, None) => Source::Null,
    }
}

/// Bytes of a type whose values all have the same length.
fn fixed_bytes(ty: ParamType) -> Option<u8> {
    use ParamType as T;
    Some(match ty {
        T::Int8
        | T::Uint8
        | T::Flags8
        | T::EnumFlags8
        | T::SigType
        | T::L4Proto
        | T::SockFamily => 1,
        T::Int16 | T::Uint16 | T::Flags16 | T::EnumFlags16 | T::SyscallId | T::Port => 2,
        T::Int32
        | T::Uint32
        | T::Flags32
        | T::EnumFlags32
        | T::Uid
        | T::Gid
        | T::Mode
        | T::SigSet
        | T::Bool
        | T::Fd32
        | T::Pid32
        | T::Ipv4Addr => 4,
        T::Int64 | T::Uint64 | T::RelTime | T::AbsTime | T::Errno | T::Fd | T::Pid | T::Double => 8,
        T::Ipv6Addr => 16,
        _ => return None,
    })
}
