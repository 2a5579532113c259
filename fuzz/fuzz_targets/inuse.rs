#![no_main]
//! See `entries::inuse`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::inuse::run(data));
