//! Each rule on fabricated samples, its borders, and its nearest misses.

use super::*;

mod alone;
mod shared;
mod told;

const MS: u64 = 1_000_000;
/// Fewer samples decide nothing, where several must agree.
const ENOUGH: usize = 5;

/// A sample of so many milliseconds and cores, with one poll of so many milliseconds.
fn sample(wall: f64, cores: f64, poll: f64) -> Seen {
    Seen {
        wall_ns: (wall * 1e6) as u64,
        cpu_ns: (wall * cores * 1e6) as u64,
        polls: 4,
        threads: 1,
        peak_overlap: 1,
        peak_concurrency: 2,
        polled_ns: (poll * 1e6) as u64,
        longest_poll_ns: (poll * 1e6) as u64,
        ..Seen::default()
    }
}

fn late(stall: f64, seen: Seen) -> Seen {
    Seen {
        late_ns: Some((stall * 1e6) as u64),
        ..seen
    }
}

fn spawned(tasks: u64, seen: Seen) -> Seen {
    Seen {
        hidden_spawns: tasks,
        ..seen
    }
}

fn parallel(seen: Seen) -> Seen {
    Seen {
        threads: 2,
        peak_overlap: 2,
        ..seen
    }
}

/// Six samples of a way, all alike.
fn six(seen: &Seen) -> Arm {
    Arm {
        seen: vec![seen.clone(); 6],
        disturbed: false,
    }
}

/// Two branches on two cores, with two threads for what is placed: six samples of each of the two ways, all alike.
struct Case(Recorded);

impl Case {
    fn of(compose: &Seen, placed: &Seen) -> Self {
        Self(Recorded {
            branches: 2,
            cores: 2,
            placing: Some(2),
            spawning: Some(2),
            enough: ENOUGH,
            compose: six(compose),
            placed: six(placed),
            ..Recorded::default()
        })
    }

    fn found(&self) -> Found {
        classify(&self.0)
    }

    fn class(&self) -> Class {
        self.found().class
    }

    fn with(mut self, change: impl FnOnce(&mut Recorded)) -> Self {
        change(&mut self.0);
        self
    }

    /// With every spawned sample changed.
    fn placed(mut self, change: impl Fn(&mut Seen)) -> Self {
        self.0.placed.seen.iter_mut().for_each(change);
        self
    }

    /// With every sample changed, joined and spawned.
    fn both(mut self, change: impl Fn(&mut Seen)) -> Self {
        let arms = [&mut self.0.compose, &mut self.0.placed];
        arms.into_iter()
            .flat_map(|arm| &mut arm.seen)
            .for_each(change);
        self
    }

    /// With its last spawned sample changed.
    fn but_one(mut self, change: impl Fn(&mut Seen)) -> Self {
        self.0.placed.seen.last_mut().into_iter().for_each(change);
        self
    }

    fn on_one_thread(self) -> Self {
        self.with(|recorded| {
            recorded.placing = Some(1);
            recorded.spawning = Some(1);
        })
    }

    fn disturbed(self) -> Self {
        self.with(|recorded| {
            recorded.compose.disturbed = true;
            recorded.placed.disturbed = true;
        })
    }
}

fn waits() -> Case {
    Case::of(&sample(10.0, 0.02, 0.1), &sample(10.0, 0.03, 0.1))
}

fn hog() -> Case {
    Case::of(
        &late(24.0, sample(25.0, 1.0, 25.0)),
        &late(1.0, parallel(sample(25.0, 1.05, 25.0))),
    )
}

fn work() -> Case {
    Case::of(&sample(8.0, 1.0, 4.0), &parallel(sample(4.1, 1.9, 4.0)))
}

fn set_aside() -> Case {
    let one = late(18.0, sample(65.0, 0.01, 0.1));
    Case::of(&one, &one)
}

fn child(stall: f64) -> Case {
    let one = late(stall, spawned(1, sample(25.0, 1.0, 25.0)));
    Case::of(&one, &one).with(|recorded| recorded.branches = 1)
}

fn hot_loop(cores: f64) -> Case {
    let one = spawned(10, sample(10.0, cores, 0.01));
    Case::of(&one, &one).with(|recorded| recorded.branches = 1)
}

