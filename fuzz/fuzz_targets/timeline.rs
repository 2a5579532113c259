#![no_main]
//! See `entries::timeline`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::timeline::run(data));
