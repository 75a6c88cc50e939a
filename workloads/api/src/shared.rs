//! A value that the branches of one sample share.

use std::{
    any::{Any, type_name},
    fmt,
    sync::Arc,
};

/// What [`Workload::share`](crate::Workload::share) made: a lock, a channel, a pool, or nothing.
///
/// Of any type, so that a workload which shares nothing says nothing of it. Cloning it clones no value.
#[derive(Clone, Default)]
pub struct Shared(Option<Arc<dyn Any + Send + Sync>>);

impl Shared {
    /// This value, for all branches of a sample.
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// When nothing is shared, or a value of another type.
    #[must_use]
    #[track_caller]
    pub fn get<T: Send + Sync + 'static>(&self) -> &T {
        let wanted = type_name::<T>();
        let Some(value) = &self.0 else {
            panic!(
                "no value is shared, and a branch asked for a {wanted}: `Workload::share` makes it"
            );
        };
        value.downcast_ref().unwrap_or_else(|| {
            panic!("what is shared is no {wanted}: a branch asks for the type that `Workload::share` made")
        })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Shared(a value)"
        } else {
            "Shared(nothing)"
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn all_who_ask_reach_the_same_value() {
        let shared = Shared::new(Mutex::new(1));
        *shared.clone().get::<Mutex<i32>>().lock().unwrap() += 1;
        assert_eq!(*shared.get::<Mutex<i32>>().lock().unwrap(), 2);
    }

    #[test]
    #[should_panic(expected = "no value is shared, and a branch asked for a u32")]
    fn where_nothing_is_shared_that_is_said() {
        let _ = Shared::default().get::<u32>();
    }

    #[test]
    #[should_panic(expected = "what is shared is no u32")]
    fn another_type_is_not_taken_for_the_one_that_was_asked_for() {
        let _ = Shared::new(7_u64).get::<u32>();
    }
}
