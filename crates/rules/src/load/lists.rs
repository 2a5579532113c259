//! Lists: those within each other, and those that conditions draw in.

use std::collections::{HashMap, HashSet};

use super::{
    collect::{Collected, Indexed},
    found::Found,
    item::{ListItem, Named},
    problem::{Code, Item},
    text::Text,
};
use crate::filter::{Diagnostic, Span};

/// Most items of all lists together, those of lists within each other counted each time.
const MOST_ITEMS: usize = 1_000_000;
/// Most lists within each other.
const MOST_LEVELS: usize = 100;
/// Most text of all conditions together, lists drawn in, bytes.
const MOST_TEXT: usize = 32 << 20;

/// What lists hold once those in them are resolved, by their order of definition.
pub(super) struct Lists<'c> {
    named: &'c Indexed<ListItem>,
    items: Vec<Option<Vec<Named>>>,
    used: Vec<bool>,
    /// Lists whose names are several words, by the first of them.
    odd: HashMap<&'c str, Vec<usize>>,
    /// Words that conditions have, as far as they are names of macros.
    pub macros_used: HashSet<String>,
    text_left: usize,
}

impl<'c> Lists<'c> {
    /// Resolves all lists.
    pub(super) fn resolve(collected: &'c Collected, found: &mut Found) -> Self {
        let named = &collected.lists;
        let mut resolver = Resolver {
            named,
            states: named.all.iter().map(|_| State::New).collect(),
            used: vec![false; named.all.len()],
            left: MOST_ITEMS,
            path: Vec::new(),
            found,
        };
        for at in 0..named.all.len() {
            resolver.list(at);
        }
        let items = resolver.states.into_iter().map(State::items).collect();
        let used = resolver.used;
        let (odd, macros_used) = (odd_names(named), HashSet::new());
        Self { named, items, used, odd, macros_used, text_left: MOST_TEXT }
    }

    pub(super) fn items(&self, at: usize) -> &[Named] {
        self.items.get(at).and_then(Option::as_deref).unwrap_or_default()
    }

    pub(super) fn is_used(&self, at: usize) -> bool {
        self.used.get(at).copied().unwrap_or(false)
    }

    /// A condition with its lists drawn in, and their names.
    ///
    /// # Errors
    /// All conditions together would be too long; or a list in it is wrong, which was told before
    /// (then there is no diagnostic).
    pub(super) fn draw_in(
        &mut self,
        condition: &Text,
        macros: &Indexed<super::item::MacroItem>,
    ) -> Result<(Text, Vec<usize>), Option<Diagnostic>> {
        let mut drawn = Drawn::default();
        let text = condition.as_str();
        for (start, end) in Words::new(text) {
            let word = &text[start..end];
            if let Some(at) = self.named.find(word) {
                self.put(condition, (start, end), at, &mut drawn)?;
            } else if let Some((at, end)) = self.odd_name(text, start, word) {
                self.put(condition, (start, end), at, &mut drawn)?;
            } else if macros.find(word).is_some() && !self.macros_used.contains(word) {
                self.macros_used.insert(word.to_owned());
            }
        }
        self.spend(condition, text.len())?;
        drawn.text.push_part(condition, drawn.done, text.len());
        Ok((drawn.text, drawn.lists))
    }

    fn spend(&mut self, condition: &Text, bytes: usize) -> Result<(), Option<Diagnostic>> {
        match self.text_left.checked_sub(bytes) {
            Some(left) => {
                self.text_left = left;
                Ok(())
            }
            None => {
                let span = condition.span(Span { start: 0, end: 1 });
                let message =
                    format!("conditions of more than {} MiB, lists drawn in", MOST_TEXT >> 20);
                Err(Some(Diagnostic::new(span, message)))
            }
        }
    }

    /// Puts the list's items where its name stands.
    fn put(
        &mut self,
        condition: &Text,
        (start, end): (usize, usize),
        list: usize,
        drawn: &mut Drawn,
    ) -> Result<(), Option<Diagnostic>> {
        if start < drawn.done {
            return Ok(());
        }
        self.used[list] = true;
        let Some(items) = self.items.get(list).and_then(Option::as_ref) else { return Err(None) };
        let bytes = items.iter().map(|item| item.text.len() + 4).sum();
        let text = condition.as_str();
        let before = text[..start].trim_end_matches(BLANKS).len().max(drawn.done);
        drawn.text.push_part(condition, drawn.done, before);
        drawn.done = end + text[end..].len() - text[end..].trim_start_matches(BLANKS).len();
        if items.is_empty() {
            drawn.without_comma(condition);
        }
        drawn.text.push_between(" ");
        for (index, item) in items.iter().enumerate() {
            drawn.text.push_between(if index > 0 { ", " } else { "" });
            let bare = !item.text.contains(' ') || item.text.starts_with(['"', '\'']);
            drawn.text.push_between(if bare { "" } else { "\"" });
            drawn.text.push_exact(&item.text, item.span);
            drawn.text.push_between(if bare { "" } else { "\"" });
        }
        drawn.text.push_made(" ", condition.span(Span { start: end - 1, end }));
        drawn.lists.push(list);
        self.spend(condition, bytes)
    }

    fn odd_name(&self, text: &str, start: usize, word: &str) -> Option<(usize, usize)> {
        let candidates = self.odd.get(word)?;
        candidates.iter().find_map(|&at| {
            let name = &self.named.all.get(at)?.value.name.text;
            let rest = text[start..].strip_prefix(name.as_str())?;
            let ends = rest.is_empty() || rest.starts_with(is_delimiter);
            ends.then_some((at, start + name.len()))
        })
    }
}

