//! How the adapters were built.

use serde::{Deserialize, Serialize};

/// How adapters were built, as `adapters.json` records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Built {
    /// Cargo's profile.
    pub profile: String,
    /// `rustc --version`.
    #[serde(default)]
    pub rustc: Option<String>,
    /// What else it says of itself, a line each.
    #[serde(default)]
    pub toolchain: Vec<String>,
    /// The revision of the checkout, with `+` behind it if it had changes.
    #[serde(default)]
    pub revision: Option<String>,
    /// The harness that built them.
    pub harness: String,
    /// What was done about variables that change code.
    pub environment: Environment,
}

/// Variables that change what a build makes, each as `NAME=value`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Environment {
    /// Set, but taken from the builds: they would measure something else than the next user's.
    pub scrubbed: Vec<String>,
    /// Set, and left: they choose tools, without which the build may be impossible.
    pub kept: Vec<String>,
}
