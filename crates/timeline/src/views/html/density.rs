//! The strip: how much happened when, as one drawing, with alerts as marks and gaps as shades.
//!
//! Bars are drawn in a box of their own that is stretched to the width of the page; what must keep
//! its shape (marks, labels) stands beside it, placed in per cent. A bar's height is the square root
//! of its count, so that what is quiet can be seen beside what is loud.

use std::{fmt, fmt::Write as _, io};

use super::markup::Markup;
use crate::{
    model::{Density, Timeline},
    views::words,
};

/// Bars at most; finer steps are added up.
const MAX_BARS: usize = 240;
/// Height of the box in which bars are drawn.
const HEIGHT: f64 = 100.0;
const LABELS: [(&str, &str); 4] =
    [("p", "processes"), ("f", "files"), ("n", "network"), ("o", "other")];

/// Bars that share one scale.
struct Bars {
    /// Counts by kind.
    counts: Vec<[u64; 4]>,
    /// Time of one bar.
    step_ns: u64,
}

impl Bars {
    fn of(density: &Density) -> Self {
        let together = density.steps.len().div_ceil(MAX_BARS).max(1);
        let add = |steps: &[[u32; 4]]| {
            steps.iter().fold([0; 4], |sum: [u64; 4], step| {
                std::array::from_fn(|kind| sum[kind] + u64::from(step[kind]))
            })
        };
        let step_ns = density.step_ns.saturating_mul(together as u64).max(1);
        Self { counts: density.steps.chunks(together).map(add).collect(), step_ns }
    }

    fn most(&self) -> u64 {
        self.counts.iter().map(|bar| bar.iter().sum()).max().unwrap_or(0)
    }
}

/// The time that the strip shows, and what stands where on it.
struct Scale {
    /// Time at its left edge, relative to the first alert.
    from_ns: i128,
    /// Time from edge to edge, at least 1 ns.
    span_ns: i128,
}

impl Scale {
    fn of(timeline: &Timeline, bars: &Bars) -> Self {
        let window = &timeline.window;
        let seen_ns = i128::from(window.last_ns) - i128::from(window.first_ns);
        let drawn_ns = i128::from(bars.step_ns) * bars.counts.len() as i128;
        let from_ns = i128::from(window.first_ns) - i128::from(window.zero_ns);
        Self { from_ns, span_ns: seen_ns.max(drawn_ns).max(1) }
    }

    /// Per cent from the left of a time relative to the first alert.
    fn percent(&self, relative_ns: i128) -> f64 {
        let at = (relative_ns - self.from_ns).clamp(0, self.span_ns);
        at as f64 * 100.0 / self.span_ns as f64
    }

    /// Round times, at most nine.
    fn ticks(&self) -> impl Iterator<Item = i128> {
        let steps = (0..20).flat_map(|power| [1, 2, 5].map(|digit| digit * 10i128.pow(power)));
        let step_ns = steps.into_iter().find(|step| self.span_ns / step <= 8).unwrap_or(i128::MAX);
        let first = self.from_ns.div_euclid(step_ns) + 1;
        let last = (self.from_ns + self.span_ns).div_euclid(step_ns);
        (first..=last).map(move |n| n * step_ns)
    }
}

/// Writes the strip and its legend.
pub(super) fn write(html: &mut Markup<'_>, timeline: &Timeline) -> io::Result<()> {
    let bars = Bars::of(&timeline.density);
    if bars.counts.is_empty() {
        return Ok(());
    }
    let scale = Scale::of(timeline, &bars);
    html.raw("<section id=\"activity\" aria-labelledby=\"activity-h\">")?;
    html.raw("<h2 id=\"activity-h\">Activity</h2>\n")?;
    html.within("<div class=\"strip\" data-from=\"", scale.from_ns / 1_000_000, "\" ")?;
    html.within("data-span=\"", scale.span_ns as f64 / 1e6, "\" ")?;
    html.within("data-counts=\"", data(&bars), "\">")?;
    html.within("<svg role=\"img\" aria-label=\"", said(timeline), "\">\n")?;
    drawing(html, &bars)?;
    gaps(html, timeline, &scale)?;
    axis(html, &scale)?;
    marks(html, timeline, &scale)?;
    html.raw("</svg></div>\n")?;
    legend(html, &bars)?;
    html.raw("</section>\n")
}

