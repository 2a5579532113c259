//! What reaches into the kernel.

use event::syscalls::{
    BPF_2_X, DELETE_MODULE_X, FINIT_MODULE_X, INIT_MODULE_X, IO_URING_ENTER_X, IO_URING_REGISTER_X,
    IO_URING_SETUP_X, KEYCTL_X, QUOTACTL_X, USERFAULTFD_X,
};

use crate::{
    fields::{Is, as_nobody, assert_events, assert_generic, at, call, in_child, int, text},
    harness::{Acts, Notes, trace},
    telling::bring_in,
};

pub(crate) const ACTS: Acts = &[
    ("kernel::modules", act_modules),
    ("kernel::bpf", act_bpf),
    ("kernel::rings", act_rings),
    ("kernel::keys", act_keys),
    ("kernel::quota", act_quota),
    ("kernel::generic", act_generic),
];

static IMAGE: [u8; 200] = [b'x'; 200];

fn act_modules(notes: &mut Notes) {
    let image = IMAGE.as_ptr() as usize;
    call(notes, "init", libc::SYS_init_module, &[image, 200, at(c"a=b")]);
    call(notes, "init null", libc::SYS_init_module, &[0, 9, 0]);
    call(notes, "finit", libc::SYS_finit_module, &[int(-1), at(c"c=d"), 2]);
    let flags = (libc::O_NONBLOCK | libc::O_TRUNC) as usize;
    call(notes, "delete", libc::SYS_delete_module, &[at(c"no_such_module"), flags]);
    in_child(notes, |notes| {
        as_nobody();
        bring_in(&IMAGE);
        call(notes, "refused", libc::SYS_init_module, &[image, 200, at(c"")]);
    });
}

#[test]
fn modules_are_told_with_their_image_and_arguments() {
    let outcome = trace("kernel::modules");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    assert_events(
        &outcome,
        INIT_MODULE_X,
        &[
            vec![of("init"), Is::Raw(IMAGE.to_vec()), Is::Int(200), text("a=b")],
            vec![of("init null"), Is::Null, Is::Int(9), Is::Null],
            vec![of("refused"), Is::Raw(IMAGE.to_vec()), Is::Int(200), text("")],
        ],
    );
    let finit = [vec![of("finit"), Is::Int(-1), text("c=d"), Is::Int(2)]];
    assert_events(&outcome, FINIT_MODULE_X, &finit);
    let delete = [vec![of("delete"), text("no_such_module"), Is::Int(3)]];
    assert_events(&outcome, DELETE_MODULE_X, &delete);
}

fn act_bpf(notes: &mut Notes) {
    // BPF_MAP_CREATE of an array: type, key, value, entries.
    let map = [2u32, 4, 4, 1];
    call(notes, "map", libc::SYS_bpf, &[0, map.as_ptr() as usize, 16]);
    call(notes, "unknown", libc::SYS_bpf, &[99, map.as_ptr() as usize, 16]);
    call(notes, "userfaultfd", libc::SYS_userfaultfd, &[libc::O_CLOEXEC as usize]);
    call(notes, "userfaultfd unknown", libc::SYS_userfaultfd, &[0x4000_0000]);
    call(notes, "perf", libc::SYS_perf_event_open, &[0, 0, int(-1), int(-1), 0]);
}

#[test]
fn bpf_and_userfaultfd_tell_what_they_made() {
    let outcome = trace("kernel::bpf");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let bpf = [vec![of("map"), Is::Int(0)], vec![of("unknown"), Is::Int(99)]];
    assert_events(&outcome, BPF_2_X, &bpf);
    let userfaultfd = [
        vec![of("userfaultfd"), Is::Int(0o2_000_000)],
        vec![of("userfaultfd unknown"), Is::Int(0x4000_0000)],
    ];
    assert_events(&outcome, USERFAULTFD_X, &userfaultfd);
    assert_generic(&outcome, &[libc::SYS_perf_event_open]);
}

