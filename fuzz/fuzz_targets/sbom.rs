#![no_main]
//! See `entries::sbom`.

#[path = "../src/entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::sbom::run(data));
