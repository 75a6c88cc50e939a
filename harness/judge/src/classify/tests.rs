//! Each rule on fabricated samples, and its borders.

use super::*;
use harness_record::fabricated::MS;

/// A sample of so many milliseconds and cores, with one poll of so many milliseconds.
fn sample(wall: f64, cores: f64, poll: f64) -> Sample {
    Sample {
        wall_ns: (wall * 1e6) as u64,
        cpu_ns: (wall * cores * 1e6) as u64,
        polls: 4,
        threads: 1,
        peak_overlap: 1,
        peak_concurrency: 2,
        polled_ns: (poll * 1e6) as u64,
        longest_poll_ns: (poll * 1e6) as u64,
        ..Sample::default()
    }
}

fn late(stall: f64, sample: Sample) -> Sample {
    Sample {
        stall_ns: Some((stall * 1e6) as u64),
        ..sample
    }
}

fn spawned(tasks: u64, sample: Sample) -> Sample {
    Sample {
        hidden_spawns: tasks,
        ..sample
    }
}

fn parallel(sample: Sample) -> Sample {
    Sample {
        threads: 2,
        peak_overlap: 2,
        ..sample
    }
}

/// Two arms of samples, two branches, two cores, and two threads for what is placed.
struct Case {
    compose: Vec<Sample>,
    placed: Vec<Sample>,
    predicted: Option<(u64, u64)>,
    disturbed: bool,
    branches: usize,
    cores: usize,
    threads: usize,
}

impl Case {
    /// Six samples of each, all alike.
    fn of(compose: Sample, placed: Sample) -> Self {
        Self {
            compose: vec![compose; 6],
            placed: vec![placed; 6],
            predicted: None,
            disturbed: false,
            branches: 2,
            cores: 2,
            threads: 2,
        }
    }

    fn found(&self) -> Found {
        let arm = |samples, predicted_ns| Arm {
            samples,
            disturbed: self.disturbed,
            predicted_ns,
        };
        classify(&Recorded {
            branches: self.branches,
            cores: self.cores,
            placing: self.threads,
            spawning: self.threads,
            compose: arm(self.compose.iter().collect(), self.predicted.map(|p| p.0)),
            placed: arm(self.placed.iter().collect(), self.predicted.map(|p| p.1)),
        })
    }

    fn class(&self) -> Class {
        self.found().class
    }

    /// With its last spawned sample changed.
    fn but_one(mut self, change: impl Fn(&mut Sample)) -> Self {
        self.placed.last_mut().into_iter().for_each(change);
        self
    }

    fn on_one_thread(self) -> Self {
        Self { threads: 1, ..self }
    }

    fn disturbed(self) -> Self {
        Self {
            disturbed: true,
            ..self
        }
    }
}

fn waits() -> Case {
    Case::of(sample(10.0, 0.02, 0.1), sample(10.0, 0.03, 0.1))
}

fn hog() -> Case {
    Case::of(
        late(24.0, sample(25.0, 1.0, 25.0)),
        late(1.0, parallel(sample(25.0, 1.05, 25.0))),
    )
}

fn work() -> Case {
    Case::of(sample(8.0, 1.0, 4.0), parallel(sample(4.1, 1.9, 4.0)))
}

fn set_aside() -> Case {
    let one = late(18.0, sample(65.0, 0.01, 0.1));
    Case::of(one.clone(), one)
}

fn child(stall: f64) -> Case {
    let one = late(stall, spawned(1, sample(25.0, 1.0, 25.0)));
    Case {
        branches: 1,
        ..Case::of(one.clone(), one)
    }
}

fn hot_loop(cores: f64) -> Case {
    let one = spawned(10, sample(10.0, cores, 0.01));
    Case {
        branches: 1,
        ..Case::of(one.clone(), one)
    }
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
    // Waits that never were in flight together have not overlapped.
    let mut in_turn = waits();
    in_turn.compose[0].peak_concurrency = 1;
    assert_eq!(in_turn.class(), Class::NotDecided);
    let alone = Case {
        branches: 1,
        ..waits()
    };
    assert_eq!(alone.class(), Class::NotDecided);
}