fn act_rings(notes: &mut Notes) {
    // struct io_uring_params; IORING_SETUP_CQSIZE with 32 completions.
    let mut params = [0u32; 30];
    (params[1], params[2]) = (32, 8);
    let ring = call(notes, "setup", libc::SYS_io_uring_setup, &[8, params.as_mut_ptr() as usize]);
    for (name, value) in ["sq", "cq", "flags", "cpu", "idle", "features"].iter().zip(params) {
        notes.note(name, value);
    }
    call(notes, "setup null", libc::SYS_io_uring_setup, &[8, 0]);
    let ring = ring as usize;
    call(notes, "wait", libc::SYS_io_uring_enter, &[ring, 0, 0, 1]);
    call(notes, "submit", libc::SYS_io_uring_enter, &[ring, 1, 0, 2]);
    call(notes, "no ring", libc::SYS_io_uring_enter, &[int(-1), 1, 2, 0x11, 0x1_0000_0003]);
    call(notes, "register", libc::SYS_io_uring_register, &[ring, 9, 0, 0]);
    call(notes, "register bad", libc::SYS_io_uring_register, &[int(-1), 2, 0x123, 4]);
}

#[test]
fn rings_are_told_when_made_changed_and_given_work() {
    let outcome = trace("kernel::rings");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let features = Is::Int(outcome.notes.of("features") & 0x7FF);
    let filled = outcome.notes.of("setup") >= 0;
    let setup = vec![
        of("setup"),
        Is::Int(8),
        of("sq"),
        of("cq"),
        Is::Int(0x10),
        of("cpu"),
        of("idle"),
        features,
    ];
    let zeros = [vec![of("setup null"), Is::Int(8)], vec![Is::Int(0); 6]].concat();
    assert_events(&outcome, IO_URING_SETUP_X, &[setup, zeros]);
    let enter = |name: &str, ring: Is, rest: [i64; 4]| {
        [vec![of(name), ring], rest.map(Is::Int).to_vec()].concat()
    };
    let expected =
        [enter("submit", of("setup"), [1, 0, 2, 0]), enter("no ring", Is::Int(-1), [1, 2, 1, 3])];
    if filled {
        assert_events(&outcome, IO_URING_ENTER_X, &expected);
    }
    let register = [
        vec![of("register"), of("setup"), Is::Int(9), Is::Int(0), Is::Int(0)],
        vec![of("register bad"), Is::Int(-1), Is::Int(2), Is::Int(0x123), Is::Int(4)],
    ];
    assert_events(&outcome, IO_URING_REGISTER_X, &register);
}

fn act_keys(notes: &mut Notes) {
    in_child(notes, |notes| {
        let keyctl = libc::SYS_keyctl;
        call(notes, "join", keyctl, &[1, at(c"a ring")]);
        call(notes, "join null", keyctl, &[1, 0]);
        call(notes, "id", keyctl, &[0, int(-3), 0]);
        call(notes, "search", keyctl, &[10, int(-3), at(c"user"), at(c"no such"), 0]);
        call(notes, "unknown", keyctl, &[999, 1, 2, 3, 4]);
        call(notes, "add", libc::SYS_add_key, &[at(c"user"), 0, 0, 0, int(-3)]);
        call(notes, "request", libc::SYS_request_key, &[at(c"user"), 0, 0, int(-3)]);
    });
}

#[test]
fn keyctl_tells_each_argument_as_what_it_is() {
    let outcome = trace("kernel::keys");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let number = |value: i64| Is::Raw([&[0][..], &value.to_le_bytes()].concat());
    let string = |text: &[u8]| Is::Raw([b"\x01", text, b"\0"].concat());
    let keyctl = |name: &str, operation: i64, args: [Is; 4]| {
        [vec![of(name), Is::Int(operation)], args.to_vec()].concat()
    };
    let zero = || number(0);
    assert_events(
        &outcome,
        KEYCTL_X,
        &[
            keyctl("join", 1, [string(b"a ring"), zero(), zero(), zero()]),
            keyctl("join null", 1, [Is::Raw(vec![1]), zero(), zero(), zero()]),
            keyctl("id", 0, [number(-3), zero(), zero(), zero()]),
            keyctl("search", 10, [number(-3), string(b"user"), string(b"no such"), zero()]),
            keyctl("unknown", 999, [zero(), zero(), zero(), zero()]),
        ],
    );
    assert_generic(&outcome, &[libc::SYS_add_key, libc::SYS_request_key]);
}

