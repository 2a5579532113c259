#![no_main]
//! See `entries::rpm`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::rpm::run(data));
