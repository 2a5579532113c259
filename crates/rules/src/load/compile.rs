//! From definitions to rules that are checked: conditions and outputs against what there is.

use std::sync::Arc;

use super::{
    SYSCALL,
    collect::{Collected, known_source},
    definitions::{Exception, List, Macro, Places, Rule, Status},
    event_types::{self, Names},
    exceptions::Known,
    found::Found,
    item::RuleItem,
    lists::Lists,
    macros::{Macros, Size, parse_condition},
    problem::{Code, Item},
    text::Text,
};
use crate::{
    engine::Checks,
    filter::{
        Diagnostic, Span,
        ast::{Check, Expr, Literal, Operand, Operator, Right},
    },
    format::Format,
};

/// Most comparisons of all rules together, those of macros counted each time.
const MOST_CHECKS: usize = 1_000_000;

/// Fields whose values come with the beginning of a syscall, of which there are no events any
/// more.
const DEPRECATED: [&str; 6] = [
    "evt.dir",
    "evt.latency",
    "evt.latency.s",
    "evt.latency.ns",
    "evt.latency.human",
    "evt.wait_latency",
];

/// Fields that plugins of Falco add to events of syscalls.
const OF_PLUGINS: [&str; 2] = ["unknown field 'k8smeta.", "unknown field 'krsi."];

/// Stood for fields of containers once.
const CONTAINER_INFO: &str = "%container.info";

/// Rules, macros and lists, in load order.
#[derive(Default)]
pub(super) struct Compiled {
    pub rules: Vec<Rule>,
    pub macros: Vec<Macro>,
    pub lists: Vec<List>,
}

/// Compiles everything that was collected.
pub(super) fn compile(collected: &Collected, found: &mut Found) -> Compiled {
    let mut lists = Lists::resolve(collected, found);
    let macros = Macros::resolve(collected, &mut lists, found);
    let names = Names::default();
    let mut compiler = Compiler {
        collected,
        lists,
        macros,
        names,
        checks: Checks::new(),
        checks_left: MOST_CHECKS,
        found,
    };
    let mut rules = Vec::new();
    for rule in &collected.rules.all {
        // What is wrong may be wrong everywhere, and each time takes a search for what was meant.
        if compiler.found.stops() {
            break;
        }
        rules.extend(compiler.rule(&rule.value));
    }
    let (macros, lists) = (compiler.macros(), compiler.lists());
    Compiled { rules, macros, lists }
}

struct Compiler<'c, 'f> {
    collected: &'c Collected,
    lists: Lists<'c>,
    macros: Macros<'c>,
    names: Names,
    checks: Checks,
    checks_left: usize,
    found: &'f mut Found,
}

impl Compiler<'_, '_> {
    /// `None` if it is wrong.
    fn rule(&mut self, rule: &RuleItem) -> Option<Rule> {
        let item = Item { kind: "rule", name: rule.name.text.clone() };
        let condition = self.with_exceptions(rule);
        let is_broken = self.collected.broken.contains(&("rule", rule.name.text.clone()));
        if known_source(&rule.source) == Known::Nothing {
            return Some(self.inactive(rule, condition.unwrap_or_default(), &item));
        }
        let output = self.output(rule, &item);
        let parsed = self.condition(&condition?, &item)?;
        let checked = self.check(rule, &parsed.0, &item)?;
        let status = match (checked, output?) {
            (Status::Active, Some(output)) => {
                self.warn_of_many_types(rule, &parsed.0, &item);
                return Some(finished(self, rule, parsed, Some(output), Status::Active));
            }
            _ => Status::UnknownFilter,
        };
        (!is_broken).then(|| finished(self, rule, parsed, None, status))
    }

    /// The rule's condition without what its exceptions leave out.
    fn with_exceptions(&mut self, rule: &RuleItem) -> Option<Text> {
        if rule.exceptions.is_empty() {
            return Some(rule.condition.clone());
        }
        let mut whole = Text::default();
        whole.push_made("(", start(&rule.condition));
        whole.push(&rule.condition);
        whole.push_between(")");
        let mut is_sound = true;
        for exception in &rule.exceptions {
            if let Err(wrong) = exception.add_to(&mut whole) {
                exception.told(self.found, wrong);
                is_sound = false;
            }
        }
        is_sound.then_some(whole)
    }

