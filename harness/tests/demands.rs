//! What the real runtimes' spawns demand, and what becomes of it in a folder of built adapters.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path};

use crate::common::{building, harness, json, list, prebuilt, record, said, workspace};
use harness_measure::adapters::{Adapters, Build};
use harness_record::demands::{Demand, Demands};
use tempfile::TempDir;

/// The real build of an adapter, and what the compiler says of its spawns.
fn asked(runtime: &str) -> Demands {
    let adapters = Adapters::in_workspace(workspace()).unwrap();
    let how = Build {
        quiet: true,
        ..Build::default()
    };
    let _alone = building();
    let adapter = adapters.make(adapters.get(runtime).unwrap(), &how);
    adapter.unwrap().demands.demands()
}

/// The native spawn, its bound, and the local and the scoped spawns beside it.
fn told(demands: &Demands, flavour: &str) -> [String; 4] {
    let native = demands.native(flavour).unwrap();
    let others: Vec<Demand<'_>> = demands.others(flavour).collect::<Result<_, _>>().unwrap();
    let named = |is_one: fn(&Demand<'_>) -> bool| {
        let names = others.iter().filter(|demand| is_one(demand));
        let names: Vec<&str> = names.map(|demand| demand.spawn.name.as_str()).collect();
        names.join(" ")
    };
    [
        native.spawn.name.clone(),
        native.to_string(),
        named(|demand| demand.is_local()),
        named(|demand| demand.is_scoped()),
    ]
}

#[test]
fn tokio_has_local_spawns_and_no_scoped_one() {
    let demands = asked("tokio");
    for flavour in ["multi-thread", "current-thread"] {
        assert_eq!(
            told(&demands, flavour),
            [
                "tokio::spawn",
                "Send + 'static",
                "tokio::task::spawn_local tokio::task::LocalSet::spawn_local \
                 tokio::runtime::LocalRuntime::spawn_local",
                ""
            ]
        );
    }
    // The reasons that the page gives.
    let native = demands.native("multi-thread").unwrap();
    let codes: Vec<&str> = native.codes.iter().copied().collect();
    assert_eq!(codes, ["E0277", "E0373", "E0521", "E0597"]);
    assert_eq!((native.send.of, native.outlives.of), (6, 4));
}

#[test]
fn smol_has_an_executor_that_tasks_cannot_outlive() {
    let demands = asked("smol");
    assert_eq!(
        told(&demands, "default"),
        [
            "smol::spawn",
            "Send + 'static",
            "smol::LocalExecutor::spawn",
            "smol::Executor::spawn smol::LocalExecutor::spawn"
        ]
    );
}

#[test]
fn async_std_has_one_spawn() {
    assert_eq!(
        told(&asked("async-std"), "default"),
        ["async_std::task::spawn", "Send + 'static", "", ""]
    );
}

#[test]
fn a_thread_takes_a_closure_and_a_scope_takes_what_borrows() {
    let demands = asked("threads");
    assert_eq!(
        told(&demands, "threads"),
        [
            "std::thread::spawn",
            "Send + 'static",
            "",
            "std::thread::Scope::spawn"
        ]
    );
    let native = demands.native("threads").unwrap();
    assert_eq!((native.made_there.refused, native.made_there.of), (0, 3));
}

#[cfg(target_os = "linux")]
#[test]
fn glommio_never_moves_a_future() {
    let demands = asked("glommio");
    let scoped = "glommio::spawn_scoped_local (unsafe)";
    assert_eq!(
        told(&demands, "local"),
        ["glommio::spawn_local", "'static", scoped, scoped]
    );
    assert_eq!(
        told(&demands, "pool"),
        [
            "glommio::LocalExecutorBuilder::spawn",
            "Send + 'static",
            &format!("glommio::spawn_local {scoped}"),
            scoped
        ]
    );
    // What it is sent builds a future there that need not be `Send`.
    let pool = demands.native("pool").unwrap();
    assert_eq!((pool.made_there.refused, pool.made_there.of), (0, 3));
}

/// The claim in a run of the threads adapter from this folder, with no compiler to ask: its verdict
/// and its reason, and the same from the record.
fn run_from(folder: &Path) -> (String, String) {
    let results = TempDir::new().unwrap();
    let claim = |arguments: &[&str]| {
        let mut command = harness();
        command.env("RUSTC", folder.join("no-such-compiler"));
        let output = command.args(arguments).arg("--format=json").output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let report = json(&output);
        let claims = list(&report, "claims").iter();
        let claim = claims
            .filter(|claim| claim["claim"] == "spawn-demands-send-static")
            .find(|claim| claim["flavour"] == "threads")
            .unwrap();
        let word = |key: &str| claim[key].as_str().unwrap().to_owned();
        (word("verdict"), word("reason"))
    };
    let ran = claim(&[
        "run",
        "--runtime=threads",
        "--scenario=timers",
        "--rounds=1",
        &format!("--adapters={}", folder.display()),
        &format!("--results={}", results.path().display()),
    ]);
    let record = record(results.path());
    assert_eq!(claim(&["report", record.to_str().unwrap()]), ran);
    ran
}

#[test]
fn built_adapters_keep_what_the_compiler_said() {
    let (verdict, reason) = run_from(prebuilt());
    assert_eq!(verdict, "holds", "{reason}");
    assert!(
        reason.starts_with(
            "std::thread::spawn refuses 3 of 3 that are not Send and 4 of 4 that are not 'static"
        ) && reason.contains("; scoped spawn: std::thread::Scope::spawn; by rustc "),
        "{reason}"
    );

    let bare = TempDir::new().unwrap();
    let program = format!("runtime-threads{}", std::env::consts::EXE_SUFFIX);
    fs::copy(prebuilt().join(&program), bare.path().join(&program)).unwrap();
    let (verdict, reason) = run_from(bare.path());
    assert_eq!(verdict, "not-testable");
    assert!(
        reason.starts_with("nobody recorded what its spawns demand")
            && reason.contains("`harness build --out`"),
        "{reason}"
    );
}
