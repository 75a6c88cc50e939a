//! What is allocated while it is asked for.
//!
//! The allocator of every adapter is the system's, as it would be without this, behind one relaxed
//! load and a branch that is nearly always the same: `cargo bench -p harness-runner` shows both. Only
//! while [`of`] runs do allocations count, of every thread of the process.
//!
//! Kept crates count one thread (`allocation-counter`), or always and so in timed regions as well
//! (`stats_alloc`), or change what is asked of the system (`tracking-allocator`).

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::Future,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ASKED: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// What was allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocated {
    /// How often. A block that is grown or shrunk counts as one more.
    pub allocations: u64,
    /// How much was asked for, in bytes; of a block that is grown or shrunk, its new size.
    pub bytes: u64,
}

/// What is allocated until the future is done, by whichever thread.
pub async fn of<T>(future: impl Future<Output = T>) -> (T, Allocated) {
    let before = so_far();
    #[cfg(feature = "idioms")]
    crate::live::reset();
    ASKED.store(true, Ordering::SeqCst);
    let output = future.await;
    ASKED.store(false, Ordering::SeqCst);
    let after = so_far();
    let allocated = Allocated {
        allocations: after.allocations - before.allocations,
        bytes: after.bytes - before.bytes,
    };
    (output, allocated)
}

fn so_far() -> Allocated {
    Allocated {
        allocations: ALLOCATIONS.load(Ordering::SeqCst),
        bytes: BYTES.load(Ordering::SeqCst),
    }
}

/// The system's allocator, which says how often it was asked.
struct Counting;

#[inline]
fn note(bytes: usize) {
    if ASKED.load(Ordering::Relaxed) {
        count(bytes);
    }
}

/// Out of the way of those who are not counted.
#[cold]
fn count(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    #[cfg(feature = "idioms")]
    crate::live::allocated(bytes);
}

/// Nobody asks what is freed but where ways to put branches together are compared.
#[inline]
fn note_freed(bytes: usize) {
    #[cfg(feature = "idioms")]
    if ASKED.load(Ordering::Relaxed) {
        crate::live::freed(bytes);
    }
    #[cfg(not(feature = "idioms"))]
    let _ = bytes;
}

// SAFETY: every method hands its arguments to the same method of `System`, which is a `GlobalAlloc`,
// and returns what that returns. What is done besides, to atomics, neither allocates nor unwinds.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller promises of `layout` what `System` asks of it.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller promises of `layout` what `System` asks of it.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note_freed(layout.size());
        note(size);
        // SAFETY: the caller got `block` from this allocator with this `layout`, and so from
        // `System`; of `size` it promises what `System` asks.
        unsafe { System.realloc(block, layout, size) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note_freed(layout.size());
        // SAFETY: the caller got `block` from this allocator with this `layout`, and so from
        // `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use futures_lite::future::block_on;

    use super::*;
    use crate::witness::ALONE;

    /// Other tests of this process allocate meanwhile, on their threads. A layout that nothing else
    /// asks for would not help, since all count; so it is tried until nobody was beside it.
    fn quietly(expected: Allocated, work: impl Fn()) {
        let _alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut seen = Vec::new();
        for _ in 0..1_000 {
            let ((), allocated) = block_on(of(async { work() }));
            if allocated == expected {
                return;
            }
            seen.push(allocated);
        }
        panic!("never {expected:?}, but {:?}", &seen[..5]);
    }

    #[test]
    fn what_is_allocated_is_counted_by_hand() {
        quietly(Allocated::default(), || ());
        let two_boxes = Allocated {
            allocations: 2,
            bytes: 8 + 100,
        };
        quietly(two_boxes, || {
            black_box((Box::new(7_u64), Box::new([0_u8; 100])));
        });
        let zeroed = Allocated {
            allocations: 1,
            bytes: 4_000,
        };
        quietly(zeroed, || {
            black_box(vec![0_u32; 1_000]);
        });
        // 10 bytes, and 30 when it is grown.
        let grown = Allocated {
            allocations: 2,
            bytes: 40,
        };
        quietly(grown, || {
            let mut bytes: Vec<u8> = black_box(Vec::with_capacity(10));
            bytes.reserve_exact(30);
            black_box(bytes);
        });
    }

    #[test]
    fn nothing_counts_unless_it_is_asked() {
        let _alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = so_far();
        for _ in 0..100 {
            black_box(Box::new(7_u64));
        }
        assert_eq!(so_far(), before);
    }

    #[test]
    fn other_threads_count_too() {
        let _alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let (_, allocated) = block_on(of(async {
            let boxes = std::thread::spawn(|| {
                for _ in 0..1_000 {
                    black_box(Box::new([0_u8; 64]));
                }
            });
            boxes.join().unwrap();
        }));
        assert!(allocated.allocations >= 1_000, "{allocated:?}");
        assert!(allocated.bytes >= 64_000, "{allocated:?}");
    }
}
