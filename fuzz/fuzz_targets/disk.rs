#![no_main]
//! See `entries::disk`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::disk::run(data));