#[test]
fn work_wants_a_spawn_and_a_thread() {
    assert_eq!(work().class(), Class::SpawnNeeded);
    assert_eq!(work().on_one_thread().class(), Class::SpawnedOnOneThread);
    // What is parallel is so under load as well.
    assert_eq!(work().disturbed().class(), Class::SpawnNeeded);
    let one_core = Case { cores: 1, ..work() };
    assert_eq!(one_core.class(), Class::NotDecided);
    // Two threads, and the time of one.
    let serial = Case::of(sample(8.0, 1.0, 4.0), sample(8.0, 1.0, 4.0));
    assert_eq!(serial.class(), Class::SpawnedButSerialised);
    let serial = Case::of(sample(8.0, 1.0, 4.0), sample(8.0, 1.0, 4.0));
    assert_eq!(serial.disturbed().class(), Class::NotDecided);
    // In time but not in cores: some machine was faster, and nothing ran side by side.
    let faster = Case::of(sample(8.0, 1.0, 4.0), parallel(sample(4.0, 1.0, 4.0)));
    assert_eq!(faster.class(), Class::NotDecided);
}

#[test]
fn what_the_laws_promise_says_what_a_gain_is() {
    let took = |spawned_ns: u64, promised: u64| {
        let mut case = work();
        case.predicted = Some((10 * MS, promised));
        for sample in &mut case.placed {
            sample.wall_ns = spawned_ns;
            sample.cpu_ns = spawned_ns * 3 / 2;
        }
        case.class()
    };
    // Promised 0.8 of the time; half of it is 0.9 of 8 ms.
    assert_eq!(took(72 * MS / 10, 8 * MS), Class::SpawnNeeded);
    assert_eq!(took(73 * MS / 10, 8 * MS), Class::NotDecided);
    // Promised nothing, and nothing gained.
    assert_eq!(took(8 * MS, 10 * MS), Class::ComposeIsEnough);
    // Promised nothing: a gain is then no reason to say that a spawn is needed.
    assert_eq!(took(4 * MS, 10 * MS), Class::NotDecided);
}

#[test]
fn a_stalled_sibling_wants_a_spawn_and_a_thread() {
    assert_eq!(hog().class(), Class::SpawnNeeded);
    let held = |stall: f64| {
        let mut case = hog();
        for sample in &mut case.placed {
            *sample = late(stall, sample.clone());
        }
        case
    };
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
        late(49.0, sample(50.0, 1.0, 25.0)),
        late(24.0, parallel(sample(25.0, 2.0, 25.0))),
    );
    assert_eq!(hogs.class(), Class::SpawnNeeded);
    // Joined, on time in one sample: then it is not the poll.
    let mut mixed = hog();
    mixed.compose[0].stall_ns = Some(MS);
    assert_eq!(mixed.class(), Class::NotDecided);
}

#[test]
fn a_held_and_idle_thread_blocks() {
    let blocking = |cores: f64| Case::of(sample(20.0, cores, 20.0), sample(10.0, cores, 5.0));
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
    let mut queued = blocking(0.02);
    queued.compose[0].queued_ns = Some(15 * MS);
    assert_eq!(queued.class(), Class::NotDecided);
    // Where all samples tell of it, a busy moment in one is no matter, and a hog is always one or the other.
    for sample in &mut queued.compose[1..] {
        sample.queued_ns = Some(0);
    }
    assert_eq!(queued.class(), Class::BlockingOffload);
    for sample in &mut queued.compose {
        sample.queued_ns = Some(19 * MS);
    }
    assert_ne!(queued.class(), Class::BlockingOffload);
    // With a sibling that is late behind it, too.
    let mut beside = blocking(0.02);
    for sample in &mut beside.compose {
        *sample = late(19.0, sample.clone());
    }
    assert_eq!(beside.class(), Class::BlockingOffload);
    // A poll of less than 4 ms holds up nobody to speak of.
    let short = Case::of(sample(20.0, 0.02, 3.9), sample(20.0, 0.02, 3.9));
    assert_eq!(short.class(), Class::ComposeIsEnough);
}

