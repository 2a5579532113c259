//! From the text of rule files to rules: the language around conditions.
//!
//! [`load`] takes files in order and gives [`Definitions`], or every [`Problem`]: files load whole
//! or not at all.
//!
//! - [`source`]: the texts; [`problem`]: what is wrong with them; `found`: problems as they come.
//! - `yaml`: text to tree; `text`: text of several pieces that knows its places.
//! - `read`, `fields`: tree to `item`s, typed; `version`: of the language; `exceptions`: of rules.
//! - `collect`: items to definitions, what they redefine, add to and change.
//! - `lists`, `macros`: what conditions draw in; `compile`: conditions and outputs, checked;
//!   `event_types`: what a condition looks at.
//! - [`definitions`]: what comes out.

mod collect;
mod compile;
pub mod definitions;
mod event_types;
mod exceptions;
mod fields;
mod found;
mod item;
mod lists;
mod macros;
pub mod problem;
mod read;
pub mod source;
mod text;
mod version;
mod yaml;

pub use definitions::{Definitions, Exception, List, Macro, Places, Rule, Status};
pub use problem::{Code, Item, Problem, Problems, Severity};
pub use source::{RuleFile, Sources};

use std::sync::Arc;

use collect::Collected;
use compile::compile;
use found::Found;
use yaml::Tree;

use crate::filter::Diagnostic;

/// The source of events that there is here.
const SYSCALL: &str = "syscall";

/// What loading gives: definitions, and what is doubtful about them.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the files define.
    pub definitions: Definitions,
    /// What is doubtful; no errors.
    pub warnings: Problems,
}

/// Loads rule files, in order.
///
/// # Errors
/// Every problem, if one of them is an error.
pub fn load(files: Vec<RuleFile>) -> Result<Loaded, Problems> {
    let mut sources = Sources::default();
    for file in files {
        sources.push(file);
    }
    let mut found = Found::default();
    let mut collected = Collected::default();
    for (base, file) in sources.files() {
        match Tree::parse(&file.text, base) {
            Ok(tree) => {
                for outcome in read::items(&tree, &sources, &mut found) {
                    collected.add(outcome, &mut found);
                }
            }
            Err(broken) => {
                let item = Item { kind: "rules content", name: String::new() };
                found.push(Code::YamlParse, &item, Diagnostic::new(broken.span, broken.message));
                collected.misses_a_file = true;
            }
        }
    }
    let compiled = compile(&collected, &mut found);
    let sources = Arc::new(sources);
    let has_errors = found.has_errors();
    let problems = found.finish(Arc::clone(&sources));
    if has_errors {
        return Err(problems);
    }
    let compile::Compiled { rules, macros, lists } = compiled;
    let definitions = Definitions { sources, rules, macros, lists };
    Ok(Loaded { definitions, warnings: problems })
}
