#![no_main]
//! See `entries::capture`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::capture::run(data));