/// The counts for the script: bars apart by blanks, kinds by commas.
fn data(bars: &Bars) -> String {
    let bar = |counts: &[u64; 4]| counts.map(|count| count.to_string()).join(",");
    bars.counts.iter().map(bar).collect::<Vec<_>>().join(" ")
}

/// The drawing in words.
fn said(timeline: &Timeline) -> String {
    let window = &timeline.window;
    let relative = |ts_ns| words::relative(timeline.relative_ns(ts_ns));
    format!(
        "Events over time, from {} to {} seconds around the first alert; {}",
        relative(window.first_ns),
        relative(window.last_ns),
        words::plural(timeline.alerts.len() as u64, "alert", "alerts"),
    )
}

fn drawing(html: &mut Markup<'_>, bars: &Bars) -> io::Result<()> {
    html.within("<svg y=\"14\" height=\"64\" viewBox=\"0 0 ", bars.counts.len(), " 100\" ")?;
    html.raw("preserveAspectRatio=\"none\">")?;
    for (kind, (class, _)) in LABELS.iter().enumerate() {
        html.within("<path class=\"", class, "\" d=\"")?;
        html.text(path(bars, kind))?;
        html.raw("\"/>")?;
    }
    html.raw("</svg>\n")
}

/// The bars of one kind; kinds stand on each other, processes at the bottom.
fn path(bars: &Bars, kind: usize) -> String {
    let most = (bars.most().max(1) as f64).sqrt();
    let mut path = String::new();
    for (x, counts) in bars.counts.iter().enumerate() {
        let total: u64 = counts.iter().sum();
        let below: u64 = counts.iter().take(kind).sum();
        let count = counts.get(kind).copied().unwrap_or(0);
        if count == 0 {
            continue;
        }
        let per_event = (total as f64).sqrt() / most * HEIGHT / total as f64;
        let bar = Bar {
            x,
            bottom: HEIGHT - below as f64 * per_event,
            height: (count as f64 * per_event).max(0.5),
        };
        // Writing to a String cannot fail.
        let _ = write!(path, "{bar}");
    }
    path
}

struct Bar {
    x: usize,
    bottom: f64,
    height: f64,
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{} {:.1}h.9v-{:.1}h-.9z", self.x, self.bottom, self.height)
    }
}

fn gaps(html: &mut Markup<'_>, timeline: &Timeline, scale: &Scale) -> io::Result<()> {
    for gap in &timeline.gaps {
        let left = scale.percent(timeline.relative_ns(gap.from_ns).into());
        let right = scale.percent(timeline.relative_ns(gap.to_ns).into());
        html.within(
            "<rect class=\"gap\" y=\"14\" height=\"64\" x=\"",
            format!("{left:.3}"),
            "%\"",
        )?;
        html.within(" width=\"", format!("{:.3}", (right - left).max(0.15)), "%\"/>")?;
    }
    Ok(())
}

fn axis(html: &mut Markup<'_>, scale: &Scale) -> io::Result<()> {
    html.raw("<line class=\"axis\" x2=\"100%\" y1=\"78.5\" y2=\"78.5\"/>")?;
    for tick in scale.ticks() {
        let at = format!("{:.3}", scale.percent(tick));
        let class = if tick == 0 { "zero" } else { "axis" };
        let top = if tick == 0 { "12" } else { "75" };
        html.within("<line class=\"", class, "\" ")?;
        html.within("x1=\"", &at, "%\" ")?;
        html.within("x2=\"", &at, "%\" y1=\"")?;
        html.within("", top, "\" y2=\"78\"/>")?;
        if (2.0..98.0).contains(&scale.percent(tick)) {
            html.within("<text y=\"94\" x=\"", &at, "%\">")?;
            html.within("", seconds(tick), "</text>")?;
        }
    }
    Ok(())
}

/// A round time in as few digits as it takes: `-20 s`, `0.5 s`.
fn seconds(ns: i128) -> String {
    format!("{} s", ns as f64 / 1e9)
}

