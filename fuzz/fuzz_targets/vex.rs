#![no_main]
//! See `entries::vex`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::vex::run(data));
