//! Virtual machines, for tests that need a kernel of their own: a real one of Debian, booted in
//! QEMU without hardware help, with a script to run and the files that it needs.
//!
//! ```no_run
//! use testkit::vm::{Guest, Kernel};
//!
//! let guest = Guest::new(Kernel::V6_1).copy("target/debug/agent", "/bin/agent").module("dummy");
//! let outcome = guest.run("agent --check >/out/report")?;
//! assert_eq!(outcome.code, 0, "{}", outcome.text);
//! let report = outcome.file("report")?;
//! # Ok::<(), testkit::vm::Error>(())
//! ```
//!
//! From a [`Guest`], what is asked for, to an [`Outcome`]:
//!
//! - [`kernel`](Kernel) finds what `scripts/kernels` fetched; `bzimage` takes the kernel out of its
//!   wrapping, so that QEMU enters it directly.
//! - `modules` says which files a module needs; `programs` which libraries a program needs.
//! - `initramfs` packs all of it, with busybox and `init.sh`, which is process 1 of the guest.
//! - `qemu` runs the machine for as long as it may; `outcome` is what came back: the script's
//!   output over one serial port as it is written, its exit code over another, the kernel's log
//!   over a third, and the files in `/out` as an archive on a disk.

mod bzimage;
mod clock;
mod error;
mod guest;
mod images;
mod initramfs;
mod kernel;
mod modules;
mod outcome;
mod programs;
mod qemu;

pub use error::Error;
pub use guest::{Echo, Guest};
pub use images::{image, scap};
pub use kernel::{Installed, Kernel, can_boot, kernels};
pub use outcome::Outcome;
