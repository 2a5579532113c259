#![no_main]
//! See `entries::fmt`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::fmt::run(data));