    /// A rule for a source of events that is not known here: its condition may be anything.
    fn inactive(&mut self, rule: &RuleItem, condition: Text, item: &Item) -> Rule {
        // The same for each rule of a source, so that they can be told as one.
        let message = format!("source '{}' is not here: its rules stay inactive", rule.source);
        let warning = Diagnostic::new(rule.name.span, message);
        self.found.push(Code::UnknownSource, item, warning);
        let mut unheard = Found::default();
        let parsed = parse_condition(
            &condition,
            &mut self.lists,
            &self.collected.macros,
            item,
            &mut unheard,
        );
        let (mut expr, lists) = parsed.unwrap_or_else(|| (Expr::And(Vec::new()), Vec::new()));
        let size = self.macros.put_into(&mut expr, item, &mut unheard);
        if size.is_none_or(|size| !self.take(size)) {
            expr = Expr::And(Vec::new());
        }
        finished(self, rule, (expr, lists, condition), None, Status::UnknownSource)
    }

    fn take(&mut self, size: Size) -> bool {
        let left = self.checks_left.checked_sub(size.checks);
        self.checks_left = left.unwrap_or(self.checks_left);
        left.is_some()
    }

    fn condition(&mut self, condition: &Text, item: &Item) -> Option<Parsed> {
        let macros = &self.collected.macros;
        let (mut expr, lists) =
            parse_condition(condition, &mut self.lists, macros, item, self.found)?;
        let size = self.macros.put_into(&mut expr, item, self.found)?;
        if !self.take(size) {
            let message = format!("rules with more than {MOST_CHECKS} comparisons together");
            let error = Diagnostic::new(start(condition), message);
            self.found.push(Code::CompileCondition, item, error);
            return None;
        }
        Some((expr, lists, condition.clone()))
    }

    fn check(&mut self, rule: &RuleItem, expr: &Expr, item: &Item) -> Option<Status> {
        self.warn_of_missing(expr, item);
        match self.checks.check(expr) {
            (errors, warnings) if errors.is_empty() => {
                for warning in warnings {
                    let code = if is_deprecation(&warning) {
                        Code::DeprecatedItem
                    } else {
                        Code::ConditionWarning
                    };
                    self.found.push_once(code, item, warning);
                }
                Some(Status::Active)
            }
            (errors, _) if is_skipped(rule, &errors) => {
                for error in errors.into_iter().filter(is_unknown) {
                    self.found.push(Code::UnknownFilter, item, error);
                }
                Some(Status::UnknownFilter)
            }
            (errors, _) => {
                for error in errors {
                    self.found.push_once(Code::CompileCondition, item, error);
                }
                None
            }
        }
    }

    /// `Some(None)` if it names an unknown field and is to be skipped then.
    fn output(&mut self, rule: &RuleItem, item: &Item) -> Option<Option<Format>> {
        let text = self.without_container_info(rule, item);
        let format = if text.as_str().is_empty() { "*" } else { text.as_str() };
        match Format::compile(format) {
            Ok(format) => {
                self.warn_of_deprecated_output(&format, &text, item);
                Some(Some(format))
            }
            Err(report) => {
                let errors = report.diagnostics.into_iter().map(|error| text.placed(error));
                let errors: Vec<_> = errors.collect();
                let skips = is_skipped(rule, &errors);
                for error in errors.into_iter().filter(|error| !skips || is_unknown(error)) {
                    let code = if skips { Code::UnknownFilter } else { Code::CompileOutput };
                    self.found.push_once(code, item, error);
                }
                skips.then_some(None)
            }
        }
    }

