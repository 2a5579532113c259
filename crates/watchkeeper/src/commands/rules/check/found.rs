//! What a check found, and where.

use rules::{
    filter::{
        Span,
        error::{Excerpt, Place},
    },
    load::{Code, Definitions, Loaded, Problem, Problems, Severity, Status},
};

/// What a check found.
pub(super) struct Found {
    pub(super) problems: Problems,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// How many rules there are; `None` if there were errors.
    pub(super) rules: Option<Rules>,
}

/// How many rules there are.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) all: usize,
    /// Those that can match nothing here.
    pub(super) inactive: usize,
    /// Those that can, but say that they are not enabled.
    pub(super) disabled: usize,
}

/// The place of a problem: where it begins, and the position behind its end.
pub(super) struct Where<'f> {
    pub(super) file: &'f str,
    /// `None` if the problem is the file itself.
    pub(super) lines: Option<(Place, Place)>,
    pub(super) excerpt: Excerpt,
}

impl Found {
    pub(super) fn new(result: Result<Loaded, Problems>) -> Self {
        let (problems, rules) = match result {
            Ok(Loaded { definitions, warnings }) => (warnings, Some(Rules::of(&definitions))),
            Err(problems) => (problems, None),
        };
        let errors = problems.errors().count();
        Self { errors, warnings: problems.list.len() - errors, rules, problems }
    }

    /// Errors first, then warnings, at most so many.
    pub(super) fn shown(&self, most: usize) -> impl Iterator<Item = &Problem> {
        self.problems.errors().chain(self.problems.warnings()).take(most)
    }

    pub(super) fn place(&self, span: Span, code: Code) -> Where<'_> {
        let sources = &self.problems.sources;
        let nowhere = Excerpt { line: String::new(), carets: String::new() };
        let Some((file, start)) = sources.file(span.start) else {
            return Where { file: "", lines: None, excerpt: nowhere };
        };
        if code == Code::FileRead && file.text.is_empty() {
            return Where { file: &file.name, lines: None, excerpt: nowhere };
        }
        let end = (start + span.end.saturating_sub(span.start)).min(file.text.len());
        let last = span.start + end.saturating_sub(start);
        let of = |at| sources.place(Span { start: at, end: at }).map(|(_, place)| place);
        let excerpt = Excerpt::of(&file.text, Span { start, end });
        Where { file: &file.name, lines: of(span.start).zip(of(last)), excerpt }
    }

    /// `3 errors, 2 warnings in 2 files, 93 rules (7 inactive)`
    pub(super) fn summary(&self) -> String {
        let files = self.problems.sources.files().count();
        let mut line = format!(
            "{}, {} in {}",
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(files, "file")
        );
        if let Some(Rules { all, inactive, disabled }) = self.rules {
            let parts = [(inactive, "inactive"), (disabled, "disabled")];
            let parts = parts.iter().filter(|(count, _)| *count > 0);
            let parts: Vec<_> = parts.map(|(count, what)| format!("{count} {what}")).collect();
            line.push_str(&format!(", {}", counted(all, "rule")));
            if !parts.is_empty() {
                line.push_str(&format!(" ({})", parts.join(", ")));
            }
        }
        line
    }
}

impl Rules {
    fn of(definitions: &Definitions) -> Self {
        let active = |of: &&rules::load::Rule| of.status == Status::Active;
        let rules = &definitions.rules;
        let actives = rules.iter().filter(active).count();
        Self {
            all: rules.len(),
            inactive: rules.len() - actives,
            disabled: rules.iter().filter(active).filter(|rule| !rule.enabled).count(),
        }
    }
}

/// As messages call it.
pub(super) fn severity(of: &Problem) -> &'static str {
    match of.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// `1 rule`, `2 rules`
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
