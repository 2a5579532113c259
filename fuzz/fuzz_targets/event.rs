#![no_main]
//! See `entries::event`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::event::run(data));
