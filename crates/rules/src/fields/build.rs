//! Short forms for the tables of fields.

use super::{ArgumentSpec, Extract, ExtractEach, ExtractOne, Field, FieldTraits};
use crate::value::FieldType;

impl Field {
    /// A field with at most one value, no argument and nothing unusual about it.
    pub(super) const fn one(
        name: &'static str,
        ty: FieldType,
        doc: &'static str,
        example: &'static str,
        one: ExtractOne,
    ) -> Self {
        Self {
            name,
            ty,
            doc,
            example,
            argument: ArgumentSpec::None,
            traits: FieldTraits::NONE,
            extract: Extract::One(one),
        }
    }

    /// [`Field::one`] of text.
    pub(super) const fn text(
        name: &'static str,
        doc: &'static str,
        example: &'static str,
        one: ExtractOne,
    ) -> Self {
        Self::one(name, FieldType::CharBuf, doc, example, one)
    }

    /// [`Field::one`] of a truth value.
    pub(super) const fn flag(
        name: &'static str,
        doc: &'static str,
        example: &'static str,
        one: ExtractOne,
    ) -> Self {
        Self::one(name, FieldType::Bool, doc, example, one)
    }

    /// The same field with an argument.
    pub(super) const fn with(mut self, argument: ArgumentSpec) -> Self {
        self.argument = argument;
        self
    }

    /// The same field with something unusual about it.
    pub(super) const fn with_traits(mut self, traits: FieldTraits) -> Self {
        self.traits = traits;
        self
    }

    /// The same field; where it is compared without argument, each of these is.
    pub(super) const fn searched(mut self, each: ExtractEach) -> Self {
        if let Extract::One(one) = self.extract {
            self.extract = Extract::Searched { one, each };
        }
        self
    }
}
