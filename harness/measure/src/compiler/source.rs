//! The crate that is compiled: the cases with the spawns put in, and which lines are whose.

use std::{fmt::Write as _, ops::Range};

use harness_record::demands::{BRANCH, Spawn, cases::Case};

/// Which of a case's two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Refused,
    Twin,
}

/// One function of one case with one spawn: by their places in the lists that were asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) spawn: usize,
    pub(super) case: usize,
    pub(super) half: Half,
}

/// A crate, and where in it each function stands (lines, from 1).
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) text: String,
    places: Vec<(Range<usize>, Function)>,
}

impl Crate {
    /// The function on this line.
    pub(super) fn at(&self, line: usize) -> Option<Function> {
        self.places
            .iter()
            .find(|(lines, _)| lines.contains(&line))
            .map(|&(_, function)| function)
    }
}

/// Every function there is.
pub(super) fn functions(spawns: &[Spawn], cases: &[Case]) -> Vec<Function> {
    let mut functions = Vec::new();
    for spawn in 0..spawns.len() {
        for case in 0..cases.len() {
            functions.extend([Half::Refused, Half::Twin].map(|half| Function {
                spawn,
                case,
                half,
            }));
        }
    }
    functions
}

/// The crate that has these functions.
///
/// `spawn!` is a macro and no function, so that its argument can stand in a closure.
pub(super) fn of(spawns: &[Spawn], cases: &[Case], functions: &[Function]) -> Crate {
    let mut made = Crate {
        text: "pub async fn pause() {}\n".to_owned(),
        places: Vec::new(),
    };
    for (number, &function) in functions.iter().enumerate() {
        let call = spawns[function.spawn]
            .call
            .replace(BRANCH, "$($branch)*")
            // One line, so that nothing but a function is on a function's lines.
            .replace('\n', " ");
        let (head, text) = half(cases[function.case].text, function.half);
        // Writing to a string does not fail.
        let _ = write!(
            made.text,
            "mod case_{number} {{\nuse super::pause;\n\
             macro_rules! spawn {{ ($($branch:tt)*) => {{ {call} }} }}\n{head}\n"
        );
        let first = made.text.lines().count() + 1;
        made.text.push_str(text);
        made.text.push('\n');
        made.places
            .push((first..made.text.lines().count() + 1, function));
        made.text.push_str("}\n");
    }
    made
}

/// What stands above a case's functions, and one of the functions.
fn half(text: &str, half: Half) -> (&str, &str) {
    let start = |name: &str| text.find(name).unwrap_or(text.len());
    let (refused, twin) = (start("fn refused"), start("fn twin"));
    let head = &text[..refused.min(twin)];
    match half {
        Half::Refused => (head, text.get(refused..twin).unwrap_or_default().trim_end()),
        Half::Twin => (head, text[twin..].trim_end()),
    }
}
