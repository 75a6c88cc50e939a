//! What the calling thread is in the middle of: whose poll it is, and under the scopes of which calls.
//!
//! That is how a branch is known to be composed (its call's scope is being polled on this very thread, further up
//! the stack), and how a wake is known to come from a sibling's poll.

use std::cell::{Cell, RefCell};

use super::woken::Who;

#[derive(Clone, Copy)]
struct Here {
    /// 0 outside all calls.
    call: u64,
    who: Who,
    /// How many calls are on the stack below this one.
    outer: u32,
}

const NOWHERE: Here = Here {
    call: 0,
    who: Who::OUTSIDE,
    outer: 0,
};

thread_local! {
    static HERE: Cell<Here> = const { Cell::new(NOWHERE) };
    /// The calls below the current one. A call within a call is rare, and only then is this touched.
    static OUTER: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The thread is in a poll until this is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    before: (u64, Who, u32),
    pushed: bool,
}

/// The thread begins to poll `who` of `call`. Says what it was in the middle of: the branch or the scope of the same
/// call around it, if there is one on the stack.
#[inline]
pub(crate) fn enter(call: u64, who: Who) -> (Entered, Option<Who>) {
    let before = HERE.get();
    let another = before.call != 0 && before.call != call;
    let around = if before.call == call {
        Some(before.who)
    } else if before.outer > 0 {
        further_up(call)
    } else {
        None
    };
    if another {
        push(before.call);
    }
    HERE.set(Here {
        call,
        who,
        outer: before.outer + u32::from(another),
    });
    let entered = Entered {
        before: (before.call, before.who, before.outer),
        pushed: another,
    };
    (entered, around)
}

/// Whose poll of `call` the thread is in the middle of.
#[inline]
pub(crate) fn who(call: u64) -> Who {
    let here = HERE.get();
    if here.call == call {
        here.who
    } else {
        Who::OUTSIDE
    }
}

#[cold]
fn further_up(call: u64) -> Option<Who> {
    // Which of its polls it was is not kept; that it is on the stack is what counts.
    let found = OUTER.try_with(|outer| outer.borrow().contains(&call));
    found.unwrap_or(false).then_some(Who::SCOPE)
}

#[cold]
fn push(call: u64) {
    // An error means that the thread is being torn down; what is polled then is at worst taken for placed.
    let _ = OUTER.try_with(|outer| outer.borrow_mut().push(call));
}

#[cold]
fn pop() {
    let _ = OUTER.try_with(|outer| outer.borrow_mut().pop());
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        let (call, who, outer) = self.before;
        HERE.set(Here { call, who, outer });
        if self.pushed {
            pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Who = Who::branch(0);
    const B: Who = Who::branch(1);

    #[test]
    fn a_branch_under_its_scope_is_seen_and_the_scope_is_back_after_it() {
        assert_eq!(enter(1, A).1, None, "nothing around it");
        let (scope, around) = enter(1, Who::SCOPE);
        assert_eq!(around, None);
        let (branch, around) = enter(1, A);
        assert_eq!((around, who(1)), (Some(Who::SCOPE), A));
        assert_eq!(enter(1, B).1, Some(A), "within a branch");
        drop(branch);
        assert_eq!(who(1), Who::SCOPE);
        drop(scope);
        assert_eq!(who(1), Who::OUTSIDE);
    }

    #[test]
    fn another_call_in_between_hides_nothing() {
        let _scope = enter(1, Who::SCOPE);
        let inner = enter(2, Who::SCOPE).0;
        assert_eq!(who(1), Who::OUTSIDE, "a wake is the inner call's");
        assert_eq!(enter(1, A).1, Some(Who::SCOPE));
        assert_eq!(enter(3, A).1, None);
        drop(inner);
        assert_eq!(who(1), Who::SCOPE);
        assert_eq!(enter(2, A).1, None, "it is no longer on the stack");
    }

    #[test]
    fn what_has_left_the_stack_is_not_found_below_others() {
        let first = enter(1, Who::SCOPE).0;
        drop(enter(2, Who::SCOPE));
        drop(first);
        let _second = enter(2, Who::SCOPE);
        let _third = enter(3, Who::SCOPE);
        assert_eq!(enter(1, A).1, None);
        assert_eq!(enter(2, A).1, Some(Who::SCOPE));
    }

    #[test]
    fn threads_are_apart() {
        let _scope = enter(1, Who::SCOPE);
        let there = std::thread::spawn(|| enter(1, A).1).join().unwrap();
        assert_eq!(there, None);
    }

    #[test]
    fn a_panic_leaves_the_thread_where_it_was() {
        let caught = std::panic::catch_unwind(|| {
            let _entered = enter(7, A);
            panic!("as a branch may");
        });
        assert!(caught.is_err());
        assert_eq!(who(7), Who::OUTSIDE);
    }
}
