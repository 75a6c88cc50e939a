//! A cell: one scenario, put together with one primitive, on one configuration of one runtime.
//!
//! Its name is how people and files speak of it: `smol:workers@2/digest/spawn@4`, that is
//! RUNTIME:FLAVOUR@WORKERS/SCENARIO/PRIMITIVE@BRANCHES, with `/worker` behind it when the parent runs
//! in a spawned task, and `/again` when it is a second arm of the same cell: two arms that are alike
//! show how often a difference is seen where there is none. A scenario's name may hold a slash.

use crate::config_id::ConfigId;
use std::{fmt, str::FromStr};

use harness_protocol::{Primitive, Root};
use serde::{Deserialize, Serialize};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cell {
    /// Which configuration.
    pub id: ConfigId,
    /// Where the parent runs.
    pub root: Root,
    /// The scenario's name.
    pub scenario: String,
    /// How the branches are put together.
    pub primitive: Primitive,
    /// n.
    pub branches: usize,
    /// Whether it is the second of two arms that are alike.
    pub again: bool,
}

/// In files a cell is its name.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Cell {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cell".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let primitives = PRIMITIVES.map(primitive_name).join("|");
        schemars::json_schema!({
            "description": "One cell: RUNTIME:FLAVOUR@WORKERS/SCENARIO/PRIMITIVE@BRANCHES, and behind it \
                            /worker where its parent runs in a spawned task, and /again for the second \
                            of two arms that are alike.",
            "type": "string",
            "pattern": format!(
                "^[^:@/]+:[^:@/]+@[1-9][0-9]*/.+/({primitives})@[1-9][0-9]*(/worker)?(/again)?$"
            ),
        })
    }
}

/// A cell as a person writes it, who leaves out what has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialCell {
    /// The runtime's name.
    pub runtime: String,
    /// The flavour, if named.
    pub flavour: Option<String>,
    /// Workers, if named.
    pub workers: Option<usize>,
    /// The root, if named.
    pub root: Option<Root>,
    /// The scenario's name.
    pub scenario: String,
    /// The primitive.
    pub primitive: Primitive,
    /// n, if named.
    pub branches: Option<usize>,
    /// Whether it is the second of two arms that are alike.
    pub again: bool,
}

/// How people read a root.
#[must_use]
pub fn root_name(root: Root) -> &'static str {
    match root {
        Root::BlockOn => "block_on",
        Root::Worker => "worker",
    }
}

/// The name of a primitive, as `--primitive` takes it.
#[must_use]
pub fn primitive_name(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Sequential => "sequential",
        Primitive::Compose => "compose",
        Primitive::Spawn => "spawn",
        Primitive::Dispatch => "dispatch",
        Primitive::SpawnBlocking => "spawn_blocking",
    }
}

/// Every primitive, in the order of the tables.
pub const PRIMITIVES: [Primitive; 5] = [
    Primitive::Sequential,
    Primitive::Compose,
    Primitive::Spawn,
    Primitive::Dispatch,
    Primitive::SpawnBlocking,
];

/// The primitive of this name.
#[must_use]
pub fn primitive_of(name: &str) -> Option<Primitive> {
    PRIMITIVES
        .into_iter()
        .find(|&primitive| primitive_name(primitive) == name)
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id:
                ConfigId {
                    runtime,
                    flavour,
                    workers,
                },
            scenario,
            branches,
            ..
        } = self;
        let primitive = primitive_name(self.primitive);
        write!(
            f,
            "{runtime}:{flavour}@{workers}/{scenario}/{primitive}@{branches}"
        )?;
        match self.root {
            Root::BlockOn => {}
            Root::Worker => write!(f, "/worker")?,
        }
        if self.again {
            write!(f, "/again")
        } else {
            Ok(())
        }
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> Self {
        cell.to_string()
    }
}