#[test]
fn waits_that_overlap_are_enough() {
    assert_eq!(waits().class(), Class::ComposeIsEnough);
    assert_eq!(waits().on_one_thread().class(), Class::ComposeIsEnough);
    // Spawning takes 0.8 of the time: no gain; 0.79: not decided; 0.75: a gain.
    let took = |ns| waits().but_one(|s| s.wall_ns = ns).class();
    assert_eq!(took(8 * MS), Class::ComposeIsEnough);
    assert_eq!(took(8 * MS - 1), Class::NotDecided);
    assert_eq!(took(75 * MS / 10), Class::SpawnNeeded);
    // Load could have made either of them slow.
    assert_eq!(waits().disturbed().class(), Class::NotDecided);
    // Waits that were not in flight together, once, have not overlapped.
    let in_turn = waits().with(|recorded| recorded.compose.seen[0].peak_concurrency = 1);
    assert_eq!(in_turn.class(), Class::NotDecided);
    let alone = waits().with(|recorded| recorded.branches = 1);
    assert_eq!(alone.class(), Class::NotDecided);
}

#[test]
fn work_wants_a_spawn_and_a_thread() {
    assert_eq!(work().class(), Class::SpawnNeeded);
    assert_eq!(work().on_one_thread().class(), Class::SpawnedOnOneThread);
    // What is parallel is so under load as well.
    assert_eq!(work().disturbed().class(), Class::SpawnNeeded);
    let one_core = work().with(|recorded| recorded.cores = 1);
    assert_eq!(one_core.class(), Class::NotDecided);
    // On how many threads nobody knows.
    let unknown = work().with(|recorded| recorded.placing = None);
    assert_eq!(unknown.class(), Class::NotDecided);
    // Two threads, and the time of one.
    let serial = || Case::of(&sample(8.0, 1.0, 4.0), &sample(8.0, 1.0, 4.0));
    assert_eq!(serial().class(), Class::SpawnedButSerialised);
    assert_eq!(serial().found().cause, None);
    assert_eq!(serial().disturbed().class(), Class::NotDecided);
    // In time but not in cores: some machine was faster, and nothing ran side by side.
    let faster = Case::of(&sample(8.0, 1.0, 4.0), &parallel(sample(4.0, 1.0, 4.0)));
    assert_eq!(faster.class(), Class::NotDecided);
}

/// Files are read on the blocking pool, and handing them over takes CPU time as well.
#[test]
fn what_others_compute_is_not_the_branches_work() {
    let reads = |polled: f64, ratio: f64| {
        let joined = sample(2.5, 1.2, polled);
        Case::of(&joined, &sample(2.5 * ratio, 1.3, polled))
    };
    assert_eq!(reads(1.4, 1.0).class(), Class::ComposeIsEnough);
    assert_eq!(reads(1.4, 0.8).class(), Class::ComposeIsEnough);
    assert_eq!(reads(1.4, 0.78).class(), Class::NotDecided);
    assert_eq!(reads(1.4, 0.7).class(), Class::SpawnNeeded);
    assert_eq!(
        reads(1.4, 1.0).on_one_thread().class(),
        Class::ComposeIsEnough
    );
    // Half of 3 ms: from there on they are said to compute, and gained nothing.
    let own = reads(1.6, 1.0);
    assert_ne!(own.class(), Class::ComposeIsEnough);
    assert_eq!(own.on_one_thread().class(), Class::SpawnedOnOneThread);
}

#[test]
fn what_is_promised_says_what_a_gain_is() {
    let took = |spawned_ns: u64, promised: f64| {
        work()
            .with(|recorded| {
                recorded.gain = Some(Gain {
                    lo: promised,
                    hi: promised,
                });
            })
            .placed(|seen| {
                seen.wall_ns = spawned_ns;
                seen.cpu_ns = spawned_ns * 3 / 2;
            })
            .class()
    };
    // Promised 0.8 of the time; half of it is 0.9 of 8 ms.
    assert_eq!(took(72 * MS / 10, 0.8), Class::SpawnNeeded);
    assert_eq!(took(73 * MS / 10, 0.8), Class::NotDecided);
    // Promised nothing, and nothing gained.
    assert_eq!(took(8 * MS, 1.0), Class::ComposeIsEnough);
    // Promised nothing: a gain is then no reason to say that a spawn is needed.
    assert_eq!(took(4 * MS, 1.0), Class::NotDecided);
}

