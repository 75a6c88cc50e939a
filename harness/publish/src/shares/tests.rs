//! Shares made up by hand, and joined.

use std::{fs, path::Path};

use harness_judge::check::{State, check};
use harness_record::{
    bundle::{CellStatus, Made, assemble},
    cell::Cell,
    fabricated::{MS, cell, header, options, sample, smol, threads, unasked},
    plan::{Partition, Rounds},
    promise::Tried,
};
use tempfile::TempDir;

use super::*;

const SMOL: &str = "smol:workers@2/timers/";

fn share(text: &str) -> Partition {
    text.parse().unwrap()
}

/// The head of a share of a plan of timers on smol, four rounds, which began in this second.
fn head(partition: &str, second: u32) -> Header {
    let options = Options {
        scenarios: vec!["timers".to_owned()],
        rounds: Rounds::Fixed(4),
        budget_ms: None,
        unverified: true,
        partition: Some(share(partition)),
        ..options()
    };
    let command = [
        "harness",
        "run",
        "--partition",
        partition,
        "--note",
        "two words",
    ];
    Header {
        started: format!("2026-01-02T03:04:{second:02}Z"),
        command: command.map(str::to_owned).to_vec(),
        ..header(vec![unasked(threads()), smol()], options, 2)
    }
}

fn prediction(wall_ns: u64) -> Event {
    Event::Prediction {
        cell: cell(&format!("{SMOL}compose@3")),
        wall_ns,
        wait_ns: 0,
        work_ns: 0,
        floor_ns: 0,
    }
}

fn round(block: u64, order: usize, name: Cell, wall_ms: f64) -> Event {
    Event::Round {
        block,
        cell: name,
        order,
        status: CellStatus::Ok,
        reason: None,
        stderr: String::new(),
        samples: vec![sample(wall_ms, 0.5)],
    }
}

/// A block of one round of each cell, all of which took this long.
fn block(number: u64, wall_ms: f64) -> Vec<Event> {
    let cells = Bundle::new(head("1/2", 0)).plan.groups[0].cells.clone();
    let mut events: Vec<Event> = (cells.into_iter().enumerate())
        .map(|(order, cell)| round(number, order, cell, wall_ms))
        .collect();
    events.push(Event::Block {
        block: number,
        runtime: "smol".to_owned(),
        scenario: "timers".to_owned(),
        took_ns: 1000 * MS,
        load: None,
        disturbed: None,
    });
    events
}

const COMPARISONS: Event = Event::Comparisons { comparisons: 9 };
const DONE: Event = Event::End { interrupted: false };

/// A share of two blocks that took so long.
fn events(wall_ms: f64) -> Vec<Event> {
    let head = [prediction(wall_ms as u64 * MS), COMPARISONS];
    let blocks = block(0, wall_ms).into_iter().chain(block(1, wall_ms));
    head.into_iter().chain(blocks).chain([DONE]).collect()
}

/// Where records lie.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Puts a record there, as a run would have left it; sealed, unless it did not come to its end.
    fn put(&self, name: &str, header: &Header, events: &[Event]) -> PathBuf {
        let place = TempDir::new_in(self.0.path()).unwrap();
        let written = assemble(place.path(), header, events, |_| Ok(())).unwrap();
        let folder = self.0.path().join(name);
        fs::rename(written, &folder).unwrap();
        if events.last() != Some(&DONE) {
            fs::remove_file(folder.join("seal.json")).unwrap();
        }
        folder
    }
}

/// All of these folders, which are of one plan, joined.
fn joined(folders: &[&Path]) -> Joined {
    let shares = |folder: &Path| Shares::of(Header::read(folder).unwrap(), folder).unwrap();
    let mut all = shares(folders[0]);
    for folder in &folders[1..] {
        assert!(
            all.take_in(shares(folder)).unwrap().is_none(),
            "another plan"
        );
    }
    all.join().unwrap()
}

/// What the rounds of a cell took, in the order of the record.
fn walls(joined: Joined) -> Vec<u64> {
    let cell = cell(&format!("{SMOL}compose@3"));
    let bundle = joined.bundle();
    let rounds = bundle
        .rounds(&cell)
        .map(|(_, round)| round.samples[0].wall_ns / MS);
    rounds.collect()
}

