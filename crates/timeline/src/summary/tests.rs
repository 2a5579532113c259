//! The summary of the sample, and what holds for that of any timeline.

use super::*;
use crate::testing;

#[test]
fn show() {
    for sentence in sentences(&testing::sample()) {
        println!("{:?} {} {:?}", sentence.topic, sentence.text, sentence.events);
    }
}
