//! The arithmetic against values computed by hand, and the whole against real work.

use super::*;

/// Two CPUs for so many milliseconds; the columns in ticks.
fn difference(wall_ms: u64, idle: u64, steal: u64, ours_ms: u64) -> Difference {
    Difference {
        wall: Duration::from_millis(wall_ms),
        cpus: 2,
        ticks: Ticks {
            cpus: 2,
            idle,
            steal,
            total: wall_ms / 5,
        },
        ours: Duration::from_millis(ours_ms),
        throttled: None,
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn others_are_what_was_busy_and_not_ours() {
    // Of 2 × 1 s: 0.6 s idle, 0.1 s stolen, 0.9 s ours, so 0.4 s others'.
    let load = difference(1000, 60, 10, 900).judged(2).unwrap();
    assert!(near(load.others_cores, 0.4), "{load:?}");
    assert!(near(load.steal_cores, 0.1));
    // Two ticks a CPU: 40 ms of a second.
    assert!(near(load.resolution_cores, 0.04));
    assert_eq!(
        load.disturbed.unwrap(),
        "others used 0.40 of 2 cores, the hypervisor took 0.10"
    );
}

#[test]
fn a_quiet_block_is_quiet() {
    // 0.4 s idle of 0.52 s, 0.11 s ours: 10 ms others'.
    let load = difference(260, 40, 0, 110).judged(2).unwrap();
    assert!(near(load.others_cores, 0.01 / 0.26), "{load:?}");
    assert_eq!(load.disturbed, None);
    // Never less than none.
    let load = difference(260, 42, 0, 150).judged(2).unwrap();
    assert!(near(load.others_cores, 0.0));
}

#[test]
fn a_short_block_needs_six_ticks_and_a_long_one_a_tenth() {
    // 0.05 s of 0.1 s: half a core, but only five ticks.
    let short = difference(100, 15, 0, 0).judged(2).unwrap();
    assert!(near(short.others_cores, 0.5) && short.disturbed.is_none());
    let short = difference(100, 13, 0, 0).judged(2).unwrap();
    assert!(short.disturbed.is_some());
    // 1.9 s and 2.1 s of 10 s on two cores: either side of a tenth.
    let long = difference(10_000, 1810, 0, 0).judged(2).unwrap();
    assert!(near(long.others_cores, 0.19) && long.disturbed.is_none());
    let long = difference(10_000, 1790, 0, 0).judged(2).unwrap();
    assert!(near(long.others_cores, 0.21) && long.disturbed.is_some());
}

#[test]
fn a_core_to_spare_may_be_used_by_others() {
    let one_busy = || difference(1000, 60, 0, 990);
    assert!(near(one_busy().judged(2).unwrap().others_cores, 0.41));
    assert!(one_busy().judged(2).unwrap().disturbed.is_some());
    assert!(one_busy().judged(1).unwrap().disturbed.is_none());
    assert!(
        difference(1000, 20, 0, 990)
            .judged(1)
            .unwrap()
            .disturbed
            .is_some()
    );
}

#[test]
fn on_many_cores_half_a_core_disturbs() {
    let many = |idle| Difference {
        cpus: 16,
        ticks: Ticks {
            cpus: 16,
            idle,
            steal: 0,
            total: 16_000,
        },
        wall: Duration::from_secs(10),
        ours: Duration::from_secs(80),
        throttled: None,
    };
    assert!(many(7600).judged(16).unwrap().disturbed.is_none());
    assert!(many(7400).judged(16).unwrap().disturbed.is_some());
}

#[test]
fn steal_and_throttling_disturb_too() {
    let stolen = difference(1000, 150, 30, 150).judged(2).unwrap();
    assert_eq!(
        stolen.disturbed.unwrap(),
        "others used 0.05 of 2 cores, the hypervisor took 0.30"
    );
    let mut held = difference(1000, 100, 0, 1000);
    held.throttled = Some(Duration::from_millis(150));
    assert_eq!(
        held.judged(2).unwrap().disturbed.unwrap(),
        "the control group's CPU quota held us back for 150ms of 1s"
    );
    held.throttled = Some(Duration::from_millis(50));
    assert_eq!(held.judged(2).unwrap().disturbed, None);
}

#[test]
fn columns_that_do_not_add_up_are_not_believed() {
    let mut made_up = difference(1000, 100, 0, 0);
    made_up.ticks.total = 10;
    assert_eq!(made_up.judged(2), None);
    assert_eq!(difference(0, 0, 0, 0).judged(2), None);
}

#[test]
#[cfg(target_os = "linux")]
fn our_own_work_is_not_others() {
    let meter = Meter::start(&[]);
    let before = crate::child::of_us().unwrap();
    while crate::child::of_us().unwrap() - before < Duration::from_millis(300) {
        std::hint::black_box((0..10_000).sum::<u64>());
    }
    let load = meter.stop().expect("measured on Linux");
    // The machine may be busy, but what was ours must not be counted as others': they cannot have
    // had more than the rest.
    let rest = load.cpus as f64 - 0.3 / load.wall.as_secs_f64();
    assert!(
        load.others_cores <= rest + load.resolution_cores,
        "{load:?}"
    );
}
