//! The compiler is asked for real, about spawns that are written here and need no library.

use super::*;
use harness_judge::{
    judge::{self, Verdict},
    standing::Standing,
    stats::Family,
};
use harness_record::demands::Takes;
use harness_record::{
    bundle::{Bundle, Event},
    fabricated::{glommio, header, options, predicted, smol},
    plan::Entrant,
};

/// A native spawn that takes what has this bound, and does nothing with it.
fn bounded(bound: &str) -> Spawn {
    Spawn {
        name: format!("takes<{bound}>"),
        call: format!("{{ fn take<F: {bound}>(_: F) {{}} take(BRANCH) }}"),
        takes: Takes::Future,
        native: true,
        flavours: Vec::new(),
    }
}

const FULL: &str = "Future<Output: Send + 'static> + Send + 'static";

fn asked_about(spawns: &[Spawn]) -> Demands {
    let demands = ask(spawns, CASES, &Libraries::default());
    assert_eq!(demands.unknown, None);
    assert!(demands.compiler.starts_with("rustc "), "{demands:?}");
    demands
}

/// The word on the claim, and its reason, where the first flavour's record says this.
fn judged(entrant: Entrant, demands: Option<Demands>) -> judge::Judgement {
    let runtime = entrant.name.clone();
    let mut bundle: Bundle = predicted(header(vec![entrant], options(), 2));
    if let Some(demands) = demands {
        // As it is read back from the record.
        let event = Event::Demands { runtime, demands };
        let line = serde_json::to_string(&event).unwrap();
        bundle.add(serde_json::from_str(&line).unwrap());
    }
    let cases = judge::cases(&bundle);
    let case = cases
        .iter()
        .find(|case| case.claim.id == "spawn-demands-send-static")
        .unwrap();
    judge::judge(&bundle, case, Family::of(1))
}

/// One case with these two bodies, under the name of one that the harness has.
fn made_up(id: &'static str, text: &'static str) -> Demands {
    let case = Case {
        text,
        ..copy(CASES.iter().find(|case| case.id == id).unwrap())
    };
    let mut cases: Vec<Case> = CASES
        .iter()
        .filter(|case| case.id != id)
        .map(copy)
        .collect();
    cases.push(case);
    ask(&[bounded(FULL)], &cases, &Libraries::default())
}

fn copy(case: &Case) -> Case {
    Case { ..*case }
}

/// All at once, so that each error must be told from those of the others.
#[test]
fn a_bound_is_what_it_refuses() {
    let closure = Spawn {
        name: "built there".to_owned(),
        call: "{ fn take<F: Future<Output: Send + 'static>>(_: impl FnOnce() -> F + Send + 'static) {} \
               take(move || BRANCH) }"
            .to_owned(),
        takes: Takes::Closure,
        ..bounded("")
    };
    let spawns = [
        bounded(FULL),
        bounded("Future + 'static"),
        bounded("Future<Output: Send> + Send"),
        bounded("Future"),
        closure,
    ];
    let demands = asked_about(&spawns);
    let found: Vec<_> = demands
        .spawns
        .iter()
        .map(|asked| {
            let demand = asked.demand().unwrap();
            let shares = [demand.send, demand.outlives, demand.made_there];
            (
                demand.to_string(),
                shares.map(|share| (share.refused, share.of)),
                demand.codes.into_iter().collect::<Vec<_>>(),
            )
        })
        .collect();
    let frame = ["E0373", "E0521", "E0597"];
    let all = ["E0277", "E0373", "E0521", "E0597"];
    let expected = [
        ("Send + 'static", [(6, 6), (4, 4), (0, 0)], all.to_vec()),
        ("'static", [(0, 6), (4, 4), (0, 0)], frame.to_vec()),
        ("Send", [(6, 6), (0, 4), (0, 0)], vec!["E0277"]),
        ("nothing", [(0, 6), (0, 4), (0, 0)], vec![]),
    ];
    for (found, (bound, shares, codes)) in found.iter().zip(expected) {
        assert_eq!(
            (found.0.as_str(), found.1, &found.2),
            (bound, shares, &codes)
        );
    }
    // Only what is brought along crosses to the thread that a closure runs on.
    assert_eq!((found[4].1[0], found[4].1[2]), ((3, 3), (0, 3)));
}

#[test]
fn a_spawn_that_demands_both_holds_and_says_what_else_there_is() {
    let other = |name: &str, bound: &str| Spawn {
        name: name.to_owned(),
        native: false,
        ..bounded(bound)
    };
    let demands = asked_about(&[
        other("near", "Future + 'static"),
        bounded(FULL),
        other("within", "Future<Output: Send> + Send"),
        Spawn {
            call: "nowhere(BRANCH)".to_owned(),
            ..other("gone", "")
        },
    ]);
    let judgement = judged(smol(), Some(demands.clone()));
    assert_eq!(judgement.verdict, Verdict::Holds);
    assert_eq!(judgement.observations, 10);
    let compiler = demands.compiler.split(" (").next().unwrap();
    assert_eq!(
        judgement.reason,
        format!(
            "takes<{FULL}> refuses 6 of 6 that are not Send and 4 of 4 that are not 'static \
             (E0277, E0373, E0521, E0597), accepts their 10 twins; local spawn: near; scoped spawn: within; \
             not known of gone: the twin of the case rc-captured does not compile: \
             E0425, cannot find function `nowhere` in this scope; by {compiler}"
        )
    );
}