#[test]
fn shares_are_joined_in_their_order_whatever_that_in_which_they_came() {
    let place = Place::new();
    // The second began first.
    let one = place.put("one", &head("1/2", 20), &events(7.0));
    let two = place.put("two", &head("2/2", 10), &events(8.0));
    let there = joined(&[&one, &two]);
    assert!(there.missing.is_empty());
    assert_eq!(there.header.started, "2026-01-02T03:04:10Z");
    assert_eq!(there.header.options.partition, None);
    assert_eq!(
        there.header.command,
        ["harness", "run", "--note", "two words"]
    );
    let shares: Vec<_> = (there.header.shares.iter())
        .map(|share| (share.partition.to_string(), share.blocks))
        .collect();
    assert_eq!(shares, [("1/2".to_owned(), 2), ("2/2".to_owned(), 2)]);
    // What was found beforehand stands there once, as the first share found it.
    let before: Vec<&Event> = there.events.iter().take(3).collect();
    assert_eq!(before[..2], [&prediction(7 * MS), &COMPARISONS]);
    assert!(matches!(before[2], Event::Round { block: 0, .. }));
    let back = joined(&[&two, &one]);
    assert_eq!((&there.header, &there.events), (&back.header, &back.events));
    assert_eq!(walls(back), [7, 7, 8, 8]);

    // And it is a record.
    let results = place.0.path().join("results");
    let sound = |folder: &Path| {
        let checked = check(folder);
        assert_eq!(checked.problems.first().map(ToString::to_string), None);
        Ok(())
    };
    let write = || assemble(&results, &there.header, &there.events, sound);
    let written = write().unwrap();
    let found = check(&written).found.unwrap();
    assert_eq!((found.blocks, found.state), (4, State::Sealed));
    // Joined again it is the same. Another of this second, as of another class of machines, lies beside it.
    assert_eq!(write().unwrap(), written);
    let mut other = there.header.clone();
    other.host.cpu = Some("Another".to_owned());
    let beside = || assemble(&results, &other, &there.events, sound).unwrap();
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(name(&beside()), format!("{}-2", name(&written)));
    assert_eq!(beside(), beside());
    // What is not sound is not written, and nothing is left of a draft.
    let unsound = |_: &Path| anyhow::bail!("not so");
    other.options.seed = 99;
    let said = format!(
        "{:#}",
        assemble(&results, &other, &there.events, unsound).unwrap_err()
    );
    assert!(said.ends_with(": not so"), "{said}");
    assert_eq!(fs::read_dir(&results).unwrap().count(), 2);
}

#[test]
fn a_share_that_came_twice_counts_once_and_not_by_what_it_says() {
    let place = Place::new();
    let one = place.put("one", &head("1/2", 20), &events(7.0));
    let two = place.put("two", &head("2/2", 10), &events(8.0));
    // Run again, since the scheduler had lost sight of it; and copied twice.
    let later = place.put("later", &head("1/2", 30), &events(1.0));
    let copy = place.put("copy", &head("2/2", 10), &events(8.0));
    for order in [[&later, &one, &two, &copy], [&copy, &two, &one, &later]] {
        let order: Vec<&Path> = order.iter().map(|folder| folder.as_path()).collect();
        assert_eq!(walls(joined(&order)), [7, 7, 8, 8]);
    }
    // One that was begun first and did not come to its end is none.
    let mut cut = events(2.0);
    cut.pop();
    let killed = place.put("killed", &head("1/2", 1), &cut);
    let there = joined(&[&killed, &one, &two]);
    assert_eq!(there.header.started, "2026-01-02T03:04:10Z");
    assert_eq!(walls(there), [7, 7, 8, 8]);
}

