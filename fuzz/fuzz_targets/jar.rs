#![no_main]
//! See `entries::jar`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::jar::run(data));
