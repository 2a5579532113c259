//! Reading the facts of one thread after another allocates nothing.

use capture::proc::{Extent, Facts};

#[global_allocator]
static ALLOCATOR: testkit::alloc::Counting = testkit::alloc::Counting;

#[test]
fn facts_are_read_into_memory_that_is_there() {
    let pid = std::process::id() as i32;
    let mut facts = Facts::new(4096);
    for extent in [Extent::Clone, Extent::Exec] {
        facts.read(pid, pid, extent).unwrap();
        facts.read(pid, pid, extent).unwrap();
        let before = testkit::alloc::allocations();
        facts.read(pid, pid, extent).unwrap();
        assert_eq!(testkit::alloc::allocations(), before, "{extent:?}");
    }
}
