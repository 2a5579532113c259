#![no_main]
//! See `entries::ranges`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::ranges::run(data));
