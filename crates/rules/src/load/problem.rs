//! What is wrong or doubtful about rule files.

use std::{fmt, sync::Arc};

use super::source::{RuleFile, Sources};
use crate::filter::{Diagnostic, Span, error::safe};

/// Whether the files can be used in spite of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// They cannot.
    Error,
    /// They can.
    Warning,
}

/// What kind of problem it is, under the names that Falco gives them (`falco -V -o json_output`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Code {
    FileRead,
    YamlParse,
    YamlValidate,
    CompileCondition,
    CompileOutput,
    Validate,
    UnknownSource,
    UnsafeNaCheck,
    NoEvtType,
    UnknownFilter,
    UnusedMacro,
    UnusedList,
    UnknownItem,
    DeprecatedItem,
    AppendNoValues,
    ExceptionNameNotUnique,
    InvalidMacroName,
    InvalidListName,
    ConditionWarning,
    UnknownKey,
}

impl Code {
    /// As Falco spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FileRead => "LOAD_ERR_FILE_READ",
            Self::YamlParse => "LOAD_ERR_YAML_PARSE",
            Self::YamlValidate => "LOAD_ERR_YAML_VALIDATE",
            Self::CompileCondition => "LOAD_ERR_COMPILE_CONDITION",
            Self::CompileOutput => "LOAD_ERR_COMPILE_OUTPUT",
            Self::Validate => "LOAD_ERR_VALIDATE",
            Self::UnknownSource => "LOAD_UNKNOWN_SOURCE",
            Self::UnsafeNaCheck => "LOAD_UNSAFE_NA_CHECK",
            Self::NoEvtType => "LOAD_NO_EVTTYPE",
            Self::UnknownFilter => "LOAD_UNKNOWN_FILTER",
            Self::UnusedMacro => "LOAD_UNUSED_MACRO",
            Self::UnusedList => "LOAD_UNUSED_LIST",
            Self::UnknownItem => "LOAD_UNKNOWN_ITEM",
            Self::DeprecatedItem => "LOAD_DEPRECATED_ITEM",
            Self::AppendNoValues => "LOAD_APPEND_NO_VALUES",
            Self::ExceptionNameNotUnique => "LOAD_EXCEPTION_NAME_NOT_UNIQUE",
            Self::InvalidMacroName => "LOAD_INVALID_MACRO_NAME",
            Self::InvalidListName => "LOAD_INVALID_LIST_NAME",
            Self::ConditionWarning => "LOAD_COMPILE_CONDITION",
            Self::UnknownKey => "LOAD_UNKNOWN_KEY",
        }
    }

    /// Whether files with it cannot be used.
    pub fn severity(self) -> Severity {
        if self.name().starts_with("LOAD_ERR") { Severity::Error } else { Severity::Warning }
    }
}

/// What a problem is about: `rule 'Write below etc'`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// `rule`, `macro`, `list`, `exception`, `required_engine_version`, `rules content` ...
    pub kind: &'static str,
    /// Its name; empty if it has none.
    pub name: String,
}

impl Item {
    /// For messages: `rule 'Write below etc'`.
    pub fn label(&self) -> String {
        match self.name.as_str() {
            "" => format!("this {}", self.kind),
            name => format!("{} '{name}'", self.kind),
        }
    }
}

/// One problem: what kind, about what, where, how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// About what.
    pub item: Item,
    /// Where (a span of the [`Sources`]), what, how to mend it.
    pub diagnostic: Diagnostic,
    /// Other places that explain it, each with what is there: `macro 'spawned' is defined here`.
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// A problem that its own place explains.
    pub fn new(code: Code, item: Item, diagnostic: Diagnostic) -> Self {
        Self { code, item, diagnostic, related: Vec::new() }
    }

    /// The same with another place that explains it.
    #[must_use]
    pub fn related(mut self, span: Span, what: impl Into<String>) -> Self {
        self.related.push((span, what.into()));
        self
    }

    /// Whether the files can be used in spite of it.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Every problem of some rule files, in the order of files and places. Prints the errors.
#[derive(Clone, Debug)]
pub struct Problems {
    /// The files.
    pub sources: Arc<Sources>,
    /// Errors and warnings.
    pub list: Vec<Problem>,
}

impl Problems {
    /// Those that keep the files from being used.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(|p| p.severity() == Severity::Error)
    }

    /// Those that don't.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(|p| p.severity() == Severity::Warning)
    }

    /// Adds a file that could not be read; its text is what could be.
    pub fn add_unreadable(&mut self, file: RuleFile, why: String) {
        let sources = Arc::make_mut(&mut self.sources);
        let end = file.text.len();
        let at = sources.push(file) + end;
        self.list.push(Problem::new(
            Code::FileRead,
            Item { kind: "rules content", name: String::new() },
            Diagnostic::new(Span { start: at, end: at }, why),
        ));
    }

    /// Writes one problem: `rules/web.yaml:14:20: message; hint`, and the line with carets.
    pub fn show(&self, f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
        let diagnostic = &problem.diagnostic;
        match self.sources.place(diagnostic.span) {
            Some((file, _)) if problem.code == Code::FileRead && file.text.is_empty() => {
                return write!(f, "{}: {}", safe(&file.name), diagnostic.text());
            }
            Some((file, place)) => f.write_str(&diagnostic.line_at(&file.name, place))?,
            None => {}
        }
        self.sources.excerpt(f, diagnostic.span)
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.errors().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            self.show(f, problem)?;
        }
        Ok(())
    }
}