impl FromStr for PartialCell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || {
            format!(
                "`{text}` names no cell; write RUNTIME[:FLAVOUR][@WORKERS]/SCENARIO/PRIMITIVE[@BRANCHES][/worker], \
                 for example smol/digest/spawn"
            )
        };
        let (rest, again) = match text.strip_suffix("/again") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (rest, root) = match rest.rsplit_once('/') {
            Some((rest, "worker")) => (rest, Some(Root::Worker)),
            Some((rest, "block_on")) => (rest, Some(Root::BlockOn)),
            _ => (rest, None),
        };
        // What is between the first slash and the last is the scenario, slashes and all.
        let Some((runtime, rest)) = rest.split_once('/') else {
            return Err(shape());
        };
        let Some((scenario, primitive)) = rest.rsplit_once('/') else {
            return Err(shape());
        };
        let (runtime, workers) = numbered(runtime)?;
        let (runtime, flavour) = match runtime.split_once(':') {
            Some((runtime, flavour)) => (runtime, Some(flavour.to_owned())),
            None => (runtime, None),
        };
        let (primitive, branches) = numbered(primitive)?;
        let primitive = primitive_of(primitive).ok_or_else(|| {
            format!(
                "`{text}`: no primitive is called `{primitive}`; there are {}",
                PRIMITIVES.map(primitive_name).join(", ")
            )
        })?;
        Ok(Self {
            runtime: runtime.to_owned(),
            flavour,
            workers,
            root,
            scenario: scenario.to_owned(),
            primitive,
            branches,
            again,
        })
    }
}

/// Splits `name@7` into the name and the number.
fn numbered(text: &str) -> Result<(&str, Option<usize>), String> {
    match text.split_once('@') {
        None => Ok((text, None)),
        Some((name, number)) => match number.parse() {
            Ok(0) | Err(_) => Err(format!(
                "`{text}`: `{number}` is no whole number of at least 1"
            )),
            Ok(number) => Ok((name, Some(number))),
        },
    }
}

impl TryFrom<String> for Cell {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let partial: PartialCell = text.parse()?;
        let whole = |part| format!("`{text}` leaves out the {part}");
        Ok(Self {
            id: ConfigId {
                runtime: partial.runtime,
                flavour: partial.flavour.ok_or_else(|| whole("flavour"))?,
                workers: partial.workers.ok_or_else(|| whole("workers"))?,
            },
            root: partial.root.unwrap_or(Root::BlockOn),
            scenario: partial.scenario,
            primitive: partial.primitive,
            branches: partial.branches.ok_or_else(|| whole("branches"))?,
            again: partial.again,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_the_cell_that_it_names() {
        for text in [
            "smol:workers@2/digest/spawn@4",
            "glommio:pool@8/timers/spawn_blocking@1/worker",
            "glommio:pool@8/timers/compose@3/again",
            "glommio:pool@8/timers/compose@3/worker/again",
            "smol:workers@2/field/hot-loop/spawn@4/worker",
        ] {
            let cell = Cell::try_from(text.to_owned()).unwrap();
            assert_eq!(cell.to_string(), text);
        }
    }

    #[test]
    fn a_person_may_leave_out_what_has_a_default() {
        let cell: PartialCell = "smol/digest/spawn".parse().unwrap();
        assert_eq!(
            (cell.flavour, cell.workers, cell.branches),
            (None, None, None)
        );
    }

    #[test]
    fn a_bad_name_is_told_what_is_bad() {
        let error = |text: &str| text.parse::<PartialCell>().unwrap_err();
        assert!(error("smol").contains("RUNTIME"));
        assert!(error("smol/digest/joni").contains("no primitive is called `joni`"));
        assert!(error("smol@none/digest/spawn").contains("whole number"));
        assert!(error("smol@0/digest/spawn").contains("whole number"));
        assert!(error("smol/digest").contains("RUNTIME"));
        assert!(
            error("smol/digest/spawn/elsewhere").contains("no primitive is called `elsewhere`")
        );
    }
}
