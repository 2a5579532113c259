//! The look-back stays within its bound and says what it cost.