#[test]
fn a_manifest_that_names_what_accepts_everything_is_refuted() {
    let judgement = judged(smol(), Some(asked_about(&[bounded("Future")])));
    assert_eq!(judgement.verdict, Verdict::Refuted);
    // One executing thread or not: that it does not even hold on to its frame is no design.
    assert!(judgement.reason.contains("refuses 0 of 6"), "{judgement:?}");
    assert!(judgement.reason.contains("and 0 of 4"), "{judgement:?}");
    assert!(!judgement.by_design, "{judgement:?}");
}

#[test]
fn a_local_spawn_is_refuted_by_design_where_one_thread_is_the_design() {
    let local = asked_about(&[bounded("Future + 'static")]);
    let judgement = judged(glommio(), Some(local));
    assert_eq!(judgement.verdict, Verdict::Refuted);
    assert!(judgement.by_design);
    let design = "; by design: one executing thread, so no branch is moved to another";
    assert!(judgement.reason.ends_with(design), "{}", judgement.reason);

    let mut many = glommio();
    many.flavours.remove(0);
    let judgement = judged(many, Some(asked_about(&[bounded("Future + 'static")])));
    assert_eq!(judgement.verdict, Verdict::Refuted);
    assert!(!judgement.by_design);
}

#[test]
fn a_twin_that_does_not_compile_is_a_defect_and_no_pass() {
    let demands = made_up(
        "rc-held",
        "use std::rc::Rc;\n\
         fn refused() { let _ = spawn!(async { let rc = Rc::new(1); pause().await; drop(rc) }); }\n\
         fn twin() { let _ = spawn!(async { let rc = Rc::new(1); pause().await; drop(rc) }); }\n",
    );
    let judgement = judged(smol(), Some(demands));
    assert_eq!(judgement.verdict, Verdict::NotTestable);
    let defect = "the twin of the case rc-held does not compile: future cannot be sent between";
    assert!(judgement.reason.contains(defect), "{}", judgement.reason);
}

#[test]
fn a_case_that_is_refused_for_another_reason_is_a_defect_and_no_pass() {
    let twin = "fn twin() { let _ = spawn!(async { pause().await }); }\n";
    let mistyped =
        "fn refused() { let _ = spawn!(async { let n: u32 = \"one\"; pause().await }); }\n";
    // Not 'static where Send is asked for.
    let borrows =
        "fn refused() { let n = 1; let _ = spawn!(async { drop(&n); pause().await }); }\n";
    for (refused, code) in [(mistyped, "E0308"), (borrows, "E0373")] {
        let text: &'static str = format!("{refused}{twin}").leak();
        let judgement = judged(smol(), Some(made_up("rc-captured", text)));
        assert_eq!(judgement.verdict, Verdict::NotTestable);
        let defect =
            format!("the case rc-captured is refused for another reason than its own: {code}");
        assert!(judgement.reason.contains(&defect), "{}", judgement.reason);
    }
}

#[test]
fn what_is_not_known_is_not_testable_and_says_what_to_do() {
    let judgement = judged(smol(), None);
    assert_eq!(judgement.verdict, Verdict::NotTestable);
    assert!(judgement.reason.contains("before that was asked"));

    let source = Source::Compiler(Vec::new(), Libraries::default());
    let judgement = judged(smol(), Some(source.demands()));
    assert_eq!(judgement.verdict, Verdict::NotTestable);
    assert!(judgement.reason.contains("names no native spawn"));

    // Native to another flavour only.
    let spawn = Spawn {
        flavours: vec!["workers".to_owned()],
        ..bounded(FULL)
    };
    let demands = asked_about(&[spawn]);
    assert!(demands.native("workers").is_ok());
    let judgement = judged(smol(), Some(demands));
    assert_eq!(judgement.verdict, Verdict::NotTestable);
    assert!(judgement.reason.contains("names no native spawn"));

    // What is no Rust is an error of none of the cases.
    let spawn = Spawn {
        call: "take(BRANCH".to_owned(),
        ..bounded(FULL)
    };
    let demands = ask(&[spawn], CASES, &Libraries::default());
    let why = demands.unknown.unwrap();
    assert!(why.starts_with("cannot ask the compiler"), "{why}");
}

#[test]
fn verify_shows_what_is_known() {
    let bundle = predicted(header(vec![glommio()], options(), 2));
    let seen = |demands: &Demands| {
        let standing = Standing::of(&bundle.plan.configs[0], &[], "").demanding(demands);
        let seen = standing.seen.into_iter();
        seen.map(|seen| (seen.aspect, seen.word))
            .collect::<Vec<_>>()
    };
    let local = asked_about(&[bounded("Future + 'static")]);
    let expected = ("spawn demands".to_owned(), "'static".to_owned());
    assert_eq!(seen(&local), [expected]);
    assert_eq!(seen(&Demands::unknown("nobody asked")), []);
}

#[test]
fn every_case_has_its_two_functions_and_a_name_of_its_own() {
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.id).collect();
    assert_eq!(names.len(), CASES.len());
    for case in CASES {
        for function in ["fn refused(", "fn twin("] {
            assert_eq!(case.text.matches(function).count(), 1, "{}", case.id);
        }
        assert_eq!(case.text.matches("spawn!(").count(), 2, "{}", case.id);
    }
}
