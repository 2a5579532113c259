//! Alert outputs.
