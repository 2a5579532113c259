//! What stands above a timeline: what the caller knows of it, and its figures.

use super::words;
use crate::model::{Timeline, Topic};

/// Bytes of a paragraph at most.
const MAX_BYTES: usize = 16 * 1024;

/// What the caller knows of what is shown. Any of it may be empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Heading {
    /// What it is: `incident 7f3c9a1b2c3d`.
    pub id: String,
    /// A few words: `web server ran a shell`.
    pub title: String,
    /// What else is to be said beside the figures: `chain verified`.
    pub notes: Vec<String>,
}

/// The figures of a timeline: alerts, time, events, losses.
pub fn figures(timeline: &Timeline) -> Vec<String> {
    let window = &timeline.window;
    let mut figures = vec![alerts(timeline)];
    let before = window.zero_ns.saturating_sub(window.first_ns);
    let after = window.last_ns.saturating_sub(window.zero_ns);
    figures.push(match (before, after) {
        (0, after) => words::duration(after),
        (before, after) => {
            format!("{} before, {} after", words::duration(before), words::duration(after))
        }
    });
    figures.push(words::plural(window.events, "event", "events"));
    figures.push(match window.lost {
        0 => "none lost".to_owned(),
        lost => format!("{} lost", words::count(lost)),
    });
    figures
}

/// The summary in paragraphs: who ran what and became whom, what they touched and to whom they
/// spoke, what was left behind and what is missing.
pub fn paragraphs(timeline: &Timeline) -> Vec<String> {
    let mut paragraphs: Vec<(u8, Vec<&str>)> = Vec::new();
    for sentence in &timeline.summary {
        let part = match sentence.topic {
            Topic::Who | Topic::Ran | Topic::Became => 0,
            Topic::Read | Topic::Wrote | Topic::Spoke => 1,
            Topic::Left | Topic::Missing => 2,
        };
        match paragraphs.last_mut().filter(|(last, _)| *last == part) {
            Some((_, sentences)) => sentences.push(&sentence.text),
            None => paragraphs.push((part, vec![&sentence.text])),
        }
    }
    let text = |(_, sentences): (u8, Vec<&str>)| words::plain(&sentences.join(" "), MAX_BYTES);
    paragraphs.into_iter().map(text).collect()
}

/// `4 alerts (2 critical)`: how many, and how many of the worst.
fn alerts(timeline: &Timeline) -> String {
    let Some(worst) = timeline.alerts.iter().map(|alert| alert.priority).min() else {
        return "no alerts".to_owned();
    };
    let number = |of: &dyn Fn(&&crate::model::Alert) -> bool| {
        timeline
            .alerts
            .iter()
            .filter(of)
            .map(|alert| alert.count.max(1))
            .fold(0, u64::saturating_add)
    };
    let all = number(&|_| true);
    let of_worst = number(&|alert| alert.priority == worst);
    let name = worst.name().to_lowercase();
    match (all, of_worst) {
        (1, _) => format!("1 alert ({name})"),
        (all, some) if all == some => format!("{} alerts, all {name}", words::count(all)),
        (all, some) => format!("{} alerts ({} {name})", words::count(all), words::count(some)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn figures_say_how_many_and_how_long() {
        let mut sample = testing::sample();
        assert_eq!(
            figures(&sample).join(" · "),
            "5 alerts (3 critical) · 31.2 s before, 30.0 s after · 48,211 events · 12 lost"
        );
        sample.alerts.clear();
        sample.window.first_ns = sample.window.zero_ns;
        sample.window.lost = 0;
        assert_eq!(figures(&sample).join(" · "), "no alerts · 30.0 s · 48,211 events · none lost");
    }
}
