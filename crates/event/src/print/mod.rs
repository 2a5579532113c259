//! Printed forms of parameters, the ones that rules and people know: `fd=3(<f>/etc/passwd)`,
//! `res=-2(ENOENT)`, `flags=4097(O_RDONLY|O_CLOEXEC)`.
//!
//! A form has two parts: the value, and what it stands for, if that is known. `evt.args` prints
//! both, the second in parentheses ([`args`]); `evt.arg.NAME` prints what the value stands for, or
//! else the value ([`arg`]). What an event does not say itself (names of fds, threads and users)
//! comes from [`Names`]. Text is appended to the caller's buffer; nothing else is allocated.
//!
//! One file for each subject: [`number`], [`text`], [`path`], [`fd`], [`addr`], [`flags`],
//! [`code`] (errors, signals, syscalls), [`id`] (threads, users, groups), [`time`].
//!
//! Source of the forms: what falcosecurity/libs 0.25 prints, which rules depend on.

pub mod addr;
mod code;
pub mod fd;
mod flags;
mod id;
mod names;
pub mod number;
pub mod path;
mod sink;
#[cfg(test)]
mod tests;
pub mod text;
pub mod time;

pub use names::{FdName, Names, NoNames};

use self::sink::Sink;
use crate::{
    Event, Param, ParamInfo, ParamType,
    schema::{Detail, Format},
    syscalls::GENERIC_X,
};

/// Appends every parameter as `name=value`, or `name=value(meaning)`, separated by spaces: the
/// form of `evt.args`. Nothing for syscalls that have no event of their own, whose parameters are
/// for internal use.
pub fn args(event: &Event<'_>, names: &impl Names, out: &mut Vec<u8>) {
    if event.kind == GENERIC_X {
        return;
    }
    for (index, param) in event.params().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(param.info.name.as_bytes());
        out.push(b'=');
        print(event, &param, names, &mut Sink::both(out));
    }
}

/// Appends what parameter `index` stands for, or else its value: the form of `evt.arg`. False if
/// the event has no such parameter.
pub fn arg(event: &Event<'_>, index: usize, names: &impl Names, out: &mut Vec<u8>) -> bool {
    let Some(param) = event.param(index) else {
        return false;
    };
    print(event, &param, names, &mut Sink::best(out));
    true
}

/// What is printed where there is no value.
const NOT_AVAILABLE: &[u8] = b"<NA>";
/// The same, for types that could be NULL in the oldest recordings already.
const NULL: &[u8] = b"NULL";

fn print(event: &Event<'_>, param: &Param<'_>, names: &impl Names, out: &mut Sink<'_>) {
    if is_null(param) {
        out.value(if null_prints_as_null(param.info.ty) { NULL } else { NOT_AVAILABLE });
        return;
    }
    let Some(variant) = variant(param) else {
        out.value(b"INVALID DYNAMIC PARAMETER");
        return;
    };
    let form = Form { param: variant, format: param.info.format, symbols: &param.info.detail };
    if !print_as(event, &form, names, out) {
        out.value(NOT_AVAILABLE);
    }
}

/// One parameter, ready to print.
struct Form<'a> {
    param: Param<'a>,
    /// How numbers are printed: always that of the parameter, also for its variants.
    format: Format,
    symbols: &'a Detail,
}

/// The parameter itself, or the variant that its first byte picks. `None` if it picks none.
fn variant<'a>(param: &Param<'a>) -> Option<Param<'a>> {
    let (ParamType::Dyn, Detail::Variants(variants)) = (param.info.ty, &param.info.detail) else {
        return Some(*param);
    };
    let Some((&pick, bytes)) = param.bytes.split_first() else {
        return Some(*param);
    };
    let info: &'static ParamInfo = variants.get(usize::from(pick))?;
    Some(Param { info, bytes })
}

/// Whether a value is missing: no bytes, or the text by which old recorders said so.
fn is_null(param: &Param<'_>) -> bool {
    use ParamType as T;
    param.bytes.is_empty()
        || (matches!(param.info.ty, T::CharBuf | T::FsPath | T::FsRelPath)
            && param.bytes == b"(NULL)\0")
}

fn null_prints_as_null(ty: ParamType) -> bool {
    use ParamType as T;
    matches!(
        ty,
        T::ByteBuf | T::SockTuple | T::FdList | T::CharBufArray | T::CharBufPairArray | T::Dyn
    )
}

/// False if the bytes are not a value of the type.
fn print_as(event: &Event<'_>, form: &Form<'_>, names: &impl Names, out: &mut Sink<'_>) -> bool {
    use ParamType as T;
    let bytes = form.param.bytes;
    let int = form.param.int();
    match form.param.info.ty {
        T::Int8
        | T::Int16
        | T::Int32
        | T::Uint8
        | T::Uint16
        | T::Uint32
        | T::Mode
        | T::Int64
        | T::Uint64
        | T::Port
        | T::L4Proto
        | T::SockFamily
        | T::Bool
        | T::Double => {
            return number::print(form, out);
        }
        T::Fd | T::Fd32 => return fd::print(int, names, out),
        T::Pid | T::Pid32 => return id::print_tid(int, names, out),
        T::Uid => return id::print_user(int, names, out),
        T::Gid => return id::print_group(int, names, out),
        T::Errno => return code::print_errno(int, out),
        T::SyscallId => return code::print_syscall(int, out),
        T::SigType => return code::print_signal(int, out),
        T::SigSet => return code::print_signals(int, out),
        T::RelTime => return time::print_duration(int, out),
        T::AbsTime => return time::print_date(int, out),
        T::Flags8 | T::Flags16 | T::Flags32 => return flags::print(form, out),
        T::EnumFlags8 | T::EnumFlags16 | T::EnumFlags32 => return flags::print_enum(form, out),
        T::Ipv4Addr | T::Ipv6Addr | T::IpAddr | T::Ipv4Net | T::Ipv6Net | T::IpNet => {
            return addr::print_ip(bytes, out);
        }
        T::FdList => return fd::print_list(bytes, names, out),
        T::CharBuf => out.value(text::until_nul(bytes)),
        T::ByteBuf => text::dots(bytes, out.buffer()),
        T::CharBufArray => text::join(bytes, b'.', b'.', out.buffer()),
        T::CharBufPairArray => text::join(bytes, b':', b',', out.buffer()),
        T::FsPath | T::FsRelPath => path::print(event, &form.param, names, out),
        T::SockAddr => addr::print_addr(bytes, out),
        T::SockTuple => addr::print_tuple(bytes, out),
        T::Dyn | T::None => return false,
    }
    true
}