fn act_quota(notes: &mut Notes) {
    let (quotactl, device) = (libc::SYS_quotactl, at(c"/dev/nothing"));
    let command = |number: usize, whose: usize| number << 8 | whose;
    // struct if_dqblk: all fields valid but those of time.
    let mut quota = [11u64, 12, 13, 14, 15, 16, 17, 18, 0xF];
    let quota_at = quota.as_mut_ptr() as usize;
    call(notes, "sync", quotactl, &[command(0x80_0001, 0), 0, 3, 0]);
    call(notes, "on", quotactl, &[command(0x80_0002, 1), device, 2, at(c"/quota.file")]);
    call(notes, "set", quotactl, &[command(0x80_0008, 0), device, 1000, quota_at]);
    call(notes, "get", quotactl, &[command(0x80_0007, 1), device, 1001, quota_at]);
    call(notes, "by fd", libc::SYS_quotactl_fd, &[int(-1)]);
    std::hint::black_box(&mut quota);
}

#[test]
fn quotactl_tells_what_the_command_has() {
    let outcome = trace("kernel::quota");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let quotactl = |name: &str, paths: [Is; 2], told: [i64; 7], rest: [i64; 4]| {
        let [command, whose, id, format] = rest;
        let numbers = told.into_iter().chain([0, 0, 0, 1, command, whose, id, format]);
        [vec![of(name)], paths.to_vec(), numbers.map(Is::Int).collect()].concat()
    };
    let device = || text("/dev/nothing");
    let quota = [11, 12, 13, 14, 15, 0, 0];
    assert_events(
        &outcome,
        QUOTACTL_X,
        &[
            quotactl("sync", [Is::Null, Is::Null], [0; 7], [0x80, 1, 0, 1]),
            quotactl("on", [device(), text("/quota.file")], [0; 7], [1, 2, 0, 4]),
            quotactl("set", [device(), Is::Null], quota, [0x40, 1, 1000, 1]),
            quotactl("get", [device(), Is::Null], quota, [0x20, 2, 1001, 1]),
        ],
    );
    assert_generic(&outcome, &[libc::SYS_quotactl_fd]);
}

/// Calls that have no event type, with arguments that they refuse, in a child that is nobody.
const GENERIC: &[(libc::c_long, &[usize])] = &[
    (libc::SYS_kexec_load, &[]),
    (libc::SYS_kexec_file_load, &[usize::MAX, usize::MAX]),
    (libc::SYS_fanotify_init, &[0]),
    (libc::SYS_syslog, &[5]),
    (libc::SYS_acct, &[0]),
    (libc::SYS_reboot, &[]),
    (libc::SYS_swapon, &[0]),
    (libc::SYS_swapoff, &[0]),
    (libc::SYS_vhangup, &[]),
    (libc::SYS_sethostname, &[0, 1]),
    (libc::SYS_setdomainname, &[0, 1]),
    (libc::SYS_settimeofday, &[0, 8]),
    (libc::SYS_clock_settime, &[0, 8]),
    (libc::SYS_iopl, &[3]),
    (libc::SYS_ioperm, &[0x80, 1, 1]),
    (libc::SYS_modify_ldt, &[9]),
    (libc::SYS_uselib, &[0]),
    (libc::SYS_landlock_restrict_self, &[usize::MAX, 0]),
];

fn act_generic(notes: &mut Notes) {
    in_child(notes, |notes| {
        as_nobody();
        for (number, args) in GENERIC {
            call(notes, &number.to_string(), *number, args);
        }
        // Room for struct timex, whose first field says what is to be set.
        let mut timex = [0u32; 64];
        let address = timex.as_mut_ptr() as usize;
        call(notes, "asked", libc::SYS_adjtimex, &[address]);
        call(notes, "asked", libc::SYS_clock_adjtime, &[0, address]);
        timex[0] = 1;
        call(notes, "set", libc::SYS_adjtimex, &[address]);
        timex[0] = 1;
        call(notes, "set", libc::SYS_clock_adjtime, &[0, address]);
        std::hint::black_box(&mut timex);
    });
}

#[test]
fn calls_without_an_event_type_are_told_by_number() {
    let outcome = trace("kernel::generic");
    let mut expected: Vec<libc::c_long> = GENERIC.iter().map(|(number, _)| *number).collect();
    expected.retain(|number| !outcome.lacks(&number.to_string()));
    expected.extend([libc::SYS_adjtimex, libc::SYS_clock_adjtime]);
    assert_generic(&outcome, &expected);
}