#[test]
fn a_stalled_sibling_wants_a_spawn_and_a_thread() {
    assert_eq!(hog().class(), Class::SpawnNeeded);
    let held = |stall: f64| hog().placed(|seen| *seen = late(stall, seen.clone()));
    // A quarter of the poll is the most that counts as on time, and half of it the least that is late.
    assert_eq!(held(6.25).class(), Class::SpawnNeeded);
    assert_eq!(held(6.3).class(), Class::NotDecided);
    assert_eq!(held(12.5).class(), Class::SpawnedButSerialised);
    assert_eq!(held(12.5).disturbed().class(), Class::NotDecided);
    assert_eq!(
        held(24.0).on_one_thread().class(),
        Class::SpawnedOnOneThread
    );
    // As many hogs as threads: late all the same, but on two cores and in half the time.
    let hogs = Case::of(
        &late(49.0, sample(50.0, 1.0, 25.0)),
        &late(24.0, parallel(sample(25.0, 2.0, 25.0))),
    );
    assert_eq!(hogs.class(), Class::SpawnNeeded);
    // Joined, on time in one sample: then it is not the poll.
    let mixed = hog().with(|recorded| recorded.compose.seen[0].late_ns = Some(MS));
    assert_eq!(mixed.class(), Class::NotDecided);
}

#[test]
fn a_held_and_idle_thread_blocks() {
    let blocking = |cores: f64| Case::of(&sample(20.0, cores, 20.0), &sample(10.0, cores, 5.0));
    assert_eq!(blocking(0.02).class(), Class::BlockingOffload);
    assert_eq!(blocking(0.25).class(), Class::BlockingOffload);
    assert_eq!(blocking(0.26).class(), Class::NotDecided);
    assert_eq!(blocking(0.74).class(), Class::NotDecided);
    assert_eq!(blocking(0.75).class(), Class::NotDecided);
    assert!(!blocking(0.75).found().evidence.contains("held its thread"));
    assert_eq!(
        blocking(0.02).on_one_thread().class(),
        Class::BlockingOffload
    );
    // It was ready to run, and had no core: that is no blocking.
    let queued = || blocking(0.02).with(|r| r.compose.seen[0].queued_ns = Some(15 * MS));
    assert_eq!(queued().class(), Class::NotDecided);
    // Where all samples tell of it, a busy moment in one is no matter, and a hog is always one or the other.
    let others = |ns| {
        queued().with(|recorded| {
            for seen in &mut recorded.compose.seen[1..] {
                seen.queued_ns = Some(ns);
            }
        })
    };
    assert_eq!(others(0).class(), Class::BlockingOffload);
    assert_ne!(others(19 * MS).class(), Class::BlockingOffload);
    // With a sibling that is late behind it, too.
    let beside = blocking(0.02).with(|recorded| {
        for seen in &mut recorded.compose.seen {
            seen.late_ns = Some(19 * MS);
        }
    });
    assert_eq!(beside.class(), Class::BlockingOffload);
    // A poll of less than 4 ms holds up nobody to speak of.
    let short = Case::of(&sample(20.0, 0.02, 3.9), &sample(20.0, 0.02, 3.9));
    assert_eq!(short.class(), Class::ComposeIsEnough);
}

#[test]
fn late_and_idle_is_unpolled() {
    assert_eq!(set_aside().class(), Class::Unpolled);
    assert_eq!(set_aside().on_one_thread().class(), Class::Unpolled);
    assert_eq!(set_aside().disturbed().class(), Class::Unpolled);
    let but = |change: fn(&mut Seen)| set_aside().but_one(change).class();
    // Late in every sample, or it is not this.
    assert_eq!(but(|s| s.late_ns = Some(4 * MS)), Class::Unpolled);
    assert_eq!(but(|s| s.late_ns = Some(4 * MS - 1)), Class::NotDecided);
    assert_eq!(but(|s| s.late_ns = None), Class::NotDecided);
    // A quarter of it in one poll, or half of it in CPU time, may be a cause.
    assert_eq!(but(|s| s.longest_poll_ns = 45 * MS / 10), Class::Unpolled);
    assert_eq!(but(|s| s.longest_poll_ns = 46 * MS / 10), Class::NotDecided);
    assert_eq!(but(|s| s.cpu_ns = 9 * MS), Class::Unpolled);
    assert_eq!(but(|s| s.cpu_ns = 92 * MS / 10), Class::NotDecided);
    // A spawn that mends it is another thing.
    let mended = set_aside().placed(|seen| *seen = late(0.1, seen.clone()));
    assert_eq!(mended.class(), Class::NotDecided);
}

