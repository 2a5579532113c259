//! From the tree to tests: fields are looked up, types compared, constants parsed.

use event::{EventType, ParamType, syscalls};

use super::{
    ast::{Check, Literal, Name, Operand, Operator, Quantifier, Right},
    constant::{self, Constant, unhex},
    error::{Diagnostic, MOST_MISTAKES, Span},
    matcher::Matcher,
    operand::Source,
    transform::Transformer,
    typing::{concat, getopt, join, map},
};
use crate::{
    fields::{Argument, Extract, Field, FieldRef, FieldTraits, is_field, nearest},
    value::FieldType,
};

/// Most components of a path that `pmatch` looks for.
const MOST_COMPONENTS: usize = 256;

/// Names that events may have which are none of the schema's types: those of notices.
const NOTICES: [&str; 7] = [
    "container",
    "container_removed",
    event::dns::NOTICE,
    event::found::NOTICE,
    event::handed::NOTICE,
    event::tty::NOTICE,
    event::written::NOTICE,
];

/// A comparison, ready to be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(super) left: Source,
    pub(super) how: How,
    pub(super) reach: Reach,
}

impl Test {
    /// Memory that the automata of regular expressions take, bytes.
    pub(crate) fn automaton_bytes(&self) -> usize {
        match &self.how {
            How::Match(matcher) => matcher.automaton_bytes(),
            How::Exists | How::Against(..) => 0,
        }
    }
}

/// What is asked of the left side.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// It is there.
    Exists,
    /// One value, or those within [`Reach`], against constants.
    Match(Matcher),
    /// One value against another.
    Against(Operator, Source),
}

/// Which of several values have to pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// There is only one.
    One,
    /// Any.
    Any,
    /// All, and there is one: `!=` with both ends of a connection.
    AllOfSome,
    /// All, also none at all: a list that is `in` another.
    All,
}

/// An operand and the type of its value.
pub(super) struct Typed {
    pub source: Source,
    pub ty: FieldType,
    pub is_list: bool,
    /// The field inside, however many transformers are around it.
    pub field: Option<&'static Field>,
    pub is_literal: bool,
}

impl Typed {
    /// Whether `=` asks how near something is.
    fn is_distance(&self) -> bool {
        matches!(&self.source, Source::Field(f) if f.field.traits.contains(FieldTraits::AT_MOST))
    }

    pub(super) fn label(&self) -> String {
        match (&self.source, self.field) {
            (Source::Field(field), _) => format!("'{field}'"),
            (_, Some(field)) => format!("the result for '{}'", field.name),
            _ => "the result".to_owned(),
        }
    }

    /// For messages.
    pub(super) fn type_name(&self) -> String {
        if self.is_list { format!("LIST({})", self.ty.name()) } else { self.ty.name().to_owned() }
    }
}

/// Collects what is wrong and what is doubtful.
#[derive(Default)]
pub(crate) struct Checker {
    pub errors: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
}

pub(super) type Checked<T> = Result<T, Diagnostic>;

