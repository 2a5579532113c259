#![no_main]
//! See `entries::filter`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::filter::run(data));
