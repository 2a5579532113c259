//! What an alert says, without what the timeline shows anyway.

use super::plain;
use crate::model::Alert;

const MAX_BYTES: usize = 200;

/// The alert's sentence and, if that does not say it already, the rule's name. A rule whose name is
/// a sentence is its own; of any other the output is, up to the fields in it.
pub fn alert(alert: &Alert) -> (String, Option<String>) {
    let rule = plain(&alert.rule, MAX_BYTES);
    let says = plain(headline(&alert.output), MAX_BYTES);
    if says.is_empty() || rule.contains(' ') { (rule, None) } else { (says, Some(rule)) }
}

/// The words of an output: without time and priority before them, and without the fields after.
pub fn headline(output: &str) -> &str {
    let text = without_prefix(output);
    let pipe = text.find(" | ");
    let fields =
        text.find(" (").filter(|&at| text.get(at..).is_some_and(|rest| rest.contains('=')));
    let end = pipe.into_iter().chain(fields).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim()
}

/// `02:13:48.366390301: Critical A program …` without what stands before `A`.
fn without_prefix(output: &str) -> &str {
    let text = output.trim_start();
    let Some((time, rest)) = text.split_once(": ") else { return text };
    let is_time =
        time.contains(':') && time.bytes().all(|b| b.is_ascii_digit() || b":.".contains(&b));
    match rest.split_once(' ') {
        Some((priority, rest)) if is_time && priority.parse::<event::alert::Priority>().is_ok() => {
            rest
        }
        _ if is_time => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_cut_to_its_words() {
        for (output, want) in [
            ("02:13:48.366390301: Critical A shell speaks | stdin=x", "A shell speaks"),
            ("A shell speaks | stdin=x | y", "A shell speaks"),
            ("16:17:57: Warning File opened (user=root file=/etc/shadow)", "File opened"),
            ("Just words (in brackets)", "Just words (in brackets)"),
            ("10:00:00.1: no priority", "no priority"),
            ("note: a colon", "note: a colon"),
            ("", ""),
        ] {
            assert_eq!(headline(output), want);
        }
    }

    #[test]
    fn a_rule_whose_name_is_a_sentence_says_it_itself() {
        let mut case = crate::testing::sample().alerts.swap_remove(0);
        assert_eq!(
            alert(&case),
            ("Shell spawned by a web server".to_owned(), Some("web_shell".to_owned()))
        );
        case.rule = "Shell over a network connection".to_owned();
        assert_eq!(alert(&case), ("Shell over a network connection".to_owned(), None));
        case.rule = "bare".to_owned();
        case.output = String::new();
        assert_eq!(alert(&case), ("bare".to_owned(), None));
    }
}
