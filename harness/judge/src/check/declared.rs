//! What an adapter cannot say of itself: names that nothing can be called by, things named twice, and more than any
//! runtime has.
//!
//! A run applies this when it hears the adapter, and [`check`](super::check) when it reads the record: what is
//! recorded is what can be read again.

use std::collections::BTreeSet;

use harness_protocol::{Flavour, Promise, Semantics, Threads, Workers};
use harness_record::plan::MOST_WORKERS;

use super::Wrongs;

/// More flavours than any runtime has. Each may take half a minute to be found hanging.
const MOST_FLAVOURS: usize = 32;
/// More promises than any adapter makes; each is tried on every flavour, in a process of its own.
const MOST_CHECKS: usize = 256;
/// More threads than any pool starts.
const MOST_THREADS: usize = 1 << 16;
/// A longer name is no name: it stands in tables, and in each line of a record.
const LONGEST_NAME: usize = 80;

/// An adapter's word on itself.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    /// The runtime's name.
    pub name: &'a str,
    /// The version of the runtime.
    pub version: Option<&'a str>,
    /// Why it cannot run here.
    pub unavailable: Option<&'a str>,
    /// Its flavours.
    pub flavours: &'a [Flavour],
    /// The promises that it can be asked to show.
    pub checks: &'a [Promise],
}

/// Adds what is wrong with it; `at` is where it stands.
pub(super) fn check(declared: Declared<'_>, at: &str, wrongs: &mut Wrongs) {
    let at = |rest: &str| format!("{at}/{rest}");
    let Declared {
        name,
        version,
        unavailable,
        flavours,
        checks,
    } = declared;
    wrongs.unless(is_name(name), &at("name"), || not_a_name(name));
    let usable = unavailable.is_some() || !flavours.is_empty();
    wrongs.unless(usable, &at("flavours"), || {
        "there is none, nor a reason why in unavailable".to_owned()
    });
    for (field, text) in [("version", version), ("unavailable", unavailable)] {
        wrongs.unless(text != Some(""), &at(field), || "it is empty".to_owned());
    }
    for (field, count, most) in [
        ("flavours", flavours.len(), MOST_FLAVOURS),
        ("checks", checks.len(), MOST_CHECKS),
    ] {
        wrongs.unless(count <= most, &at(field), || {
            format!("there are {count}, and {most} are the most that anybody may have")
        });
    }
    let flavour_names = flavours.iter().map(|flavour| flavour.name.as_str());
    names(flavour_names, &at("flavours"), wrongs);
    let check_names = checks.iter().map(|check| check.name.as_str());
    names(check_names, &at("checks"), wrongs);
    for (index, flavour) in flavours.iter().enumerate() {
        let at = at(&format!("flavours/{index}"));
        wrongs.unless(
            flavour.unavailable.as_deref() != Some(""),
            &format!("{at}/unavailable"),
            || "it is empty".to_owned(),
        );
        if let Workers::Fixed(workers) = flavour.workers {
            wrongs.unless(
                (1..=MOST_WORKERS).contains(&workers),
                &format!("{at}/workers"),
                || format!("{workers} stands where a number from 1 to {MOST_WORKERS} is expected"),
            );
        }
        let unasked = flavour.unasked_workers;
        wrongs.unless(
            unasked.is_none_or(|workers| (1..=MOST_WORKERS).contains(&workers)),
            &format!("{at}/unasked_workers"),
            || format!("a number from 1 to {MOST_WORKERS} is expected"),
        );
        for (broken, breaks) in flavour.breaks.iter().enumerate() {
            let known = checks.iter().any(|check| check.name == *breaks);
            wrongs.unless(known, &format!("{at}/breaks/{broken}"), || {
                format!("the adapter of {name} offers no check \"{breaks}\"")
            });
        }
        threads(&flavour.semantics, &format!("{at}/semantics"), wrongs);
    }
}

fn threads(semantics: &Semantics, at: &str, wrongs: &mut Wrongs) {
    for (field, threads, least) in [
        ("spawn", Some(semantics.spawn), 1),
        ("dispatch", semantics.dispatch, 1),
        // Some have no pool for what blocks.
        ("blocking", Some(semantics.blocking), 0),
    ] {
        if let Some(Threads::Fixed(threads)) = threads {
            wrongs.unless(
                (least..=MOST_THREADS).contains(&threads),
                &format!("{at}/{field}"),
                || {
                    format!(
                        "{threads} stands where a number from {least} to {MOST_THREADS} is expected"
                    )
                },
            );
        }
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>, at: &str, wrongs: &mut Wrongs) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        let at = format!("{at}/{index}/name");
        wrongs.unless(is_name(name), &at, || not_a_name(name));
        wrongs.unless(seen.insert(name), &at, || {
            format!("\"{name}\" is there twice")
        });
    }
}

/// Whether something can be called so: in the name of a cell, and in a table.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && text.chars().all(is_plain)
}

fn not_a_name(text: &str) -> String {
    let text = harness_record::text::one_line(text, LONGEST_NAME);
    format!(
        "\"{text}\" stands where a name is expected, of at most {LONGEST_NAME} letters, digits, - _ . and +"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::wrong_with_adapter;
    use harness_record::fabricated::{flavour, smol};

    fn says(change: impl FnOnce(&mut Vec<Flavour>)) -> Option<String> {
        let mut flavours = smol().flavours;
        change(&mut flavours);
        wrong_with_adapter(Declared {
            name: "smol",
            version: None,
            unavailable: None,
            flavours: &flavours,
            checks: &[],
        })
    }

    #[test]
    fn what_an_adapter_says_of_itself_can_be_written_and_read_again() {
        assert_eq!(says(|_| ()), None);
        let wrong = |change: fn(&mut Vec<Flavour>)| says(change).unwrap();
        for name in [
            "",
            "../../x",
            "a b",
            "a:b",
            "a@2",
            "a\u{1b}[31m",
            &"x".repeat(81),
        ] {
            let why = says(|all| all[1].name = name.to_owned()).unwrap();
            let begins = "flavours[1].name: \"";
            assert!(why.starts_with(begins) && !why.contains('\u{1b}'), "{why}");
        }
        assert_eq!(
            wrong(|all| all[1].name = "default".to_owned()),
            "flavours[1].name: \"default\" is there twice"
        );
        assert_eq!(
            wrong(Vec::clear),
            "flavours: there is none, nor a reason why in unavailable"
        );
        let many = |n: usize| {
            let one = |n: usize| flavour(&n.to_string(), Workers::PerCore, Threads::Workers, None);
            says(|all| *all = (0..n).map(one).collect())
        };
        assert_eq!(many(MOST_FLAVOURS), None);
        assert_eq!(
            many(MOST_FLAVOURS + 1).unwrap(),
            "flavours: there are 33, and 32 are the most that anybody may have"
        );
        for workers in [0, 1025, usize::MAX] {
            let why = says(|all| all[0].workers = Workers::Fixed(workers)).unwrap();
            assert!(why.starts_with("flavours[0].workers: "), "{why}");
        }
        for threads in [0, usize::MAX] {
            let why = says(|all| all[0].semantics.spawn = Threads::Fixed(threads)).unwrap();
            assert!(why.starts_with("flavours[0].semantics.spawn: "), "{why}");
        }
        let blocking = |threads| says(|all| all[0].semantics.blocking = Threads::Fixed(threads));
        assert_eq!(blocking(0), None, "there may be no pool");
        assert!(blocking(usize::MAX).is_some());
    }
}
