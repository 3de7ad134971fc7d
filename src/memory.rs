//! Memory that is free and not given back to the system.

use std::hint::black_box;

/// Larger than any block that an allocator keeps for the next who asks for as much.
const BLOCK: usize = 64 << 20;
/// How often: an allocator that owns several arenas looks at some of them each time.
const TIMES: usize = 8;

/// Has the allocator give back what was freed a while ago, and takes some milliseconds.
///
/// mimalloc gives pages back a second after they were freed, but looks for such only when further ones are freed. A process
/// that has read its registry and then waits for leads frees none, and would hold what the reading took for as long as it waits:
/// a fifth of what it needs. So a block is asked for, never touched, and freed. Other allocators take that for nothing.
pub fn give_back() {
    for _ in 0..TIMES {
        drop(black_box(Vec::<u8>::with_capacity(BLOCK)));
    }
}
