//! The fault campaign: faults drawn from a seed, one trial after the other, and after each what docs/RELIABILITY.md promises.
//!
//!     CAMPAIGN_MINUTES=60 cargo test -p harness --test main campaign::as_long_as_asked -- --ignored --nocapture
//!
//! The faults are those of adapters (`harness/faulty`), of the machine, of signals, of records that lie on the disk, and of
//! what is asked. A trial follows from its seed alone, but for what the machine's clock makes of it: a violation names its
//! seed, and `CAMPAIGN_SEED=N CAMPAIGN_TRIALS=1` tries that one again. Its folder is left.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

mod asked;
mod ground;
mod machine;
mod perform;
mod place;
mod properties;
mod records;
mod runs;
mod tally;

use std::{
    collections::BTreeMap,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use ground::Ground;
use place::Place;
use tally::Tally;

/// How long it goes on among the other tests.
const SHORT: Duration = Duration::from_secs(10);
/// Trials that run at once: most of a trial waits.
const AT_ONCE: usize = 3;
/// No trial takes so long, since what it starts is ended before: else it is the campaign that hangs.
const LONGEST: Duration = Duration::from_secs(600);

/// How much is tried.
struct Extent {
    first: u64,
    trials: u64,
    time: Duration,
}

/// A number that a variable of the environment gives.
fn number<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text}: no number")),
    )
}

/// The first trials, the same each time.
#[test]
fn the_first_trials_keep_every_promise() {
    campaign(&Extent {
        first: 1,
        trials: u64::MAX,
        time: SHORT,
    });
}

#[test]
#[ignore = "as long as CAMPAIGN_MINUTES says: see the head of this file"]
fn as_long_as_asked() {
    let minutes: f64 = number("CAMPAIGN_MINUTES").unwrap_or(60.0);
    campaign(&Extent {
        first: number("CAMPAIGN_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32)),
        trials: number("CAMPAIGN_TRIALS").unwrap_or(u64::MAX),
        time: Duration::from_secs_f64(minutes * 60.0),
    });
}

fn campaign(extent: &Extent) {
    let ground = Ground::new();
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let tally = Mutex::new(Tally::default());
    println!("seeds from {}, {}", extent.first, ground.can());
    let running: Mutex<BTreeMap<u64, Instant>> = Mutex::default();
    let over = AtomicBool::new(false);
    let work = || {
        machine::apart();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= extent.trials || began.elapsed() >= extent.time {
                return;
            }
            let seed = extent.first.wrapping_add(index);
            let place = ground.place(seed);
            running.lock().unwrap().insert(seed, Instant::now());
            let tried = catch_unwind(AssertUnwindSafe(|| trial(seed, &ground, &place)));
            let (kind, wrong) = tried.unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text =
                    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
                let why = format!("the trial itself: {}", text.unwrap_or_default());
                ("unknown".to_owned(), vec![why])
            });
            place.leave(!wrong.is_empty());
            running.lock().unwrap().remove(&seed);
            tally.lock().unwrap().take(seed, kind, wrong);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| watch(&running, &over));
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        all.into_iter().for_each(|one| one.join().unwrap());
        over.store(true, Ordering::Relaxed);
    });
    let tally = tally.into_inner().unwrap();
    println!("{}", tally.text(began.elapsed()));
    assert!(tally.tried() > 0, "nothing was tried");
    assert!(
        tally.violations() == 0,
        "see above: {} violations",
        tally.violations()
    );
}

/// Ends the program when a trial does not come back, and names it.
fn watch(running: &Mutex<BTreeMap<u64, Instant>>, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
        let running = running.lock().unwrap();
        if let Some((seed, _)) = running.iter().find(|(_, began)| began.elapsed() > LONGEST) {
            println!("the trial of seed {seed} does not come back");
            std::process::exit(1);
        }
    }
}

/// What was tried, and what was not as promised.
fn trial(seed: u64, ground: &Ground, place: &Place) -> (String, Vec<String>) {
    let mut random = fastrand::Rng::with_seed(seed);
    match random.u8(..100) {
        0..70 => runs::trial(&mut random, ground, place),
        70..94 => records::trial(&mut random, ground, place),
        _ => asked::trial(&mut random, place),
    }
}
