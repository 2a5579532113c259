//! The short run: every seed as it is, then a fixed number of mutations of seeds, the same on every
//! run and machine.

use std::{panic, path::PathBuf};

use super::{Target, seeds};

#[path = "../../../../fuzz/src/entries/mod.rs"]
mod entries;

/// A xorshift generator: the same numbers on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`; 0 if that is 0.
    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end.max(1)
    }
}

/// Numbers at which lengths and counts go wrong.
const ODD: [u32; 10] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX];

/// Changes a few places of `bytes`.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let end = (at + random.below(16)).min(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3 => bytes.insert(at.min(bytes.len()), random.next() as u8),
            4 => {
                let odd = ODD[random.below(ODD.len())].to_le_bytes();
                bytes[at..].iter_mut().zip(odd).for_each(|(byte, new)| *byte = new);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
}

/// Runs `entry` on every seed and on so many mutations of them.
fn hammer(target: Target, mutations: usize, entry: fn(&[u8])) {
    let seeds = seeds(target).expect("seeds can be read");
    assert!(!seeds.is_empty(), "no seeds for {}", target.name());
    seeds.iter().for_each(|seed| check(target, entry, seed));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..mutations {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        mutate(&mut bytes, &mut random);
        check(target, entry, &bytes);
    }
}

/// Runs `entry`, and keeps an input that breaks it for `cargo fuzz run TARGET FILE`.
fn check(target: Target, entry: fn(&[u8]), input: &[u8]) {
    if panic::catch_unwind(|| entry(input)).is_err() {
        let path: PathBuf = std::env::temp_dir().join(format!("broke-{}", target.name()));
        std::fs::write(&path, input).expect("the input can be kept");
        panic!("broken by the input in {}", path.display());
    }
}

#[test]
fn no_mutation_of_an_event_breaks_decoding_or_printing() {
    hammer(Target::Event, 100_000, entries::event::run);
}

#[test]
fn no_mutation_of_a_capture_breaks_reading() {
    hammer(Target::Capture, 4_000, entries::capture::run);
}

#[test]
fn no_mutation_of_a_filter_breaks_compiling() {
    hammer(Target::Filter, 3_000, entries::filter::run);
}

#[test]
fn no_mutation_of_a_capture_breaks_state_or_fields() {
    hammer(Target::Replay, 1_000, entries::replay::run);
}

#[test]
fn no_mutation_of_a_rule_file_breaks_loading() {
    hammer(Target::Rules, 3_000, entries::rules::run);
}

#[test]
fn no_mutation_of_a_feed_breaks_reading_it() {
    hammer(Target::Advisories, 3_000, entries::advisories::run);
}

#[test]
fn no_mutation_of_what_is_said_of_flaws_breaks_reading_it() {
    hammer(Target::Vex, 10_000, entries::vex::run);
}

#[test]
fn no_mutation_of_what_is_ignored_breaks_reading_it() {
    hammer(Target::Ignore, 10_000, entries::ignore::run);
}

#[test]
fn no_mutation_of_a_database_of_advisories_breaks_reading_it() {
    hammer(Target::Database, 3_000, entries::database::run);
}

#[test]
fn no_mutation_of_what_is_in_use_breaks_reading_it() {
    hammer(Target::Inuse, 3_000, entries::inuse::run);
}

#[test]
fn no_mutation_of_a_list_of_packages_breaks_reading_it() {
    hammer(Target::Sbom, 3_000, entries::sbom::run);
}

#[test]
fn no_mutation_of_a_rule_file_breaks_formatting() {
    hammer(Target::Fmt, 3_000, entries::fmt::run);
}

#[test]
fn no_mutation_of_a_manifest_breaks_reading() {
    hammer(Target::Incident, 10_000, entries::incident::run);
}

#[test]
fn no_mutation_of_a_capture_breaks_its_timeline() {
    hammer(Target::Timeline, 1_000, entries::timeline::run);
}

#[test]
fn no_mutation_of_a_text_of_the_kernel_breaks_reading() {
    hammer(Target::Proc, 100_000, entries::proc::run);
}

#[test]
fn no_mutation_of_a_disk_breaks_reading() {
    hammer(Target::Disk, 2_000, entries::disk::run);
}

#[test]
fn no_mutation_of_a_layer_breaks_reading() {
    hammer(Target::Layer, 5_000, entries::layer::run);
}

#[test]
fn no_mutation_of_versions_breaks_their_order() {
    hammer(Target::Versions, 10_000, entries::versions::run);
}

#[test]
fn no_mutation_of_a_range_breaks_reading_it() {
    hammer(Target::Ranges, 5_000, entries::ranges::run);
}

#[test]
fn no_mutation_of_what_a_registry_says_breaks_reading() {
    hammer(Target::Registry, 50_000, entries::registry::run);
}

#[test]
fn no_mutation_of_an_answer_of_an_engine_breaks_reading() {
    hammer(Target::Engines, 20_000, entries::engines::run);
}

#[test]
fn no_mutation_of_what_a_terminal_shows_breaks_its_lines() {
    hammer(Target::Terminal, 20_000, entries::terminal::run);
}

#[test]
fn no_mutation_of_a_database_of_rpm_breaks_reading() {
    hammer(Target::Rpm, 20_000, entries::rpm::run);
}

#[test]
fn no_mutation_of_a_program_breaks_reading() {
    hammer(Target::Program, 100_000, entries::program::run);
}

#[test]
fn no_mutation_of_an_archive_of_java_breaks_reading() {
    hammer(Target::Jar, 50_000, entries::jar::run);
}

#[test]
fn no_mutation_of_what_stores_of_images_have_breaks_reading() {
    hammer(Target::Store, 10_000, entries::store::run);
}
