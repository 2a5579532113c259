#![no_main]
//! See `entries::layer`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::layer::run(data));
