//! The page of event types.

use std::fmt::Write;

use event::{
    EventInfo, EventType, ParamInfo,
    schema::{Category, Detail, EventFlags, Origin},
};

const INTRODUCTION: &str = "\
# Events

Every event type of the current schema that a recorder may write. The name is that of `evt.type`; \
each parameter is read with `evt.arg.NAME` or, by position, `evt.arg[N]`. Captures of older \
schemas are turned into these when they are read: what an old recorder wrote when a call was \
entered is found among the parameters here.

Types of parameters are those of the schema; `names` stands behind a number whose values or bits \
have names, which is how it is printed.
";

/// The whole page.
pub(super) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (category, title) in CATEGORIES {
        let of_category = current().filter(|info| info.category == category);
        let mut rows: Vec<_> = of_category.map(row).collect();
        // Two types may differ in nothing that is shown.
        rows.dedup();
        if rows.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {title}\n\n| event | parameters |\n|---|---|\n");
        page.extend(rows);
    }
    page
}

/// The types that are neither old versions nor reserved, without the enter halves of calls, which
/// are folded into their exit.
fn current() -> impl Iterator<Item = &'static EventInfo> {
    let dead = EventFlags::OLD_VERSION.union(EventFlags::UNUSED);
    EventType::all()
        .filter(|kind| kind.is_exit() || kind.info().origin != Origin::Syscall)
        .map(EventType::info)
        .filter(move |info| !info.flags.intersects(dead))
}

fn row(info: &EventInfo) -> String {
    let all: Vec<String> = info.params.iter().map(parameter).collect();
    let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
    format!("| `{}` | {all} |\n", info.name)
}

fn parameter(param: &ParamInfo) -> String {
    let ty = format!("{:?}", param.ty).to_lowercase();
    let names = if matches!(param.detail, Detail::Symbols(_)) { ", names" } else { "" };
    format!("`{}` ({ty}{names})", param.name)
}

const CATEGORIES: [(Category, &str); 18] = [
    (Category::Process, "Processes"),
    (Category::File, "Files"),
    (Category::IoRead, "Reading"),
    (Category::IoWrite, "Writing"),
    (Category::IoOther, "File descriptors"),
    (Category::Net, "Network"),
    (Category::Ipc, "Between processes"),
    (Category::User, "Users and groups"),
    (Category::Signal, "Signals"),
    (Category::Memory, "Memory"),
    (Category::Wait, "Waiting"),
    (Category::Sleep, "Sleeping"),
    (Category::Time, "Time"),
    (Category::System, "System"),
    (Category::Scheduler, "Scheduler"),
    (Category::Processing, "Processing"),
    (Category::Internal, "The recorder itself"),
    (Category::Other, "Other"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_live_types_with_their_parameters_and_no_old_ones() {
        let page = page();
        let close = "| `close` | `res` (errno), `fd` (fd) |\n";
        assert_eq!(page.matches("| `close` |").count(), 1);
        assert!(page.contains(close), "{page}");
        assert!(page.contains("`flags` (flags32, names)"));
        assert!(!page.contains("| `NA` |"));
    }
}
