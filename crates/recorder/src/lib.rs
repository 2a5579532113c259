//! The flight recorder: what happened before an alert, and after it.