impl Checker {
    /// Checks one comparison. What is wrong with it is also remembered.
    pub(crate) fn test(&mut self, check: &Check) -> Option<Test> {
        if self.errors.len() >= MOST_MISTAKES {
            return None;
        }
        match self.try_test(check) {
            Ok(test) => Some(test),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Remembers that there is no such macro.
    pub(crate) fn unknown_macro(&mut self, name: &Name) {
        let message = format!("'{}' is neither a field nor a macro", name.text);
        let error = Diagnostic::new(name.span, message);
        let end = format!(".{}", name.text);
        let meant =
            crate::fields::all().map(|f| f.name).filter(|field| field.ends_with(&end)).min();
        self.errors.push(match meant {
            Some(field) => error.hint(format!("did you mean '{field}'?")),
            None => error.hint("a condition compares a field: proc.name = bash"),
        });
    }

    /// A field or transformer that stands alone, as in formats.
    pub(super) fn operand(&mut self, operand: &Operand) -> Checked<Source> {
        self.typed(operand).map(|typed| typed.source)
    }

    fn try_test(&mut self, check: &Check) -> Checked<Test> {
        let left = self.typed(&check.left)?;
        operator_fits(check, &left)?;
        let reach = reach(&left, check.op);
        let how = match &check.right {
            Right::Nothing => How::Exists,
            Right::Operand(operand) => self.against(check, &left, operand)?,
            Right::Literal(literal) => {
                How::Match(self.matcher(check, &left, std::slice::from_ref(literal))?)
            }
            Right::List(literals) => How::Match(self.matcher(check, &left, literals)?),
        };
        Ok(Test { left: left.source, how, reach })
    }

    /// `left OP val(right)`.
    fn against(&mut self, check: &Check, left: &Typed, right: &Operand) -> Checked<How> {
        let span = right.span();
        let op = check.op;
        if matches!(op, Operator::Pmatch | Operator::Regex) {
            let message = format!("'{}' does not compare with another field", op.symbol());
            return Err(Diagnostic::new(span, message));
        }
        let right = self.typed(right)?;
        for (side, place) in [(left, check.left.span()), (&right, span)] {
            if side.is_list || side.field.is_some_and(|field| !field.takes_field()) {
                let message = format!("{} cannot be compared with another field", side.label());
                return Err(Diagnostic::new(place, message));
            }
        }
        if left.ty != right.ty {
            let message = format!(
                "{} is {}, {} is {}",
                left.label(),
                left.type_name(),
                right.label(),
                right.type_name()
            );
            return Err(Diagnostic::new(check.span, message)
                .hint("only values of the same type can be compared"));
        }
        Ok(How::Against(op, right.source))
    }

    fn matcher(&mut self, check: &Check, left: &Typed, literals: &[Literal]) -> Checked<Matcher> {
        let mut constants = Vec::with_capacity(literals.len());
        let mut broken = None;
        for literal in literals {
            if self.errors.len() + usize::from(broken.is_some()) >= MOST_MISTAKES {
                break;
            }
            match self.constant(check, left, literal) {
                Ok(constant) => constants.push(constant),
                // All but the last are remembered here, the last is returned.
                Err(error) => self.errors.extend(broken.replace(error)),
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        let at = literals.first().map_or(check.op_span, |first| first.span);
        let result = match (check.quantifier, check.op) {
            (Some(quantifier), op) => quantified(quantifier, op, left, &constants),
            (None, Operator::In | Operator::Intersects) => Ok(Matcher::set(&constants)),
            (None, Operator::Pmatch) => Ok(Matcher::paths(&constants)),
            (None, op) => match constants.first() {
                // A distance is equal to all that are no shorter.
                Some(constant) if left.is_distance() => Matcher::one(Operator::Le, constant),
                Some(constant) => Matcher::one(op, constant),
                None => Ok(Matcher::Never),
            },
        };
        result.map_err(|message| Diagnostic::new(at, message))
    }

    fn constant(&mut self, check: &Check, left: &Typed, literal: &Literal) -> Checked<Constant> {
        self.warn_of_misuse(check, literal);
        let error = |message: String| Diagnostic::new(literal.span, message);
        if matches!(check.op, Operator::Bcontains | Operator::Bstartswith) {
            let message = format!("'{}' needs pairs of hexadecimal digits", check.op.symbol());
            return unhex(&literal.bytes).map(Constant::Bytes).ok_or_else(|| {
                error(message).hint("write the bytes of GET, for example, as 474554")
            });
        }
        let constant = constant::parse(left.ty, &literal.bytes).map_err(&error)?;
        if let Source::Field(field) = &left.source
            && field.field.traits.contains(FieldTraits::EVENT_TYPE)
            && compares_whole(check.op)
        {
            known_event(literal)?;
        }
        if check.op == Operator::Pmatch
            && literal.bytes.split(|&b| b == b'/').count() > MOST_COMPONENTS
        {
            return Err(error(format!("a path of more than {MOST_COMPONENTS} components")));
        }
        Ok(constant)
    }

    /// A value that looks like a field or a transformer was probably meant as one.
    fn warn_of_misuse(&mut self, check: &Check, literal: &Literal) {
        let text = literal.text();
        let message = if is_field(text.trim()) {
            format!("'{text}' is a text here, although there is a field of this name")
        } else if text.split_once('(').is_some_and(|(name, rest)| {
            rest.ends_with(')') && (Transformer::named(name).is_some() || name == "val")
        }) {
            format!("'{text}' is a text here, although it looks like a transformer")
        } else {
            return;
        };
        let hint = format!("to compare with a field, write {} val(FIELD)", check.op.symbol());
        self.warnings.push(Diagnostic::new(literal.span, message).hint(hint));
    }

    fn typed(&mut self, operand: &Operand) -> Checked<Typed> {
        match operand {
            Operand::Field { name, argument } => {
                let span = operand.span();
                let bracket = argument.as_ref().map(Literal::text);
                let field = FieldRef::resolve(&name.text, bracket.as_deref()).map_err(|error| {
                    let hint = error.hint();
                    Diagnostic { span, message: error.to_string(), hint }
                })?;
                if field.field.traits.contains(FieldTraits::DEPRECATED) {
                    let message = format!("field '{}' is deprecated", field.field.name);
                    self.warnings.push(Diagnostic::new(span, message));
                }
                Ok(of_field(field))
            }
            Operand::Literal(literal) => Ok(Typed {
                source: Source::Constant(literal.bytes.as_slice().into()),
                ty: FieldType::CharBuf,
                is_list: false,
                field: None,
                is_literal: true,
            }),
            Operand::List(items, _) => {
                let items = items.iter().map(|item| self.typed(item).map(|typed| typed.source));
                let source = Source::List(items.collect::<Checked<_>>()?);
                Ok(composed(source, true))
            }
            Operand::Transform { name, args, selector } => {
                self.transform(name.span, &name.text, args, selector.as_ref())
            }
        }
    }

    fn transform(
        &mut self,
        span: Span,
        name: &str,
        args: &[Operand],
        selector: Option<&Literal>,
    ) -> Checked<Typed> {
        let mut typed = Vec::with_capacity(args.len());
        for arg in args {
            typed.push(self.typed(arg)?);
        }
        let Some(transformer) = Transformer::named(name) else {
            // The parser lets only val() and known names through.
            return typed.pop().ok_or_else(|| Diagnostic::new(span, "val() needs a field"));
        };
        if transformer != Transformer::Getopt
            && let Some(selector) = selector
        {
            let message = format!("{name}() takes no argument in brackets");
            return Err(Diagnostic::new(selector.span, message));
        }
        match transformer {
            Transformer::Join => join(span, typed),
            Transformer::Concat => concat(span, args, typed),
            Transformer::Getopt => getopt(span, typed, selector),
            _ => map(span, transformer, typed),
        }
    }
}

fn of_field(field: FieldRef) -> Typed {
    let ty = match (&field.argument, field.field.ty) {
        (Argument::Key(key), FieldType::Dynamic) => parameter_type(key),
        (_, ty) => ty,
    };
    let (is_list, base) = (field.field.is_list(), field.field);
    Typed { source: Source::Field(field), ty, is_list, field: Some(base), is_literal: false }
}

pub(super) fn composed(source: Source, is_list: bool) -> Typed {
    Typed { source, ty: FieldType::CharBuf, is_list, field: None, is_literal: false }
}

/// The type that constants have which are compared with a raw parameter: that of the first
/// parameter of this name in the schema.
fn parameter_type(name: &str) -> FieldType {
    use ParamType as T;
    let first = EventType::all().find_map(|kind| kind.info().param(name));
    match first.map(|(_, param)| param.ty) {
        Some(T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Errno) => FieldType::Int64,
        Some(T::Fd | T::Fd32 | T::Pid | T::Pid32) => FieldType::Int64,
        Some(T::CharBuf | T::FsPath | T::FsRelPath) => FieldType::CharBuf,
        Some(T::Bool) => FieldType::Bool,
        Some(T::Double) => FieldType::Double,
        Some(T::Port) => FieldType::Port,
        Some(T::Ipv4Addr | T::Ipv6Addr | T::IpAddr) => FieldType::IpAddr,
        Some(T::Uid | T::Gid | T::Mode | T::Flags32 | T::EnumFlags32 | T::Uint32) => {
            FieldType::Uint32
        }
        Some(
            T::Uint8
            | T::Uint16
            | T::Uint64
            | T::SyscallId
            | T::SigType
            | T::RelTime
            | T::AbsTime
            | T::L4Proto
            | T::SockFamily
            | T::Flags8
            | T::Flags16
            | T::SigSet
            | T::EnumFlags8
            | T::EnumFlags16,
        ) => FieldType::Uint64,
        _ => FieldType::ByteBuf,
    }
}

fn reach(left: &Typed, op: Operator) -> Reach {
    match &left.source {
        Source::Field(field) => match (field.field.extract, &field.argument) {
            (Extract::Ends(_), _) if op == Operator::Ne => Reach::AllOfSome,
            (Extract::Ends(_), _) | (Extract::Searched { .. }, Argument::None) => Reach::Any,
            (Extract::List(_), _) if op == Operator::In => Reach::All,
            (Extract::List(_), _) => Reach::Any,
            _ => Reach::One,
        },
        _ if left.is_list && op == Operator::In => Reach::All,
        _ if left.is_list => Reach::Any,
        _ => Reach::One,
    }
}

/// Which operators a type takes.
fn operators(left: &Typed) -> &'static [Operator] {
    use Operator as O;
    if left.is_distance() {
        return &[O::Eq];
    }
    if left.is_list {
        return &[O::Exists, O::In, O::Intersects];
    }
    match left.ty {
        FieldType::CharBuf => &[
            O::Exists,
            O::Eq,
            O::Ne,
            O::Lt,
            O::Le,
            O::Gt,
            O::Ge,
            O::Contains,
            O::Icontains,
            O::Startswith,
            O::Endswith,
            O::Glob,
            O::Iglob,
            O::Regex,
            O::In,
            O::Intersects,
            O::Pmatch,
        ],
        FieldType::ByteBuf => &[
            O::Exists,
            O::Eq,
            O::Ne,
            O::Contains,
            O::Startswith,
            O::Endswith,
            O::Bcontains,
            O::Bstartswith,
            O::In,
            O::Intersects,
        ],
        FieldType::Bool | FieldType::IpAddr | FieldType::IpNet => {
            &[O::Exists, O::Eq, O::Ne, O::In, O::Intersects]
        }
        _ => &[O::Exists, O::Eq, O::Ne, O::Lt, O::Le, O::Gt, O::Ge, O::In, O::Intersects],
    }
}

fn operator_fits(check: &Check, left: &Typed) -> Checked<()> {
    let fitting = operators(left);
    if fitting.contains(&check.op) {
        return Ok(());
    }
    let message = format!(
        "'{}' does not work on {}, which is {}",
        check.op.symbol(),
        left.label(),
        left.type_name()
    );
    let names: Vec<_> = fitting.iter().map(|op| op.symbol()).collect();
    Err(Diagnostic::new(check.op_span, message).hint(format!("it takes {}", names.join(" "))))
}

fn quantified(
    quantifier: Quantifier,
    op: Operator,
    left: &Typed,
    constants: &[Constant],
) -> Result<Matcher, String> {
    debug_assert!(operators(left).contains(&op));
    Matcher::quantified(quantifier, op, constants)
}

/// Whether the operator compares with whole values rather than with parts of them.
fn compares_whole(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::Ne | Operator::In | Operator::Intersects)
}

fn known_event(literal: &Literal) -> Checked<()> {
    let names = || {
        let types = EventType::all().map(|kind| kind.info().name);
        types.chain(syscalls::SYSCALL_NAMES.iter().copied()).chain(NOTICES)
    };
    let text = literal.text();
    if names().any(|name| name == text) {
        return Ok(());
    }
    let error = Diagnostic::new(literal.span, format!("unknown event type '{text}'"));
    Err(match nearest(&text, names()) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    })
}
