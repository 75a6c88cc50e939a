//! What a check observed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What a check observed: a word for each aspect. Clones share it, so that a task can note what it
/// sees, and a check that ends in a panic has still told what it saw before.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<BTreeMap<String, String>>>);

impl Seen {
    /// Notes what was seen of an aspect, in place of what was noted of it before.
    pub fn note(&self, aspect: &str, word: impl ToString) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.insert(aspect.to_owned(), word.to_string());
    }

    /// All that was noted.
    #[must_use]
    pub fn words(&self) -> BTreeMap<String, String> {
        let words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.clone()
    }
}