#[test]
fn late_and_idle_is_unpolled() {
    assert_eq!(set_aside().class(), Class::Unpolled);
    assert_eq!(set_aside().on_one_thread().class(), Class::Unpolled);
    assert_eq!(set_aside().disturbed().class(), Class::Unpolled);
    let but = |change: fn(&mut Sample)| set_aside().but_one(change).class();
    // Late in every sample, or it is not this.
    assert_eq!(but(|s| s.stall_ns = Some(4 * MS)), Class::Unpolled);
    assert_eq!(but(|s| s.stall_ns = Some(4 * MS - 1)), Class::NotDecided);
    assert_eq!(but(|s| s.stall_ns = None), Class::NotDecided);
    // A quarter of it in one poll, or half of it in CPU time, may be a cause.
    assert_eq!(but(|s| s.longest_poll_ns = 45 * MS / 10), Class::Unpolled);
    assert_eq!(but(|s| s.longest_poll_ns = 46 * MS / 10), Class::NotDecided);
    assert_eq!(but(|s| s.cpu_ns = 9 * MS), Class::Unpolled);
    assert_eq!(but(|s| s.cpu_ns = 92 * MS / 10), Class::NotDecided);
    // A spawn that mends it is another thing.
    let mut mended = set_aside();
    for sample in &mut mended.placed {
        *sample = late(0.1, sample.clone());
    }
    assert_eq!(mended.class(), Class::NotDecided);
}

#[test]
fn what_is_spawned_and_awaited_at_once_is_serial() {
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
    let one_core = Case {
        cores: 1,
        ..hot_loop(1.0)
    };
    assert_eq!(one_core.class(), Class::NotDecided);
}

#[test]
fn a_child_is_freed_or_stuck() {
    assert_eq!(child(24.9).class(), Class::SpawnedButSerialised);
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
    let once = child(24.9).but_one(|s| s.stall_ns = Some(MS));
    assert_eq!(once.class(), Class::NotDecided);
}

#[test]
fn too_little_decides_nothing() {
    let mut few = hog();
    few.placed.truncate(LEAST_SAMPLES);
    assert_eq!(few.class(), Class::SpawnNeeded);
    few.placed.truncate(LEAST_SAMPLES - 1);
    assert_eq!(
        few.found().evidence,
        "6 samples joined and 4 spawned, and it takes 5 of each"
    );
    for change in [
        |s: &mut Sample| s.polls = 0,
        |s: &mut Sample| s.lost_polls = 1,
    ] {
        assert_eq!(hog().but_one(change).class(), Class::NotDecided);
    }
}

#[test]
fn the_evidence_is_a_line() {
    insta::assert_snapshot!(waits().found().evidence, @"joined 10.0 ms and spawned 10.0 ms, on 0.02 cores, in 4 and 4 polls");
    insta::assert_snapshot!(work().found().evidence, @"spawned takes 0.51 of the joined time, on 1.90 cores instead of 1.00");
    insta::assert_snapshot!(hog().found().evidence, @"joined, late by 24.0 ms behind a poll of 25.0 ms; spawned, by 1.00 ms");
    insta::assert_snapshot!(set_aside().found().evidence, @"late by 18.0 ms and more, joined and spawned alike, and no poll was longer than 100 µs");
    insta::assert_snapshot!(child(24.9).found().evidence, @"the branches spawned 1 task on 2 threads, 24.9 ms late in every sample, as long as the poll that spawned them");
    insta::assert_snapshot!(hot_loop(1.02).found().evidence, @"the branches spawned 10 tasks on 2 threads, and never used more than 1.02 cores");
}