#[test]
fn what_is_missing_is_named_with_what_fills_it() {
    let place = Place::new();
    let two = place.put("two", &head("2/3", 10), &events(8.0));
    let mut cut = events(2.0);
    cut.pop();
    let killed = place.put("killed", &head("3/3", 11), &cut);
    let there = joined(&[&two, &killed]);
    let said: Vec<String> = there.missing.iter().map(ToString::to_string).collect();
    let said = said.join("\n").replace(killed.to_str().unwrap(), "DIR");
    insta::assert_snapshot!(said, @r"
    share 1/3 of the plan of seed 7 on made-up-2-cores-metal is missing: `harness run --partition 1/3 --note 'two words'` fills it
    share 3/3 of the plan of seed 7 on made-up-2-cores-metal did not come to its end in DIR: `harness run --partition 3/3 --note 'two words'` fills it
    ");
    // What is there is a run that was stopped.
    assert_eq!(there.bundle().ended, Some(true));
    // Nothing came to its end: all are missing, and there is nothing to join.
    let none = joined(&[&killed]);
    assert_eq!(none.missing.len(), 3);
    assert!(none.bundle().blocks.is_empty());
}

fn tried(broken: Option<&str>) -> Event {
    Event::Verified(Tried {
        runtime: "smol".to_owned(),
        flavour: "workers".to_owned(),
        workers: 2,
        check: "keeps".to_owned(),
        broken: broken.map(str::to_owned),
        took_ns: 1,
        ..Tried::default()
    })
}

#[test]
fn a_promise_that_was_broken_on_any_machine_is_broken() {
    let place = Place::new();
    let with = |event: Event, wall_ms| [vec![event], events(wall_ms)].concat();
    let one = place.put("one", &head("1/2", 1), &with(tried(None), 7.0));
    let two = place.put("two", &head("2/2", 2), &with(tried(Some("it hung")), 8.0));
    let there = joined(&[&one, &two]);
    let promises = |events: &[Event]| {
        let of = events
            .iter()
            .filter(|event| matches!(event, Event::Verified(_)));
        of.cloned().collect::<Vec<_>>()
    };
    assert_eq!(promises(&there.events), [tried(Some("it hung"))]);
    let kept = place.put("kept", &head("2/2", 1), &with(tried(None), 8.0));
    assert_eq!(promises(&joined(&[&one, &kept]).events), [tried(None)]);
    // Broken as declared it is measured; and is not where it was kept now and then.
    let as_declared = |declared: bool| match tried(Some("1 seen")) {
        Event::Verified(tried) => Event::Verified(Tried {
            as_declared: declared,
            ..tried
        }),
        other => other,
    };
    let one = place.put("declared", &head("1/2", 1), &with(as_declared(true), 7.0));
    let two = place.put("chance", &head("2/2", 2), &with(as_declared(false), 8.0));
    assert_eq!(
        promises(&joined(&[&one, &two]).events),
        [as_declared(false)]
    );
}

/// Stopped within its second block, and gone on with: the rounds of that block stay in the record and are no observation,
/// as in its own.
#[test]
fn a_share_that_was_gone_on_with_brings_all_that_it_has() {
    let place = Place::new();
    let resumed = |at: &str| Event::Resumed { at: at.to_owned() };
    let mut gone_on = vec![prediction(5 * MS), COMPARISONS];
    gone_on.extend(block(0, 5.0));
    gone_on.extend(block(1, 6.0).into_iter().take(2));
    gone_on.extend([
        Event::End { interrupted: true },
        resumed("2026-01-02T05:00:00Z"),
    ]);
    gone_on.extend(block(2, 7.0));
    gone_on.push(DONE);
    let one = place.put("one", &head("1/2", 20), &gone_on);
    // The second went on before the first did.
    let mut second = events(8.0);
    second.insert(1, resumed("2026-01-02T04:00:00Z"));
    let two = place.put("two", &head("2/2", 10), &second);
    let there = joined(&[&one, &two]);
    assert_eq!(there.header.shares[0].blocks, 3);
    let results = place.0.path().join("results");
    let written = assemble(&results, &there.header, &there.events, |_| Ok(())).unwrap();
    let checked = check(&written);
    assert_eq!(checked.problems.first().map(ToString::to_string), None);
    let found = checked.found.unwrap();
    assert_eq!(
        (found.blocks, found.resumed),
        (4, 2),
        "one of five was never completed"
    );
}

#[test]
fn what_is_of_another_plan_stays_apart_and_what_cannot_be_of_the_same_is_told() {
    let place = Place::new();
    let one = place.put("one", &head("1/2", 1), &events(7.0));
    let of = |name: &str, change: &dyn Fn(&mut Header)| {
        let mut header = head("2/2", 2);
        change(&mut header);
        let folder = place.put(name, &header, &events(8.0));
        let shares = |folder: &Path| Shares::of(Header::read(folder).unwrap(), folder).unwrap();
        let took = shares(&one).take_in(shares(&folder));
        took.map(|others| others.is_some()).map_err(|error| {
            let said = format!("{error:#}").replace(one.to_str().unwrap(), "ONE");
            said.replace(folder.to_str().unwrap(), "TWO")
        })
    };
    assert_eq!(of("same", &|_| {}), Ok(false));
    // A machine that was updated is of its class.
    assert_eq!(
        of("kernel", &|header| header.host.kernel = Some("6.2".into())),
        Ok(false)
    );
    assert_eq!(of("seed", &|header| header.options.seed = 8), Ok(true));
    assert_eq!(
        of("thirds", &|header| header.options.partition =
            Some(share("2/3"))),
        Ok(true)
    );
    assert_eq!(
        of("class", &|header| header.host.cpu = Some("Another".into())),
        Ok(true)
    );
    let made = |header: &mut Header| {
        header.adapters = vec![Made {
            runtime: "smol".to_owned(),
            sha256: Some("0".repeat(64)),
            crates: Vec::new(),
        }];
    };
    insta::assert_snapshot!(of("made", &made).unwrap_err(), @"ONE and TWO are shares of one plan, and cannot be joined: their adapters of smol differ; measure those of one of them again, or merge the others alone");
    let absent = |header: &mut Header| header.entrants[1].unavailable = Some("no io_uring".into());
    let said = of("absent", &absent).unwrap_err();
    assert!(
        said.contains("what smol says of itself differs (no io_uring)"),
        "{said}"
    );
    let other = |header: &mut Header| header.program = Some("1".repeat(64));
    let said = of("other", &other).unwrap_err();
    assert!(
        said.contains("they were measured by harnesses that differ"),
        "{said}"
    );
    // Their plan is the same, and they say otherwise.
    let mut fewer = events(8.0);
    fewer[1] = Event::Comparisons { comparisons: 8 };
    let two = place.put("two", &head("2/2", 2), &fewer);
    let shares = |folder: &Path| Shares::of(Header::read(folder).unwrap(), folder).unwrap();
    let mut all = shares(&one);
    assert!(all.take_in(shares(&two)).unwrap().is_none());
    let said = all.join().unwrap_err().to_string();
    assert!(
        said.contains("do not agree on how many comparisons"),
        "{said}"
    );
}

/// What `check` says of a joined record whose head says what cannot be.
#[test]
fn a_joined_record_whose_shares_cannot_be_is_none() {
    let place = Place::new();
    let one = place.put("one", &head("1/2", 1), &events(7.0));
    let two = place.put("two", &head("2/2", 2), &events(8.0));
    let there = joined(&[&one, &two]);
    let wrong = |name: &str, change: &dyn Fn(&mut Header)| {
        let mut header = there.header.clone();
        change(&mut header);
        let results = place.0.path().join(name);
        let folder = assemble(&results, &header, &there.events, |_| Ok(())).unwrap();
        let problems = check(&folder).problems;
        let problem = problems
            .first()
            .map(|one| (one.field.clone(), one.why.clone()));
        problem.unwrap_or_default()
    };
    assert_eq!(wrong("right", &|_| {}), Default::default());
    let (field, why) = wrong("blocks", &|header| header.shares[1].blocks = 3);
    assert_eq!(
        (field.as_str(), why.as_str()),
        (
            "",
            "the shares that it was joined from are said to have 5 blocks, and it has 4"
        )
    );
    let (field, why) = wrong("gone", &|header| drop(header.shares.pop()));
    assert_eq!(
        (field.as_str(), why.as_str()),
        ("shares[1].partition", "share 2/2 is expected here")
    );
    let (_, why) = wrong("twice", &|header| {
        header.shares.push(header.shares[1].clone())
    });
    assert_eq!(why, "no further share is expected");
    let (_, why) = wrong("itself", &|header| {
        header.options.partition = Some(share("1/2"))
    });
    assert_eq!(why, "a record that was joined from shares is none itself");
    let (_, why) = wrong("early", &|header| {
        header.shares[0].started = "2025-01-02T03:04:05Z".into()
    });
    assert!(why.starts_with("it is before the record began"), "{why}");
}

#[test]
fn a_command_is_written_for_a_shell() {
    let words =
        |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.to_owned()).collect() };
    let said = command(
        &words(&[
            "harness",
            "--partition=auto",
            "--note",
            "it's",
            "--results",
            "~/a b",
            "--adapters",
            "~/c",
        ]),
        share("3/16"),
    );
    assert_eq!(
        said,
        r"harness --partition=3/16 --note 'it'\''s' --results '~/a b' --adapters ~/c"
    );
}
