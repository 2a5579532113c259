//! Whether two texts mean the same.

use granit_parser::ScalarStyle;

use super::{
    arrange, condition, scalar,
    tree::{Collection, Comment, Document, Entry, Kind, Node, Shape},
};

/// Where the first text means something else than the second; `None` if they mean the same and
/// have the same comments.
pub(super) fn difference(one: &[Document], other: &[Document]) -> Option<usize> {
    if one.len() != other.len() {
        return Some(0);
    }
    for (one, other) in one.iter().zip(other) {
        match (&one.root, &other.root) {
            (None, None) => {}
            (Some(one), Some(other)) => {
                if let Some(at) = of_nodes(one, other, Role::Items) {
                    return Some(at);
                }
            }
            _ => return Some(one.marker.unwrap_or(0)),
        }
    }
    (comments(one) != comments(other)).then_some(0)
}

/// What a node is for: conditions may differ in blanks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Items,
    Item,
    Condition,
    Other,
}

impl Role {
    fn of_value(self, entry: &Entry) -> Self {
        match self {
            Self::Items => Self::Item,
            Self::Item if entry.key_text() == "condition" => Self::Condition,
            _ => Self::Other,
        }
    }
}

fn of_nodes(one: &Node, other: &Node, role: Role) -> Option<usize> {
    let is_same = match (one.collection(), other.collection()) {
        (Some(a), Some(b)) => {
            if a.shape == b.shape && a.entries.len() == b.entries.len() {
                return of_entries(a, b, role);
            }
            false
        }
        (None, None) => match (one.text(), other.text()) {
            (Some(a), Some(b)) if role == Role::Condition => {
                is_nothing(one) == is_nothing(other) && (a == b || has_same_words(a, b))
            }
            (a, b) => a == b && is_plain(one) == is_plain(other),
        },
        _ => false,
    };
    (!is_same).then_some(one.start)
}

fn has_same_words(one: &str, other: &str) -> bool {
    condition::words(one).is_some_and(|words| Some(words) == condition::words(other))
}

fn of_entries(one: &Collection, other: &Collection, role: Role) -> Option<usize> {
    sorted(one).into_iter().zip(sorted(other)).find_map(|(a, b)| {
        if a.key_text() != b.key_text() {
            return Some(a.start());
        }
        of_nodes(&a.value, &b.value, role.of_value(a))
    })
}

fn sorted(of: &Collection) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = of.entries.iter().collect();
    if of.shape == Shape::Mapping {
        arrange::sort(&mut entries);
    }
    entries
}

fn is_nothing(node: &Node) -> bool {
    matches!(&node.kind, Kind::Scalar { style, text } if scalar::is_nothing(*style, text))
}

/// Whether a value might be a number, a truth value or nothing rather than text.
fn is_plain(node: &Node) -> bool {
    let text = node.text().unwrap_or_default();
    let is_text = text.contains(' ') && text.contains(char::is_alphabetic);
    matches!(&node.kind, Kind::Scalar { style: ScalarStyle::Plain, .. }) && !is_text
}

/// All comments, sorted.
fn comments(documents: &[Document]) -> Vec<&str> {
    let mut all = Vec::new();
    for document in documents {
        all.extend(texts(&document.before).chain(texts(&document.alone)));
        if let Some(root) = document.root.as_ref().and_then(Node::collection) {
            of_collection(root, &mut all);
        }
    }
    all.sort_unstable();
    all
}

fn texts(comments: &[Comment]) -> impl Iterator<Item = &str> {
    comments.iter().map(|comment| comment.text.as_str())
}

fn of_collection<'t>(from: &'t Collection, all: &mut Vec<&'t str>) {
    for entry in &from.entries {
        all.extend(texts(&entry.above));
        all.extend(entry.right.as_deref());
        if let Some(inner) = entry.value.collection() {
            of_collection(inner, all);
        }
    }
    all.extend(texts(&from.trailing));
}
