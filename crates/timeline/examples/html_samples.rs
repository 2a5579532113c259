//! Writes the pages that are opened in a browser by `tests/browser/`: `html_samples DIR`.

use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
};

use timeline::views::{
    heading::Heading,
    html::{self, samples},
};

fn main() -> io::Result<()> {
    let dir = env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: html_samples DIR"))?;
    let dir = Path::new(&dir);
    fs::create_dir_all(dir)?;
    for (name, title, timeline) in [
        ("attack", "Shell spawned by a web server", samples::attack()),
        ("hostile", samples::HOSTILE, samples::hostile()),
        ("large", "Many events", samples::large(100_000)),
    ] {
        let heading = Heading {
            id: "incident 7f3c9a4b21de".to_owned(),
            title: title.to_owned(),
            notes: Vec::new(),
        };
        let mut file = File::create(dir.join(format!("{name}.html")))?;
        html::write(&timeline, &heading, &mut file)?;
    }
    Ok(())
}
