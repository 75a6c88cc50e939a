//! A branch that forks by itself.

use std::sync::Mutex;

use workload_api::Way;

use super::*;

/// Notes of what size it was and how it was told to fork.
#[derive(Clone, Copy)]
struct Told {
    wrong: bool,
}

static NOTES: Mutex<Vec<(usize, Way)>> = Mutex::new(Vec::new());

impl Workload for Told {
    const FORKS: bool = true;
    const UNWATCHED: bool = true;

    async fn branch<R: Runtime>(self, env: Env, _: usize) -> u64 {
        mix(env.nonce, env.branches as u64) ^ u64::from(self.wrong)
    }

    fn forked<R: Runtime>(
        self,
        env: &Env,
        way: Way,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        NOTES.lock().unwrap().push((env.branches, way));
        self.branch::<R>(env.clone(), 0)
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        mix(env.nonce, env.branches as u64)
    }
}

fn forked(primitive: Primitive) -> Measure {
    Measure {
        scenario: "fork/fib".to_owned(),
        unwatched: true,
        warmups: 1,
        ..request(primitive, 20)
    }
}

#[test]
fn it_is_one_branch_that_is_told_its_size_and_its_way_and_warms_up_with_the_least() {
    let _alone = alone();
    for (primitive, way) in [
        (Primitive::Sequential, Way::InTurn),
        (Primitive::Compose, Way::Compose),
        (Primitive::Spawn, Way::Spawn),
        (Primitive::Dispatch, Way::Dispatch),
    ] {
        NOTES.lock().unwrap().clear();
        let request = forked(primitive);
        let sample = future::block_on(sample_of::<ThreadEach>(
            &request,
            &*on(Told { wrong: false }),
            env(&request),
        ));
        assert_eq!((sample.wrong, sample.polls), (None, 0));
        assert_eq!(sample.peak_bytes.is_some(), cfg!(target_os = "linux"));
        assert_eq!(*NOTES.lock().unwrap(), [(20, way)]);
        assert_eq!(few(&request), 15);
    }
}

#[test]
fn its_answer_is_checked() {
    let _alone = alone();
    let request = forked(Primitive::Spawn);
    let workload = on(Told { wrong: true });
    let sample = future::block_on(sample_of::<ThreadEach>(&request, &*workload, env(&request)));
    assert!(sample.wrong.unwrap().contains("branch 0"));
}

#[test]
fn neither_a_witness_nor_a_blocking_pool_takes_it() {
    let config = Config::new("default", 2);
    let why = |request: &Measure| {
        unsupported::<ThreadEach>(&config, request, &*on(Told { wrong: false }))
    };
    assert_eq!(why(&forked(Primitive::Spawn)), None);
    let watched = Measure {
        unwatched: false,
        ..forked(Primitive::Spawn)
    };
    assert!(why(&watched).unwrap().contains("without one"));
    assert!(why(&forked(Primitive::SpawnBlocking)).is_some());
}

/// The harness plans by the one, and the runner measures by the other.
#[test]
fn the_catalogue_knows_which_workloads_fork() {
    macro_rules! each {
        ($($name:literal $(in $group:tt)? => $workload:path, $facts:expr;)*) => {
            $(
                let made = made!(ThreadEach, [$($group)?] $name, $workload);
                assert_eq!(made.forks(), scenario($name).unwrap().recursion().is_some(), $name);
            )*
        };
    }
    catalogue!(each);
}
