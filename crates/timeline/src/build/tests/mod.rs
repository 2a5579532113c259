//! Small stories, told event by event, and what a timeline makes of them.

mod belonging;
mod commands;
mod files;
mod network;
mod privileges;
mod processes;
mod terminal;
mod window;
pub(crate) mod world;
