#![no_main]
//! See `entries::replay`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::replay::run(data));
