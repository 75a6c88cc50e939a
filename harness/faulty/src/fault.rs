//! What is to go wrong, and when.

use std::{
    env,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde_json::Value;

/// The variable that says it.
const FAULTY: &str = "FAULTY";

/// A fault of this process.
pub(crate) struct Fault {
    /// How it goes wrong.
    pub(crate) kind: String,
    /// What that does exactly.
    pub(crate) seed: u64,
    stage: String,
    one_in: u64,
}

fn told() -> Option<Value> {
    serde_json::from_str(&env::var(FAULTY).ok()?).ok()
}

impl Fault {
    /// The fault of the runtime of this name, if it has one.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let told = told()?;
        let text = |key: &str| told[key].as_str().map(str::to_owned);
        (text("of")? == name).then_some(Self {
            kind: text("kind")?,
            seed: told["seed"].as_u64()?,
            stage: text("stage")?,
            one_in: told["one_in"].as_u64()?.max(1),
        })
    }

    /// The nonce of questions that calibrate.
    pub(crate) fn calibrates() -> Option<u64> {
        told()?["calibrates"].as_u64()
    }

    /// Where whole answers are noted.
    pub(crate) fn notes() -> Option<String> {
        told()?["notes"].as_str().map(str::to_owned)
    }

    /// Whether it does not even read what it is asked, and so at every stage.
    pub(crate) fn is_deaf(&self) -> bool {
        self.kind == "deaf"
    }

    /// Whether this is a question that it goes wrong at: of this stage, in these words.
    pub(crate) fn hits(&self, stage: &str, request: &str) -> bool {
        if self.stage != stage {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (self.seed, request.trim_end()).hash(&mut hasher);
        hasher.finish().is_multiple_of(self.one_in)
    }

    /// What it does, drawn from its seed alone.
    pub(crate) fn random(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }
}
