//! The ticket of the sample.
