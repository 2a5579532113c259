//! Parameters whose first byte picks their encoding.

use crate::schema::{Detail, Format, ParamInfo, ParamType};

const fn variant(ty: ParamType, format: Format) -> ParamInfo {
    ParamInfo { name: "", ty, format, detail: Detail::None }
}

/// A socket option's value.
pub(super) static SOCKOPT_DYNAMIC_PARAMS: &[ParamInfo] = &[
    variant(ParamType::ByteBuf, Format::Hex),
    variant(ParamType::Errno, Format::Dec),
    variant(ParamType::Uint32, Format::Dec),
    variant(ParamType::Uint64, Format::Dec),
    variant(ParamType::RelTime, Format::Dec),
];

/// A ptrace address or datum.
pub(super) static PTRACE_DYNAMIC_PARAMS: &[ParamInfo] =
    &[variant(ParamType::Uint64, Format::Hex), variant(ParamType::SigType, Format::Dec)];

/// What `bpf(2)` returned: an fd or an error.
pub(super) static BPF_DYNAMIC_PARAMS: &[ParamInfo] =
    &[variant(ParamType::Fd, Format::Dec), variant(ParamType::Errno, Format::Dec)];

/// An argument of `keyctl(2)`.
pub(super) static KEYCTL_DYNAMIC_PARAMS: &[ParamInfo] =
    &[variant(ParamType::Int64, Format::Dec), variant(ParamType::CharBuf, Format::Na)];
