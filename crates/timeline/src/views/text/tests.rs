//! Whole texts of the sample.

use super::*;
use crate::testing;

fn shown(width: usize) -> String {
    let heading = Heading {
        id: "incident 7f3c9a1b2c3d".to_owned(),
        title: "web server ran a shell".to_owned(),
        notes: vec!["chain verified".to_owned()],
    };
    let mut out = Vec::new();
    let options = Options { width, ..Options::default() };
    write(&testing::sample(), &heading, &options, &mut out).expect("a vector takes all");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn show() {
    for width in [120, 80, 60, 36, 20] {
        println!("{}", shown(width));
    }
}
