#![no_main]
//! See `entries::proc`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::proc::run(data));