    fn without_container_info(&mut self, rule: &RuleItem, item: &Item) -> Text {
        let output = &rule.output;
        let mut text = Text::default();
        let mut done = 0;
        for (at, found) in output.as_str().match_indices(CONTAINER_INFO) {
            text.push_part(output, done, at);
            done = at + found.len();
            let span = output.span(Span { start: at, end: done });
            let warning = Diagnostic::new(span, format!("'{CONTAINER_INFO}' is deprecated"))
                .hint("leave it out; name the fields of the container that you want");
            self.found.push(Code::DeprecatedItem, item, warning);
        }
        text.push_part(output, done, output.as_str().len());
        if done > 0 { text.trimmed() } else { text }
    }

    fn warn_of_deprecated_output(&mut self, format: &Format, text: &Text, item: &Item) {
        for name in format.names().filter(|name| DEPRECATED.contains(name)) {
            let at = text.as_str().find(name).unwrap_or(0);
            let span = text.span(Span { start: at, end: at + name.len() });
            let warning = Diagnostic::new(span, format!("field '{name}' is deprecated"));
            self.found.push_once(Code::DeprecatedItem, item, warning);
        }
    }

    fn warn_of_many_types(&mut self, rule: &RuleItem, expr: &Expr, item: &Item) {
        match self.names.of(expr, false) {
            Err(error) => self.found.push_once(Code::CompileCondition, item, error),
            Ok(types) if rule.flags.warn_evttypes && rule.source == SYSCALL => {
                let types = types.len();
                if types == 0 || types > event_types::MANY {
                    let what = if types == 0 { "no type of event" } else { "most types of events" };
                    let message = format!("rule '{}' is for {what}", rule.name.text);
                    let warning = Diagnostic::new(rule.name.span, message).hint(
                        "begin with evt.type in (...), so that it costs less; or say warn_evttypes: false",
                    );
                    self.found.push(Code::NoEvtType, item, warning);
                }
            }
            Ok(_) => {}
        }
    }

    /// Warns of fields that are compared with the text that stands for a missing value.
    fn warn_of_missing(&mut self, expr: &Expr, item: &Item) {
        match expr {
            Expr::And(children) | Expr::Or(children) => {
                children.iter().for_each(|child| self.warn_of_missing(child, item));
            }
            Expr::Not(child) => self.warn_of_missing(child, item),
            Expr::Macro(_, Some(condition)) => self.warn_of_missing(condition, item),
            Expr::Macro(_, None) => {}
            Expr::Check(check) => {
                if let Some(literal) = missing_value(check) {
                    let warning = Diagnostic::new(literal.span, "'<NA>' is not a value")
                        .hint("to ask whether a field is there, write FIELD exists");
                    self.found.push_once(Code::UnsafeNaCheck, item, warning);
                }
            }
        }
    }

    fn macros(&mut self) -> Vec<Macro> {
        let mut macros = Vec::new();
        for (at, defined) in self.collected.macros.all.iter().enumerate() {
            let name = &defined.value.name;
            let used = self.lists.macros_used.contains(&name.text);
            if !used {
                self.unused(Code::UnusedMacro, "macro", &name.text, name.span);
            }
            let Some(condition) = self.macros.condition(at) else { continue };
            if !used {
                self.doubt(&condition, &name.text);
            }
            macros.push(Macro {
                name: name.text.as_str().into(),
                condition_text: defined.value.condition.as_str().trim().to_owned(),
                condition,
                lists: self.list_names(self.macros.lists(at)),
                used,
                span: name.span,
            });
        }
        macros
    }

    /// A macro that nothing uses may hold what it likes, but whoever wrote it wants to know.
    fn doubt(&mut self, condition: &Expr, name: &str) {
        let item = Item { kind: "macro", name: name.to_owned() };
        for error in self.checks.check(condition).0 {
            self.found.push_once(Code::ConditionWarning, &item, error);
        }
    }

    fn lists(&mut self) -> Vec<List> {
        let mut lists = Vec::new();
        for (at, defined) in self.collected.lists.all.iter().enumerate() {
            let name = &defined.value.name;
            let used = self.lists.is_used(at);
            if !used {
                self.unused(Code::UnusedList, "list", &name.text, name.span);
            }
            let items = self.lists.items(at).iter().map(|item| item.text.clone()).collect();
            lists.push(List { name: name.text.as_str().into(), items, used, span: name.span });
        }
        lists
    }

