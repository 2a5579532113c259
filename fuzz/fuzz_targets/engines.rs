#![no_main]
//! See `entries::engines`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::engines::run(data));
