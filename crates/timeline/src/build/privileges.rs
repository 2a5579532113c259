//! What processes do to their own and to others' rights.

use super::{
    draft::Draft,
    limits::{Budget, Row},
};
use crate::model::PrivilegeChange;

/// Adds a row.
pub(super) fn push(draft: &mut Draft, change: PrivilegeChange, budget: &mut Budget) {
    if budget.admit(Row::Privilege, 0) {
        draft.process.privileges.push(change);
    }
}
