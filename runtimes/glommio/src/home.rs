//! Values that stay on their thread: `Send` to the compiler, and checked whenever they are used.
//!
//! The kept crate for this, `send_wrapper`, asks the standard library for the thread's id, which counts the thread's
//! handle up and down: some five nanoseconds each of the three times that a spawned task's handle is checked in its life, a third
//! of what glommio takes to spawn it (docs/COSTS.md). Here a thread's number lies in a variable of
//! its own.

use std::{
    cell::Cell,
    fmt,
    mem::{ManuallyDrop, needs_drop},
    pin::Pin,
    process,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
};

/// The number of this thread: never that of another, not even of one that has ended.
fn here() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
        }
        number.get()
    })
}

/// A value that is used and dropped on the thread that made it. It can be moved elsewhere and back; dropped elsewhere, it ends
/// the process.
pub(crate) struct Home<T> {
    thread: u64,
    value: ManuallyDrop<T>,
}

#[allow(unsafe_code)]
// SAFETY: on another thread the value cannot be reached. It is private, and every way to it (`get_mut`, `into_inner`, and
// through `get_mut` the poll) first compares the number of the thread that made it with that of the one that asks, and panics
// where they differ; the drop compares them too, and ends the process. No two threads ever have one number.
unsafe impl<T> Send for Home<T> {}

impl<T> Home<T> {
    /// A value of this thread.
    pub(crate) fn new(value: T) -> Self {
        Self {
            thread: here(),
            value: ManuallyDrop::new(value),
        }
    }

    fn is_here(&self) -> bool {
        self.thread == here()
    }

    fn check(&self) {
        assert!(self.is_here(), "{ELSEWHERE}");
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// On another thread.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.check();
        &mut self.value
    }

    /// The value, out of here.
    ///
    /// # Panics
    ///
    /// On another thread.
    #[allow(unsafe_code)]
    pub(crate) fn into_inner(self) -> T {
        self.check();
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped and not used again, so the value is taken once.
        unsafe { ManuallyDrop::take(&mut this.value) }
    }
}

const ELSEWHERE: &str = "a value of glommio's was used or dropped on another thread than its own";

impl<T> Drop for Home<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if !needs_drop::<T>() {
            return;
        }
        if self.is_here() {
            // SAFETY: this is the drop of the whole, which comes once, and nothing reads the value after it.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        } else {
            // To leave it undropped would be worse: something may still point to a value that was pinned, and its memory
            // is about to be another's.
            eprintln!("{ELSEWHERE}");
            process::abort();
        }
    }
}

impl<T: Future> Future for Home<T> {
    type Output = T::Output;

    #[allow(unsafe_code)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        // SAFETY: the value is pinned as the whole is. It is dropped in its place, or the process ends; `into_inner`, which moves
        // it, wants the whole by value, and that can be had of what is pinned only if both are `Unpin`; and `get_mut`
        // hands out `&mut T` by `&mut self`, of which the same is true.
        let value = unsafe { self.map_unchecked_mut(Self::get_mut) };
        value.poll(context)
    }
}

impl<T> fmt::Debug for Home<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        future::{pending, ready},
        process::Command,
        rc::Rc,
        task::Waker,
        thread,
    };

    use super::*;

    fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> thread::Result<T> {
        thread::scope(|scope| scope.spawn(work).join())
    }

    fn says_why<T>(result: thread::Result<T>) {
        let panic = result.err().unwrap();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), ELSEWHERE);
    }

    #[test]
    fn threads_have_numbers_of_their_own() {
        let mut numbers = vec![here(), here()];
        assert_eq!(numbers[0], numbers[1]);
        numbers.extend((0..20).map(|_| elsewhere(here).unwrap()));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 21);
    }

    #[test]
    fn a_value_can_travel_and_is_used_and_dropped_at_home() {
        let counted = Rc::new(7);
        let home = Home::new(Rc::clone(&counted));
        let mut home = elsewhere(move || home).unwrap();
        assert_eq!(**home.get_mut(), 7);
        assert_eq!(Rc::strong_count(&counted), 2);
        drop(home);
        assert_eq!(Rc::strong_count(&counted), 1);
        assert_eq!(*Home::new(Rc::clone(&counted)).into_inner(), 7);
        assert_eq!(Rc::strong_count(&counted), 1);
        // Of what needs no drop there is nothing to guard.
        let plain = Home::new(7);
        elsewhere(move || drop(plain)).unwrap();
    }

    #[test]
    fn a_value_is_not_used_elsewhere() {
        let mut home = Home::new(Rc::new(7));
        says_why(elsewhere(|| {
            home.get_mut();
        }));
        assert_eq!(**home.get_mut(), 7);
        let plain = Home::new(7);
        says_why(elsewhere(move || plain.into_inner()));
    }

    #[test]
    fn a_future_is_polled_at_home() {
        let mut context = Context::from_waker(Waker::noop());
        let mut done = Box::pin(Home::new(ready(7)));
        assert_eq!(done.as_mut().poll(&mut context), Poll::Ready(7));
        let mut open = Box::pin(Home::new(pending::<u8>()));
        says_why(elsewhere(|| {
            let mut context = Context::from_waker(Waker::noop());
            let _ = open.as_mut().poll(&mut context);
        }));
    }

    #[test]
    fn a_value_that_is_dropped_elsewhere_ends_the_process() {
        let mut again = Command::new(env::current_exe().unwrap());
        again.args(["--exact", "home::tests::drops_elsewhere", "--ignored"]);
        let output = again.arg("--nocapture").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(ELSEWHERE), "{said}");
        assert_eq!(output.status.code(), None, "a signal ends it");
    }

    #[test]
    #[ignore = "ends its process: the test above starts it in one of its own"]
    fn drops_elsewhere() {
        let home = Home::new(Rc::new(7));
        let _ = elsewhere(move || drop(home));
    }
}
