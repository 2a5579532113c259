//! How every part tells its figures: a table of markdown under the kernel and what was counted.

use std::fmt;

use testkit::vm::Kernel;

/// Figures of one kind, of one kernel.
pub(super) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows yet; the first column, which has no name, says what a row is about.
    pub(super) fn new(kernel: Kernel, what: &str, columns: &[&str]) -> Self {
        let head = [""].iter().chain(columns).map(|&name| name.to_owned()).collect();
        Self { title: format!("Linux {kernel}, {what}"), rows: vec![head] }
    }

    /// The same with a row more.
    pub(super) fn row(mut self, about: &str, cells: impl IntoIterator<Item = String>) -> Self {
        self.rows.push([about.to_owned()].into_iter().chain(cells).collect());
        self
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:\n", self.title)?;
        for (at, cells) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", cells.join(" | "))?;
            if at == 0 {
                writeln!(f, "|{}", "---|".repeat(cells.len()))?;
            }
        }
        Ok(())
    }
}

/// A count, with commas between thousands.
pub(super) fn count(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let threes = rest.as_bytes().chunks(3).map(|three| String::from_utf8_lossy(three).into_owned());
    let parts = Some(head.to_owned()).filter(|head| !head.is_empty()).into_iter().chain(threes);
    parts.collect::<Vec<_>>().join(",")
}

/// How many times one figure another is.
pub(super) fn times(figure: f64, of: f64) -> String {
    format!("{:.3} ×", figure / of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_their_names() {
        let table = Table::new(Kernel::V6_1, "instructions", &["without", "with"])
            .row("a call", [count(386.0), count(1_234_567.0)])
            .row("another", [count(100_000.0), times(3.0, 2.0)]);
        let wanted = "\
Linux 6.1, instructions:

|  | without | with |
|---|---|---|
| a call | 386 | 1,234,567 |
| another | 100,000 | 1.500 × |
";
        assert_eq!(table.to_string(), wanted);
    }
}
