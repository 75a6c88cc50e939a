//! What the shares of a plan claim, and at which error.

use super::*;
use harness_record::{
    fabricated::{glommio, tokio},
    plan::{Entrant, Partition},
};

fn entrants() -> Vec<Entrant> {
    vec![unasked(threads()), smol(), tokio(), glommio()]
}

fn planned(rounds: Rounds, workers: Vec<usize>, cores: usize) -> Header {
    let options = Options {
        rounds,
        workers,
        ..options()
    };
    header(entrants(), options, cores)
}

/// Whatever a calibration finds, no record makes more comparisons than its shares fixed beforehand.
#[test]
fn no_calibration_makes_more_comparisons_than_were_fixed_for_the_shares() {
    for rounds in [Rounds::Budget, Rounds::Auto, Rounds::Fixed(30)] {
        for (workers, cores) in [(vec![], 2), (vec![1, 2, 4], 4), (vec![], 1)] {
            let header = planned(rounds, workers.clone(), cores);
            let most = most_comparisons(&header);
            let made = |bundle: &Bundle| comparisons(&cases(bundle));
            let calibrated = made(&predicted(header.clone()));
            let nothing = made(&Bundle::new(header.clone()));
            assert!(
                most >= calibrated,
                "{rounds:?}, {workers:?}: {most} and {calibrated}"
            );
            if cores > 1 {
                assert!(calibrated > nothing, "a claim that wants a calibration");
            }
            // As fabricated, the laws promise something and branches mostly wait: every claim is made.
            assert_eq!(most, calibrated, "{rounds:?}, {workers:?}");
            for share in Partition::new(1, 16).unwrap().all() {
                let mut of_share = header.clone();
                of_share.options.partition = Some(share);
                assert_eq!(most_comparisons(&of_share), most);
                let made = made(&predicted(of_share));
                assert!(made <= most, "{share}: {made}");
            }
        }
    }
}

/// In a short run that claim has no room beside others; they are in another share.
#[test]
fn what_a_share_claims_is_what_the_plan_does() {
    let mut header = planned(Rounds::Budget, Vec::new(), 2);
    header.options.scenarios = vec!["timers".into(), "pieces".into()];
    header.entrants.truncate(2);
    header.options.partition = Partition::new(2, 2);
    let bundle = predicted(header);
    let names: Vec<&str> = bundle
        .plan
        .groups
        .iter()
        .map(|group| group.scenario.name)
        .collect();
    assert_eq!(names, ["pieces"]);
    let why = |id: &str| {
        let cases = cases(&bundle);
        let mut of = cases.iter().filter(|case| case.claim.id == id);
        let case = of.find(|case| case.config.title() == WORKERS).unwrap();
        case.planned.clone().unwrap_err()
    };
    assert!(why("more-spawns-not-more-parallel").starts_with("a short run has no room"));
    assert_eq!(
        why("spawn-overlaps-waits"),
        "needs the scenario timers, which other shares of the plan measure"
    );
    assert_eq!(why(USES), "needs the scenario digest, which was left out");
}
