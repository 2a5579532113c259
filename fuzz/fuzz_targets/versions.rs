#![no_main]
//! See `entries::versions`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::versions::run(data));
