//! Reads captures and says how long a block took: `read FILE…`.

use std::{error::Error, fs::File, time::Instant};

use capture::{Record, Source, file::Reader};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let start = Instant::now();
        let mut reader = Reader::new(File::open(&path)?)?;
        let mut sum = 0u64;
        while let Some(record) = reader.next()? {
            if let Record::Event(event) = record {
                sum = sum.wrapping_add(event.ts_ns);
            }
        }
        let taken = start.elapsed();
        let stats = reader.stats();
        let blocks: u64 = stats.blocks().map(|block| block.count).sum();
        let ns = taken.as_nanos() as f64 / blocks.max(1) as f64;
        println!("{path}: {blocks} blocks in {taken:.2?}, {ns:.1} ns each ({sum:x})");
        let converted = stats.conversions;
        println!(
            "  delivered {}, held {} bytes, {converted:?}",
            stats.delivered,
            reader.held_bytes()
        );
    }
    Ok(())
}
