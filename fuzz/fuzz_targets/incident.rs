#![no_main]
//! See `entries::incident`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::incident::run(data));
