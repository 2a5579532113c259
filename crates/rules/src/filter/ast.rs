//! The tree that a filter's text is parsed into, with the place of everything in it.
//!
//! Printing a tree gives text that parses to the same tree (`PartialEq` does not look at places).

use std::{fmt, sync::Arc};

use super::{error::Span, escape::quote};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All hold. At least two.
    And(Vec<Expr>),
    /// One holds. At least two.
    Or(Vec<Expr>),
    /// Does not hold. Never of a `Not`: `not not x` parses to `x`.
    Not(Box<Expr>),
    /// A macro's name, with its condition once that has been found.
    Macro(Name, Option<Arc<Expr>>),
    /// A comparison.
    Check(Box<Check>),
}

/// An identifier and its place.
#[derive(Clone, Debug)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A comparison: `proc.name in (a, b)`.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is compared.
    pub left: Operand,
    /// How.
    pub op: Operator,
    /// With how many of a list.
    pub quantifier: Option<Quantifier>,
    /// Place of the operator.
    pub op_span: Span,
    /// With what.
    pub right: Right,
    /// Place of the whole.
    pub span: Span,
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.left == other.left
            && self.op == other.op
            && self.quantifier == other.quantifier
            && self.right == other.right
    }
}

/// A field, a literal, or a transformer around such.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// `proc.aname[2]`.
    Field {
        /// Dotted name, without brackets.
        name: Name,
        /// What stands in brackets.
        argument: Option<Literal>,
    },
    /// `tolower(proc.name)`.
    Transform {
        /// The transformer's name.
        name: Name,
        /// What stands in parentheses.
        args: Vec<Operand>,
        /// What stands in brackets behind it.
        selector: Option<Literal>,
    },
    /// A constant, as an argument of a transformer.
    Literal(Literal),
    /// A list, as an argument of a transformer.
    List(Vec<Operand>, Listed),
}

/// Place of a list.
#[derive(Clone, Copy, Debug)]
pub struct Listed(pub Span);

impl PartialEq for Listed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Operand {
    /// Its place.
    pub fn span(&self) -> Span {
        match self {
            Self::Field { name, argument: bracket }
            | Self::Transform { name, selector: bracket, .. } => {
                bracket.as_ref().map_or(name.span, |b| name.span.to(b.span))
            }
            Self::Literal(literal) => literal.span,
            Self::List(_, listed) => listed.0,
        }
    }
}

/// What stands behind an operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Right {
    /// Nothing (`exists`).
    Nothing,
    /// A constant; behind a list operator, the name of a list.
    Literal(Literal),
    /// Constants in parentheses.
    List(Vec<Literal>),
    /// A field or a transformer.
    Operand(Operand),
}

/// A constant.
#[derive(Clone, Debug)]
pub struct Literal {
    /// Its bytes, escapes resolved.
    pub bytes: Vec<u8>,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Where, with its quotes.
    pub span: Span,
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.quoted == other.quoted
    }
}

impl Literal {
    /// As text, for messages and for types that are not text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// How two things are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    Exists,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
    Icontains,
    Bcontains,
    Startswith,
    Bstartswith,
    Endswith,
    Glob,
    Iglob,
    Regex,
    In,
    Intersects,
    Pmatch,
}

impl Operator {
    /// Every operator, in the order in which messages list them.
    pub const ALL: [Self; 19] = [
        Self::Exists,
        Self::Eq,
        Self::Ne,
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
        Self::Contains,
        Self::Icontains,
        Self::Bcontains,
        Self::Startswith,
        Self::Bstartswith,
        Self::Endswith,
        Self::Glob,
        Self::Iglob,
        Self::Regex,
        Self::In,
        Self::Intersects,
        Self::Pmatch,
    ];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Contains => "contains",
            Self::Icontains => "icontains",
            Self::Bcontains => "bcontains",
            Self::Startswith => "startswith",
            Self::Bstartswith => "bstartswith",
            Self::Endswith => "endswith",
            Self::Glob => "glob",
            Self::Iglob => "iglob",
            Self::Regex => "regex",
            Self::In => "in",
            Self::Intersects => "intersects",
            Self::Pmatch => "pmatch",
        }
    }

    /// Whether a list stands on its right.
    pub fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::Intersects | Self::Pmatch)
    }

    /// Whether the grammar wants a number on its right.
    pub fn takes_number(self) -> bool {
        matches!(self, Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }
}

/// How many elements of a list have to fit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantifier {
    /// Exactly one.
    OneOf,
    /// At least one.
    AnyOf,
    /// All.
    AllOf,
}

impl Quantifier {
    /// Every quantifier.
    pub const ALL: [Self; 3] = [Self::OneOf, Self::AnyOf, Self::AllOf];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::OneOf => "oneof",
            Self::AnyOf => "anyof",
            Self::AllOf => "allof",
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(children) => joined(f, children, " and "),
            Self::Or(children) => joined(f, children, " or "),
            Self::Not(child) if child.is_leaf() => write!(f, "not {child}"),
            Self::Not(child) => write!(f, "not ({child})"),
            Self::Macro(name, _) => f.write_str(&name.text),
            Self::Check(check) => check.fmt(f),
        }
    }
}

impl Expr {
    fn is_leaf(&self) -> bool {
        matches!(self, Self::Macro(..) | Self::Check(_))
    }
}

/// Children that are themselves lists stand in parentheses, so that they stay apart.
fn joined(f: &mut fmt::Formatter<'_>, children: &[Expr], word: &str) -> fmt::Result {
    for (index, child) in children.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match child {
            Expr::And(_) | Expr::Or(_) => write!(f, "({child})")?,
            _ => write!(f, "{child}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.left, self.op.symbol())?;
        if let Some(quantifier) = self.quantifier {
            write!(f, " {}", quantifier.symbol())?;
        }
        match &self.right {
            Right::Nothing => Ok(()),
            Right::Literal(literal) => write!(f, " {literal}"),
            Right::Operand(operand) => write!(f, " {operand}"),
            Right::List(literals) => {
                f.write_str(" (")?;
                commas(f, literals)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { name, argument } => {
                f.write_str(&name.text)?;
                bracket(f, argument.as_ref())
            }
            Self::Transform { name, args, selector } => {
                write!(f, "{}(", name.text)?;
                commas(f, args)?;
                f.write_str(")")?;
                bracket(f, selector.as_ref())
            }
            Self::Literal(literal) => literal.fmt(f),
            Self::List(operands, _) => {
                f.write_str("(")?;
                commas(f, operands)?;
                f.write_str(")")
            }
        }
    }
}

fn bracket(f: &mut fmt::Formatter<'_>, argument: Option<&Literal>) -> fmt::Result {
    argument.map_or(Ok(()), |argument| write!(f, "[{argument}]"))
}

fn commas<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted { f.write_str(&quote(&self.bytes)) } else { f.write_str(&self.text()) }
    }
}