#[test]
fn what_is_spawned_and_gains_no_core_is_serial() {
    assert_eq!(hot_loop(1.02).class(), Class::SpawnedButSerialised);
    assert_eq!(hot_loop(1.25).class(), Class::SpawnedButSerialised);
    assert_eq!(hot_loop(1.26).class(), Class::NotDecided);
    assert_eq!(hot_loop(1.5).class(), Class::SpawnNeeded);
    assert_eq!(
        hot_loop(1.02).on_one_thread().class(),
        Class::SpawnedOnOneThread
    );
    assert_eq!(hot_loop(1.02).disturbed().class(), Class::NotDecided);
    // Tasks that wait are not seen.
    assert_eq!(hot_loop(0.49).class(), Class::NotDecided);
    // One sample that ran on two cores shows that it can.
    let once = hot_loop(1.02).but_one(|s| s.cpu_ns = 2 * s.wall_ns);
    assert_eq!(once.class(), Class::NotDecided);
    let one_core = hot_loop(1.0).with(|recorded| recorded.cores = 1);
    assert_eq!(one_core.class(), Class::NotDecided);
    let unknown = hot_loop(1.0).with(|recorded| recorded.spawning = None);
    assert_eq!(unknown.class(), Class::NotDecided);
}

#[test]
fn a_child_is_freed_or_stuck() {
    assert_eq!(child(24.9).class(), Class::SpawnedButSerialised);
    assert_eq!(child(24.9).found().cause, Some(Cause::BehindAPoll));
    assert_eq!(child(12.5).class(), Class::SpawnedButSerialised);
    assert_eq!(child(12.4).class(), Class::NotDecided);
    assert_eq!(child(6.25).class(), Class::SpawnNeeded);
    assert_eq!(child(0.02).class(), Class::SpawnNeeded);
    assert_eq!(
        child(24.9).on_one_thread().class(),
        Class::SpawnedOnOneThread
    );
    assert_eq!(child(24.9).disturbed().class(), Class::NotDecided);
    // Stuck but once: another thread can have it.
    let once = child(24.9).but_one(|s| s.late_ns = Some(MS));
    assert_eq!(once.class(), Class::NotDecided);
}

#[test]
fn too_little_decides_nothing() {
    let few = |samples: usize| hog().with(|recorded| recorded.placed.seen.truncate(samples));
    assert_eq!(few(ENOUGH).class(), Class::SpawnNeeded);
    assert_eq!(
        few(ENOUGH - 1).found().evidence,
        "6 samples joined and 4 spawned, and it takes 5 of each"
    );
    for change in [|s: &mut Seen| s.polls = 0, |s: &mut Seen| s.lost_polls = 1] {
        assert_eq!(hog().but_one(change).class(), Class::NotDecided);
    }
}

#[test]
fn the_evidence_is_a_line() {
    let says = |case: Case, evidence: &str| assert_eq!(case.found().evidence, evidence);
    says(
        waits(),
        "at the fastest joined 10.0 ms and spawned 10.0 ms, on 0.02 cores, in 4 and 4 polls",
    );
    says(
        work(),
        "spawned takes 0.51 of the joined time, on 1.90 cores instead of 1.00",
    );
    says(
        hog(),
        "joined, late by 24.0 ms behind a poll of 25.0 ms; spawned, by 1.00 ms",
    );
    says(
        set_aside(),
        "late by 18.0 ms and more, joined and spawned alike, and no poll was longer than 100 µs",
    );
    says(
        child(24.9),
        "the branches spawned 1 task on 2 threads, 24.9 ms late in every sample, as long as the poll that spawned them",
    );
    says(
        hot_loop(1.02),
        "the branches spawned 10 tasks on 2 threads, and never used more than 1.02 cores",
    );
}
