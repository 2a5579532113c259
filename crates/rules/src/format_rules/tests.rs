#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use super::format_rules;

/// What a text becomes; formatting that again must change nothing.
fn formatted(text: &str) -> String {
    let once = format_rules(text).unwrap();
    assert_eq!(format_rules(&once).as_ref(), Ok(&once), "not stable");
    once
}

#[test]
fn blanks_order_of_keys_and_notation_become_one_style() {
    let cases = [
        ("", ""),
        ("\u{feff}\u{feff}# a\r\r\n# b\r", "# a\n\n# b\n"),
        ("# only\n\n\n# comments\n", "# only\n\n\n# comments\n"),
        ("- macro: a\n  condition:   b  and\n    c\n", "- macro: a\n  condition: b and c\n"),
        ("- condition: b\n  macro: a\n", "- macro: a\n  condition: b\n"),
        ("- {list: a, items: [b,c]}\n", "- list: a\n  items: [b, c]\n"),
        ("- list: a\n  items:\n  - b\n\n\n  - c\n", "- list: a\n  items:\n    - b\n\n    - c\n"),
        ("- list: a\n- list: b\n\n\n\n- list: c\n", "- list: a\n\n- list: b\n\n- list: c\n"),
        ("-   rule:    a\n    enabled:  false", "- rule: a\n  enabled: false\n"),
        ("---\n- list: a\n---\n- list: b\n", "---\n- list: a\n---\n- list: b\n"),
        (
            "- rule: a\r\n  desc: >\r\n      b\r\n      c\r\n",
            "- rule: a\n  desc: >\n    b\n    c\n",
        ),
        ("- rule: a\n  output: \"b\n    c\"\n", "- rule: a\n  output: \"b c\"\n"),
        ("- macro: a\n  condition: \"b = 'x  y'\"\n", "- macro: a\n  condition: b = 'x  y'\n"),
        (
            "- macro: a\n  condition: 'b = \"x: y\"'\n",
            "- macro: a\n  condition: >\n    b = \"x: y\"\n",
        ),
        (
            "- rule: a\n  exceptions:\n   - values: [[b,c],\n       [d]]\n     name: e\n",
            "- rule: a\n  exceptions:\n    - name: e\n      values: [[b, c], [d]]\n",
        ),
        ("\u{feff}- list: a\n  items: []\n", "- list: a\n  items: []\n"),
        ("- list: a\n  items:\n", "- list: a\n  items:\n"),
    ];
    for (text, want) in cases {
        assert_eq!(formatted(text), want, "{text}");
    }
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let cases = [
        ("# a\n\n# b\n- list: c\n", "# a\n\n# b\n- list: c\n"),
        (
            "- list: a # b\n# c\n- list: d\n  # e\n# f\n",
            "- list: a # b\n\n# c\n- list: d\n  # e\n\n# f\n",
        ),
        (
            "- list: a\n  items: [b, # c\n   # d\n   e]\n",
            "- list: a\n  items:\n    - b # c\n    # d\n    - e\n",
        ),
        ("- desc: a\n  # of the name\n  rule: b\n", "# of the name\n- rule: b\n  desc: a\n"),
        ("- macro: a\n  condition: > # b\n    c\n", "- macro: a\n  condition: c # b\n"),
        (
            "- list: a\n  items: # b\n  - c\n  # d\n  append: true\n",
            "- list: a\n  items: # b\n    - c\n  # d\n  append: true\n",
        ),
        (
            "# a\n---\n# b\n- list: c\n# d\n---\n# e\n- list: f\n",
            "# a\n---\n# b\n- list: c\n\n# d\n---\n# e\n- list: f\n",
        ),
        ("-\n  # a\n  list: b\n- # c\n  list: d\n", "# a\n- list: b\n\n# c\n- list: d\n"),
    ];
    for (text, want) in cases {
        assert_eq!(formatted(text), want, "{text}");
    }
}

#[test]
fn long_conditions_break_at_and_and_or() {
    let text = "- macro: a\n  condition: evt.type in (open,openat) and fd.name startswith /etc and (proc.name = bash or proc.name in (aaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbb) or proc.aname[2] = 'c  (d') and not user.name = root\n";
    let want = "\
- macro: a
  condition: >
    evt.type in (open,openat)
    and fd.name startswith /etc
    and (proc.name = bash
      or proc.name in (aaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbb)
      or proc.aname[2] = 'c  (d')
    and not user.name = root
";
    assert_eq!(formatted(text), want);
}

#[test]
fn long_lists_are_filled_into_lines() {
    let items: Vec<String> = (0..40).map(|n| format!("item{n}")).collect();
    let text = format!("- list: a\n  items: [{}] # b\n", items.join(","));
    let out = formatted(&text);
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    assert!(out.ends_with("item39\n    ] # b\n"), "{out}");
}

#[test]
fn a_condition_that_is_not_there_stays_so() {
    for nothing in ["", " ~", " null"] {
        let text = format!("- rule: a\n  desc: b\n  condition:{nothing}\n");
        assert_eq!(formatted(&text), text);
    }
}

#[test]
fn one_long_line_of_many_items_takes_no_longer_than_many_lines() {
    let items = "a, ".repeat(100_000);
    let start = std::time::Instant::now();
    let out = formatted(&format!("- list: a\n  items: [{items}b]\n"));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    assert!(out.ends_with(" b\n    ]\n"));
}

#[test]
fn what_the_style_cannot_keep_is_left_alone() {
    let cases = [
        ("- &a b\n- *a\n", "an anchor"),
        ("- !x b\n", "a tag"),
        ("%YAML 1.2\n---\n- list: a\n", "directives"),
        ("rule: a\n", "not a list of rules"),
        ("text", "not a list of rules"),
        ("- ? [a]\n  : b\n", "a key that is not"),
        ("- list: a\n  items: [b: c]\n", "without braces"),
        ("- list: [\n", ""),
        (&"- ".repeat(100), "levels"),
    ];
    for (text, want) in cases {
        let refusal = format_rules(text).unwrap_err();
        assert!(refusal.message.contains(want), "{text}: {}", refusal.message);
    }
}

#[test]
fn a_block_with_nothing_in_it_becomes_a_pair_of_quotes() {
    for text in ["- rule: a\n  output: |", "- rule: a\n  output: >-\n\n# b\n"] {
        let once = formatted(text);
        assert!(once.starts_with("- rule: a\n  output: \"\"\n"), "{once}");
    }
}

#[test]
fn refusals_point_into_the_text_as_it_was() {
    for text in ["- list: a\r\n- list: &b c\r\n", "\u{feff}- list: a\n- list: &b c", "- list: &b c"]
    {
        let refusal = format_rules(text).unwrap_err();
        assert!(text[refusal.span.start..].starts_with(['&', 'c']), "{text}: {refusal:?}");
    }
}

#[test]
fn any_cut_of_a_text_is_stable_or_refused() {
    let text = "# a\n- rule: b # c\n  desc: >\n    d\n     e\n\n    f\n  condition: 'g = \"h\" and (i\n    or j)'\n  # k\n  tags: [l, # m\n   'n', {o: p}]\n  exceptions:\n  - name: q\n\n    # r\n    values:\n    - [s, t]\n    # u\n# v\n---\n- list: w\n  items: |\n   x\n\n\n- - y\n";
    for start in 0..text.len() {
        for end in start..text.len() {
            if let Ok(once) = format_rules(&text[start..end]) {
                assert_eq!(format_rules(&once).as_ref(), Ok(&once), "{:?}", &text[start..end]);
            }
        }
    }
}
