#![no_main]
//! See `entries::registry`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::registry::run(data));
