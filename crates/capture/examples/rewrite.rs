//! Writes a capture anew in the current schema: `rewrite IN OUT [none|gzip|zstd]`.

use std::{error::Error, fs::File};

use capture::{
    Source,
    file::{Compression, Reader, Writer},
};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rest @ ..] = &args[..] else { return Err("usage: rewrite IN OUT".into()) };
    let compression = match rest.first().map(String::as_str) {
        Some("gzip") => Compression::Gzip,
        Some("zstd") => Compression::Zstd,
        _ => Compression::None,
    };
    let mut reader = Reader::new(File::open(input)?)?;
    let mut writer = Writer::new(File::create(output)?, compression)?;
    while let Some(record) = reader.next()? {
        writer.write(&record)?;
    }
    writer.finish()?;
    Ok(())
}
