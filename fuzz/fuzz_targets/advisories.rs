#![no_main]
//! See `entries::advisories`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::advisories::run(data));
