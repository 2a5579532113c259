//! What an event has for a field or a transformer, made fit to be shown.

use std::ops::ControlFlow;

use state::Context;

use super::draw::safe;
use crate::{
    fields::{Argument, Extract, FieldTraits},
    filter::{
        Memory, Source,
        ast::{Check, Operand, Right},
        check_operand,
    },
    format::{self, sanitize::sanitize_from},
    value::FieldType,
};

/// A field or transformer, and its value on one event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// As the condition writes it: `proc.name`, `tolower(proc.name)`.
    pub operand: String,
    /// Its value as output formats print it, safe to show. `None`: it has none, and every
    /// comparison with it is false.
    pub text: Option<String>,
    /// The same as JSON; `null` if it has none.
    pub json: String,
}

impl Shown {
    /// `proc.name is 'cat'`, with at most `chars` characters of the value.
    pub fn sentence(&self, chars: usize) -> String {
        match &self.text {
            None => format!("{} has no value", self.operand),
            Some(text) => {
                let mut shown: String = text.chars().take(chars).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                let quote = if self.json.starts_with('"') { "'" } else { "" };
                format!("{} is {quote}{shown}{quote}", self.operand)
            }
        }
    }
}

/// Something that a check asks an event for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    operand: String,
    source: Source,
}

/// In which form a check sees a value.
enum Compared {
    AsPrinted,
    /// The address that is compared with networks.
    AsAddress,
    /// Each of several: both ends of a connection, all ancestors.
    OneByOne,
}

impl Asked {
    /// Everything that a check asks for: first what it compares, then the fields within.
    pub(super) fn by(check: &Check) -> Vec<Self> {
        let mut all = Vec::new();
        Self::collect(&check.left, &mut all);
        if let Right::Operand(operand) = &check.right {
            Self::collect(operand, &mut all);
        }
        all
    }

    fn collect(operand: &Operand, all: &mut Vec<Self>) {
        let within = match operand {
            Operand::Field { .. } => &[],
            Operand::Transform { args, .. } => &args[..],
            Operand::List(operands, _) => &operands[..],
            Operand::Literal(_) => return,
        };
        // `val(FIELD)` is nothing but the field.
        let has_value = match operand {
            Operand::Transform { name, .. } => name.text != "val",
            operand => matches!(operand, Operand::Field { .. }),
        };
        let text = safe(&operand.to_string());
        if has_value
            && !all.iter().any(|asked| asked.operand == text)
            && let Ok(source) = check_operand(operand)
        {
            all.push(Self { operand: text, source });
        }
        within.iter().for_each(|operand| Self::collect(operand, all));
    }

    /// Its value on an event.
    pub(super) fn shown(&self, context: &Context<'_>, memory: &mut Memory) -> Shown {
        let mut text = Vec::new();
        let mut json = Vec::new();
        let there = match self.compared() {
            Compared::AsPrinted => {
                let levels = self.source.levels();
                format::value_json(&self.source, context, memory, levels, &mut json);
                format::value_text(&self.source, context, memory, levels, &mut text)
            }
            Compared::AsAddress => self.address(context, memory, &mut text, &mut json),
            Compared::OneByOne => self.each(context, memory, &mut text, &mut json),
        };
        sanitize_from(&mut text, 0);
        Shown {
            operand: self.operand.clone(),
            text: there.then(|| String::from_utf8_lossy(&text).into_owned()),
            json: String::from_utf8_lossy(&json).into_owned(),
        }
    }

    /// What a check sees: mostly what a format prints.
    fn compared(&self) -> Compared {
        let Source::Field(field) = &self.source else { return Compared::AsPrinted };
        match field.field.extract {
            Extract::Ends(_) => Compared::OneByOne,
            Extract::Searched { .. } if field.argument == Argument::None => Compared::OneByOne,
            Extract::One(_) if field.field.ty == FieldType::IpNet => Compared::AsAddress,
            _ => Compared::AsPrinted,
        }
    }

    fn address(
        &self,
        context: &Context<'_>,
        memory: &mut Memory,
        text: &mut Vec<u8>,
        json: &mut Vec<u8>,
    ) -> bool {
        let scratch = memory.levels(self.source.levels());
        let Some(value) = self.source.value(context, scratch) else {
            json.extend_from_slice(b"null");
            return false;
        };
        format::text(value, FieldTraits::NONE, text);
        format::json(value, FieldTraits::NONE, json);
        true
    }

    /// All values that a check compares, as a list.
    fn each(
        &self,
        context: &Context<'_>,
        memory: &mut Memory,
        text: &mut Vec<u8>,
        json: &mut Vec<u8>,
    ) -> bool {
        text.push(b'(');
        json.push(b'[');
        let scratch = memory.levels(self.source.levels());
        let there = self.source.each(context, scratch, &mut |value| {
            if text.len() > 1 {
                text.extend_from_slice(b", ");
                json.push(b',');
            }
            format::text(value, FieldTraits::NONE, text);
            format::json(value, FieldTraits::NONE, json);
            ControlFlow::Continue(())
        });
        text.push(b')');
        json.push(b']');
        if !there {
            json.clear();
            json.extend_from_slice(b"null");
        }
        there
    }
}
