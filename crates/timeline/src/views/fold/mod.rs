//! What stands alone, and what is told as one line for many.
//!
//! A process may touch thousands of files and run hundreds of commands. What matters stands alone:
//! changes, reads of what is sensitive. What is alike is one item that knows all that it stands
//! for, so that a view can unfold it. Ancestors that did nothing stand above the story as one line.
//! Nothing is left out.

mod children;
mod connections;
mod files;
mod folder;
mod lineage;
mod privileges;
mod terminal;
mod work;

pub use children::{Child, children, eventful, is_idle_fork, upward};
pub use connections::{ConnectionFold, ConnectionItem, connections, is_routine};
pub use files::{FileFold, FileItem, Kind, files, is_own_program};
pub use lineage::{Lineage, lineage};
pub use privileges::{PrivilegeItem, privileges};
pub use terminal::{TerminalItem, terminal};
pub use work::{command_at, is_keeper, is_runtime};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{model::Timeline, testing};

    fn shown(timeline: &Timeline) -> (Vec<usize>, Vec<usize>) {
        let eventful = eventful(timeline);
        let (mut files_shown, mut children_shown) = (Vec::new(), Vec::new());
        for process in &timeline.processes {
            let of = |item: &FileItem<'_>| match item {
                FileItem::One(_) => 1,
                FileItem::Many(fold) => fold.files.len(),
            };
            files_shown.push(files(process).iter().map(of).sum());
            let items = children(timeline, &process.children, &eventful);
            children_shown.push(items.iter().map(|child| child.ids().len()).sum());
        }
        (files_shown, children_shown)
    }

    #[test]
    fn the_sample_folds_what_is_alike() {
        let sample = testing::sample();
        let eventful = eventful(&sample);
        let folded: Vec<usize> = sample
            .processes
            .iter()
            .flat_map(|process| children(&sample, &process.children, &eventful))
            .map(|child| child.ids().len())
            .filter(|&children| children > 1)
            .collect();
        assert_eq!(folded, [12, 3]);
    }

    proptest! {
        #[test]
        fn no_child_is_lost_and_files_only_if_they_are_the_program_itself(
            timeline in testing::timelines()
        ) {
            let (files, children) = shown(&timeline);
            for (at, process) in timeline.processes.iter().enumerate() {
                prop_assert_eq!(children[at], process.children.len());
                prop_assert!(files[at] <= process.files.len());
            }
        }
    }
}