    fn unused(&mut self, code: Code, kind: &'static str, name: &str, span: Span) {
        let item = Item { kind, name: name.to_owned() };
        let message = format!("{kind} '{name}' is not used by any rule, macro or list");
        self.found.push(code, &item, Diagnostic::new(span, message));
    }

    fn list_names(&self, lists: &[usize]) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = Vec::new();
        for &at in lists {
            let Some(defined) = self.collected.lists.all.get(at) else { continue };
            let name = defined.value.name.text.as_str();
            if !names.iter().any(|known| **known == *name) {
                names.push(name.into());
            }
        }
        names
    }
}

/// A condition, the lists in it, and its text.
type Parsed = (Expr, Vec<usize>, Text);

fn finished(
    compiler: &Compiler<'_, '_>,
    rule: &RuleItem,
    (condition, lists, text): Parsed,
    output: Option<Format>,
    status: Status,
) -> Rule {
    let exceptions = rule.exceptions.iter().map(|exception| Exception {
        name: exception.name.clone(),
        fields: exception.fields.texts(),
        comps: exception.comps.texts(),
        values: exception.values.iter().map(super::exceptions::Entry::texts).collect(),
        span: exception.span,
    });
    Rule {
        name: rule.name.text.as_str().into(),
        desc: rule.desc.as_str().to_owned(),
        condition_text: text.as_str().trim().to_owned(),
        condition,
        lists: compiler.list_names(&lists),
        output_text: rule.output.as_str().to_owned(),
        output,
        priority: rule.priority.0,
        source: rule.source.as_str().into(),
        tags: rule.tags.iter().cloned().collect(),
        enabled: rule.flags.enabled,
        capture: rule.flags.capture,
        capture_duration_ms: rule.capture_duration_ms,
        warn_evttypes: rule.flags.warn_evttypes,
        exceptions: exceptions.collect(),
        status,
        span: rule.name.span,
        places: Places {
            desc: start(&rule.desc),
            condition: start(&rule.condition),
            output: start(&rule.output),
            priority: rule.priority.1,
        },
    }
}

/// Place of a text's first word.
fn start(text: &Text) -> Span {
    let line = text.as_str().lines().next().unwrap_or_default().trim_end().len();
    text.span(Span { start: 0, end: line.max(1) })
}

fn is_deprecation(warning: &Diagnostic) -> bool {
    DEPRECATED.iter().any(|name| warning.message == format!("field '{name}' is deprecated"))
}

/// Whether a rule with these mistakes is left out rather than wrong.
fn is_skipped(rule: &RuleItem, errors: &[Diagnostic]) -> bool {
    let of_plugins = |error: &Diagnostic| OF_PLUGINS.iter().any(|p| error.message.starts_with(p));
    errors
        .iter()
        .any(|error| is_unknown(error) && (rule.flags.skip_if_unknown_filter || of_plugins(error)))
}

fn is_unknown(error: &Diagnostic) -> bool {
    error.message.starts_with("unknown field '")
        || error.message.starts_with("unknown event type '")
}

/// The `<NA>` that a field of plugins is compared with.
fn missing_value(check: &Check) -> Option<&Literal> {
    let Operand::Field { name, .. } = &check.left else { return None };
    let is_unsafe = name.text.starts_with("ka.") || name.text.starts_with("jevt.");
    let compares = matches!(
        check.op,
        Operator::Eq | Operator::Ne | Operator::In | Operator::Intersects | Operator::Pmatch
    );
    if !is_unsafe || !compares {
        return None;
    }
    match &check.right {
        Right::Literal(literal) => Some(literal).filter(|l| l.bytes == b"<NA>"),
        Right::List(literals) => literals.iter().find(|l| l.bytes == b"<NA>"),
        Right::Nothing | Right::Operand(_) => None,
    }
}
