//! `Name: value` lines, in groups with empty lines between: Debian's control files (deb822(5)), and what
//! descends from the headers of mails (RFC 822).

use crate::{Error, Input};

/// Most fields of a group.
const MOST_FIELDS: usize = 1_000;

/// A group of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stanza {
    fields: Vec<(String, String)>,
}

impl Stanza {
    /// The value of a field, its name in any letters; lines that go on are joined by line feeds.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let is_named = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields.iter().find(is_named).map(|(_, value)| value.as_str())
    }

    /// The values of all fields of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(|field| field.0.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// Reads groups, with the number of each one's first line. Lines that are no fields are left out.
    ///
    /// # Errors
    /// If the file can't be read, a group has too many fields, or `take` fails.
    pub(crate) fn each(
        input: &mut Input<'_>,
        mut take: impl FnMut(usize, &Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut stanza = Self::default();
        let mut first = 0;
        input.lines(|number, line| {
            if line.trim_ascii().is_empty() {
                if !stanza.fields.is_empty() {
                    take(first, &stanza)?;
                    stanza.fields.clear();
                }
                return Ok(());
            }
            if stanza.fields.is_empty() {
                first = number;
            }
            stanza.add(number, line)
        })?;
        if stanza.fields.is_empty() { Ok(()) } else { take(first, &stanza) }
    }

    /// The first group, whatever follows: a body of text does.
    ///
    /// # Errors
    /// If the file can't be read, or the group has too many fields.
    pub(crate) fn first(input: &mut Input<'_>) -> Result<Self, Error> {
        let mut first = Self::default();
        let mut is_whole = false;
        input.lines(|number, line| {
            is_whole |= line.trim_ascii().is_empty() && !first.fields.is_empty();
            if is_whole { Ok(()) } else { first.add(number, line) }
        })?;
        Ok(first)
    }

    /// The first group of a text.
    ///
    /// # Errors
    /// If it has too many fields.
    pub(crate) fn of(text: &str) -> Result<Self, Error> {
        let mut first = Self::default();
        let begun = text.lines().enumerate().skip_while(|(_, line)| line.trim_ascii().is_empty());
        for (at, line) in begun.take_while(|(_, line)| !line.trim_ascii().is_empty()) {
            first.add(at + 1, line)?;
        }
        Ok(first)
    }

    fn add(&mut self, number: usize, line: &str) -> Result<(), Error> {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.fields.last_mut() {
                value.push('\n');
                value.push_str(line.trim_ascii());
            }
            return Ok(());
        }
        if line.starts_with('#') {
            return Ok(());
        }
        let Some((name, value)) = line.split_once(':') else { return Ok(()) };
        if self.fields.len() == MOST_FIELDS {
            let why = format!("there are more than {MOST_FIELDS} fields in a group");
            return Err(Error::Line { line: number, why });
        }
        self.fields.push((name.trim_ascii().to_owned(), value.trim_ascii().to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::input;

    #[test]
    fn groups_are_read_with_their_places() {
        let text = "\nPackage: a\nVersion:1.0\n# no field\nDescription: one\n two\n .\n\n\npackage: b\r\nnothing\r\n";
        let mut found = Vec::new();
        input("status", text, |input| {
            Stanza::each(input, |line, stanza| {
                let description = stanza.get("description").map(str::to_owned);
                found.push((line, stanza.get("Package").unwrap().to_owned(), description));
                Ok(())
            })
        })
        .unwrap();
        let description = Some("one\ntwo\n.".to_owned());
        assert_eq!(found, [(2, "a".to_owned(), description), (10, "b".to_owned(), None)]);
    }

    #[test]
    fn what_follows_a_first_group_is_no_field() {
        let text = format!(
            "\nName: a\nClassifier: x\nclassifier: y\n\nName: b\n{}",
            "x: y\n".repeat(2000)
        );
        let first = input("METADATA", &text, Stanza::first).unwrap();
        assert_eq!(first.get("name"), Some("a"));
        assert_eq!(first.all("Classifier").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(Stanza::of(&text).unwrap(), first);
    }

    #[test]
    fn lines_without_end_are_refused() {
        let text = format!("Package: a\nLong: {}\n", "x".repeat(2 << 20));
        let result = input("status", &text, |input| Stanza::each(input, |_, _| Ok(())));
        assert_eq!(result.unwrap_err().to_string(), "line 2: it is longer than 1048576 bytes");
    }
}