/// A condition in the making.
#[derive(Default)]
struct Drawn {
    text: Text,
    lists: Vec<usize>,
    /// So many bytes of the condition are in it.
    done: usize,
}

impl Drawn {
    /// An empty list takes the comma in front of it away, or else the one behind it.
    fn without_comma(&mut self, condition: &Text) {
        let so_far = self.text.as_str().trim_end_matches(BLANKS);
        if let Some(rest) = so_far.strip_suffix(',') {
            let len = rest.len();
            self.text.truncate(len);
        } else if condition.as_str()[self.done..].starts_with(',') {
            self.done += 1;
        }
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

fn is_delimiter(c: char) -> bool {
    BLANKS.contains(&c) || matches!(c, '(' | ')' | ',' | '=')
}

/// Words between blanks, parentheses, commas and `=`, but not those in quotes.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The place behind the quoted text whose quote stands at `at`.
    fn behind_quoted(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let start = at + 1;
        let end = (start..bytes.len())
            .find(|&i| bytes[i] == bytes[at] && (i == start || bytes[i - 1] != b'\\'));
        end.map_or(bytes.len(), |end| end + 1)
    }
}

impl Iterator for Words<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        while let Some(&byte) = bytes.get(self.at) {
            if is_delimiter(char::from(byte)) {
                if self.at > start {
                    break;
                }
                start = self.at + 1;
                self.at = start;
            } else if byte == b'"' || byte == b'\'' {
                self.at = self.behind_quoted(self.at);
            } else {
                self.at += 1;
            }
        }
        (self.at > start).then_some((start, self.at))
    }
}

/// The names that are several words; longer ones first.
fn odd_names(named: &Indexed<ListItem>) -> HashMap<&str, Vec<usize>> {
    let mut odd: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, list) in named.all.iter().enumerate() {
        let name = list.value.name.text.as_str();
        if let Some(first) =
            name.split(is_delimiter).next().filter(|first| first.len() < name.len())
            && !first.is_empty()
        {
            odd.entry(first).or_default().push(at);
        }
    }
    for lists in odd.values_mut() {
        lists.sort_by_key(|&at| std::cmp::Reverse(named.all[at].value.name.text.len()));
        lists.truncate(100);
    }
    odd
}

enum State {
    New,
    Open,
    Wrong,
    Done { items: Vec<Named>, levels: usize },
}

impl State {
    fn items(self) -> Option<Vec<Named>> {
        if let Self::Done { items, .. } = self { Some(items) } else { None }
    }
}

/// What is wrong with a list, unless that was told of one in it.
type Wrong = Option<(Code, Diagnostic)>;

struct Resolver<'c, 'f> {
    named: &'c Indexed<ListItem>,
    states: Vec<State>,
    used: Vec<bool>,
    left: usize,
    /// Lists that are being resolved.
    path: Vec<usize>,
    found: &'f mut Found,
}

impl<'c> Resolver<'c, '_> {
    fn list(&mut self, at: usize) {
        if !matches!(self.states.get(at), Some(State::New)) {
            return;
        }
        self.states[at] = State::Open;
        self.path.push(at);
        let resolved = self.items(at);
        self.path.pop();
        self.states[at] = match resolved {
            Ok((items, levels)) => State::Done { items, levels },
            Err(wrong) => {
                if let Some((code, wrong)) = wrong {
                    let item = Item { kind: "list", name: self.name(at).to_owned() };
                    self.found.push(code, &item, wrong);
                }
                State::Wrong
            }
        };
    }

    fn name(&self, at: usize) -> &'c str {
        &self.named.all[at].value.name.text
    }

    fn items(&mut self, at: usize) -> Result<(Vec<Named>, usize), Wrong> {
        let list = &self.named.all[at].value;
        let wrong =
            |span, message: String| Err(Some((Code::Validate, Diagnostic::new(span, message))));
        let (mut all, mut deepest) = (Vec::new(), 0);
        for item in &list.items {
            // A list may have an item of its own name: that is an ordinary one.
            let Some(inner) = self.named.find(&item.text).filter(|&inner| inner != at) else {
                self.take(1, at)?;
                all.push(item.clone());
                continue;
            };
            if self.path.len() > MOST_LEVELS {
                return wrong(
                    item.span,
                    format!("more than {MOST_LEVELS} lists within each other"),
                );
            }
            self.used[inner] = true;
            self.list(inner);
            let len = match &self.states[inner] {
                State::Done { items, levels } => {
                    deepest = deepest.max(*levels);
                    items.len()
                }
                State::Open => return wrong(item.span, self.cycle(inner)),
                State::New | State::Wrong => return Err(None),
            };
            if deepest >= MOST_LEVELS {
                return wrong(
                    item.span,
                    format!("more than {MOST_LEVELS} lists within each other"),
                );
            }
            self.take(len, at)?;
            if let State::Done { items, .. } = &self.states[inner] {
                all.extend(items.iter().cloned());
            }
        }
        Ok((all, deepest + 1))
    }

    fn take(&mut self, items: usize, at: usize) -> Result<(), Wrong> {
        match self.left.checked_sub(items) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let span = self.named.all[at].value.name.span;
                let message = format!(
                    "lists of more than {MOST_ITEMS} items, those of lists in lists counted"
                );
                Err(Some((Code::Validate, Diagnostic::new(span, message))))
            }
        }
    }

    /// `list 'a' holds itself: a, b, a`.
    fn cycle(&self, first: usize) -> String {
        let from = self.path.iter().position(|&at| at == first).unwrap_or(0);
        let mut names: Vec<_> = self.path[from..].iter().map(|&at| self.name(at)).collect();
        names.push(self.name(first));
        format!("list '{}' holds itself: {}", self.name(first), names.join(" > "))
    }
}
