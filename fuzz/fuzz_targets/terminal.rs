#![no_main]
//! See `entries::terminal`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::terminal::run(data));
