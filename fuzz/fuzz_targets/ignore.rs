#![no_main]
//! See `entries::ignore`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::ignore::run(data));
