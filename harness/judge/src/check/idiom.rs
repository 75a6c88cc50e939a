//! What cannot be true of branches that count for themselves.

use harness_protocol::{Idiom, Others};

use workload_catalogue::{Scenario, scenario};

use super::Wrongs;
use harness_record::cell::Cell;

/// Adds what is wrong with it.
pub(super) fn check(idiom: Option<&Idiom>, at: &str, cell: &Cell, wrongs: &mut Wrongs) {
    let belongs = scenario(&cell.scenario).is_some_and(Scenario::is_idiom);
    wrongs.unless(belongs == idiom.is_some(), &format!("{at}/idiom"), || {
        "it stands with a way to put branches together, and only there".to_owned()
    });
    let Some(idiom) = idiom else { return };
    let n = cell.branches as u64;
    let mut at_most = |part: u64, whole: u64, field: &str, of: &str| {
        wrongs.unless(part <= whole, &format!("{at}/idiom/{field}"), || {
            format!("{part} is more than {of}, {whole}")
        });
    };
    at_most(idiom.begun, n, "begun", "its branches");
    at_most(idiom.wakes, n, "wakes", "its branches");
    at_most(idiom.waiting, idiom.begun, "waiting", "begun");
    at_most(idiom.inside.into(), n, "inside", "its branches");
    at_most(idiom.begun, idiom.polls, "polls", "that");
    let mut unless = |fine: bool, field: &str, why: &str| {
        wrongs.unless(fine, &format!("{at}/idiom/{field}"), || why.to_owned());
    };
    unless(
        idiom.stopped || idiom.begun == n && idiom.wakes == n,
        "stopped",
        "it was not stopped, and not all were woken",
    );
    for (field, others) in [
        ("first_fails", idiom.first_fails),
        ("last_fails", idiom.last_fails),
    ] {
        unless(
            others.is_none_or(|others| sum(others) + 1 == u128::from(n)),
            field,
            "each of the others is in one of these, and the one that failed in none",
        );
    }
}

fn sum(others: Others) -> u128 {
    let all = [others.finished, others.ran_on, others.dropped, others.left];
    all.into_iter().map(u128::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::fabricated::{cell, idioms::looked_at};

    fn wrong(change: impl FnOnce(&mut Idiom)) -> String {
        let cell = cell("smol:workers@2/idioms/select-all/compose@30");
        let mut idiom = looked_at(30).idiom.unwrap();
        change(&mut idiom);
        let mut wrongs = Wrongs::default();
        check(Some(&idiom), "", &cell, &mut wrongs);
        wrongs.first().unwrap_or_default()
    }

    #[test]
    fn it_stands_where_it_belongs_and_nowhere_else() {
        let found = |idiom: Option<&Idiom>, name: &str| {
            let mut wrongs = Wrongs::default();
            check(idiom, "", &cell(name), &mut wrongs);
            wrongs.first()
        };
        let idiom = looked_at(30).idiom;
        let way = "smol:workers@2/idioms/select-all/compose@30";
        assert_eq!(found(idiom.as_ref(), way), None);
        assert_eq!(found(None, "smol:workers@2/timers/compose@30"), None);
        for (idiom, name) in [
            (None, way),
            (idiom.as_ref(), "smol:workers@2/timers/compose@30"),
        ] {
            let why = found(idiom, name).unwrap();
            assert!(why.contains("only there"), "{why}");
        }
    }

    #[test]
    fn counts_add_up() {
        assert_eq!(wrong(|_| ()), String::new());
        assert!(wrong(|idiom| idiom.waiting = 31).contains("waiting"));
        assert!(wrong(|idiom| idiom.wakes = 29).contains("not all were woken"));
        assert!(wrong(|idiom| idiom.polls = 29).contains("polls"));
        assert!(wrong(|idiom| idiom.inside = 31).contains("inside"));
        let dropped = |idiom: &mut Idiom| idiom.first_fails = Some(Others::default());
        assert!(wrong(dropped).contains("first_fails"));
    }
}