fn marks(html: &mut Markup<'_>, timeline: &Timeline, scale: &Scale) -> io::Result<()> {
    let mut last = None;
    // The worst are drawn last, so that they stand on top.
    let mut alerts: Vec<_> = timeline.alerts.iter().collect();
    alerts.sort_by_key(|alert| (std::cmp::Reverse(alert.priority), alert.at));
    for alert in alerts {
        let at = format!("{:.2}", scale.percent(timeline.relative_ns(alert.at.ts_ns).into()));
        let class = super::alerts::tone(alert.priority);
        if last.as_ref() == Some(&(class, at.clone())) {
            continue;
        }
        html.within("<svg class=\"at\" x=\"", &at, "%\"><path class=\"mark ")?;
        html.within("", class, "\" d=\"M-5.5 .5H5.5L0 11z\"/></svg>")?;
        last = Some((class, at));
    }
    html.raw("\n")
}

fn legend(html: &mut Markup<'_>, bars: &Bars) -> io::Result<()> {
    html.raw("<ul class=\"legend strip-legend\">")?;
    for (class, label) in LABELS {
        html.within("<li><svg class=\"", class, "\" aria-hidden=\"true\"><rect width=\"100%\" ")?;
        html.within("height=\"100%\" rx=\"2\"/></svg>", label, "</li>")?;
    }
    html.within(
        "<li>events in ",
        words::duration(bars.step_ns),
        "; height is the square root</li>",
    )?;
    html.raw("<li id=\"moment\"></li></ul>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Window;

    fn scale(from_ns: i128, span_ns: i128) -> Scale {
        Scale { from_ns, span_ns }
    }

    #[test]
    fn ticks_are_round_times_within_the_strip() {
        const S: i128 = 1_000_000_000;
        let cases = [
            (-31 * S, 61 * S, vec!["-30 s", "-20 s", "-10 s", "0 s", "10 s", "20 s", "30 s"]),
            (0, S, vec!["0.2 s", "0.4 s", "0.6 s", "0.8 s", "1 s"]),
            (-1, 1, vec!["0 s"]),
        ];
        for (from_ns, span_ns, want) in cases {
            let ticks: Vec<_> = scale(from_ns, span_ns).ticks().map(seconds).collect();
            assert_eq!(ticks, want);
        }
        assert!(scale(i128::from(i64::MIN), i128::from(u64::MAX)).ticks().count() <= 9);
    }

    #[test]
    fn places_stay_on_the_strip() {
        let scale = scale(-100, 200);
        for (at, want) in [(-100, 0.0), (0, 50.0), (100, 100.0), (-900, 0.0), (900, 100.0)] {
            assert_eq!(scale.percent(at), want);
        }
    }

    #[test]
    fn many_steps_are_added_up_and_none_is_lost() {
        let density = Density { step_ns: 10, steps: vec![[1, 2, 0, 4]; 1000] };
        let bars = Bars::of(&density);
        assert!(bars.counts.len() <= MAX_BARS);
        assert_eq!(bars.step_ns, 50);
        let sum: u64 = bars.counts.iter().flatten().sum();
        assert_eq!(sum, 7000);
    }

    #[test]
    fn kinds_stand_on_each_other() {
        let bars = Bars { counts: vec![[1, 3, 0, 0], [0; 4]], step_ns: 1 };
        assert_eq!(path(&bars, 0), "M0 100.0h.9v-25.0h-.9z");
        assert_eq!(path(&bars, 1), "M0 75.0h.9v-75.0h-.9z");
        assert_eq!(path(&bars, 2), "");
    }

    #[test]
    fn a_window_of_no_time_draws_nothing_and_does_no_harm() {
        let mut timeline = Timeline::default();
        let mut out = Vec::new();
        write(&mut Markup::new(&mut out), &timeline).expect("a Vec takes all");
        assert!(out.is_empty());
        timeline.window = Window { zero_ns: u64::MAX, ..Window::default() };
        timeline.density = Density { step_ns: u64::MAX, steps: vec![[u32::MAX; 4]; 1000] };
        write(&mut Markup::new(&mut out), &timeline).expect("a Vec takes all");
        assert!(!String::from_utf8_lossy(&out).contains("NaN"));
    }
}
