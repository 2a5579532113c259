//! What a field gives.

use std::net::IpAddr;

/// A field's type, in the names of the rule language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FieldType {
    CharBuf,
    ByteBuf,
    Bool,
    Int16,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Double,
    RelTime,
    AbsTime,
    Port,
    IpAddr,
    IpNet,
    /// Depends on the argument (`evt.rawarg.res`).
    Dynamic,
}

impl FieldType {
    /// The name as the rule language's own listing has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CharBuf => "CHARBUF",
            Self::ByteBuf => "BYTEBUF",
            Self::Bool => "BOOL",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Uint32 => "UINT32",
            Self::Uint64 => "UINT64",
            Self::Double => "DOUBLE",
            Self::RelTime => "RELTIME",
            Self::AbsTime => "ABSTIME",
            Self::Port => "PORT",
            Self::IpAddr => "IPADDR",
            Self::IpNet => "IPNET",
            Self::Dynamic => "DYNAMIC",
        }
    }
}

/// One value, borrowed from the event, the state or the scratch space.
#[derive(Clone, Copy, PartialEq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value<'v> {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    /// Text: names, paths, arguments. Bytes, as the kernel has them.
    Text(&'v [u8]),
    /// Raw bytes of I/O.
    Bytes(&'v [u8]),
    /// An address (also the value of fields that are compared with networks).
    Ip(IpAddr),
}
