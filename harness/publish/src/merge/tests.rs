//! Runs joined by hand.

use super::*;
use harness_protocol::{Threads, Workers};
use harness_record::{
    bundle::Bundle,
    fabricated::{entrant, flavour, header, options, predicted, smol},
    plan::{Entrant, Options},
};
use harness_report::{Report, screen::plain};

const USES: &str = "spawn-uses-cores";
const NEEDS: &str = "spawn-needs-workers";

/// Two cores, 8 GiB.
struct Made {
    name: &'static str,
    cores: usize,
    kernel: &'static str,
    memory: u64,
    seed: u64,
    workers: Vec<usize>,
    entrant: Entrant,
    /// Flavour, claim, verdict, by design.
    verdicts: Vec<(&'static str, &'static str, Verdict, bool)>,
}

fn made(name: &'static str, seed: u64) -> Made {
    Made {
        name,
        cores: 2,
        kernel: "6.1",
        memory: 8 << 30,
        seed,
        workers: Vec::new(),
        entrant: smol(),
        verdicts: Vec::new(),
    }
}

impl Made {
    /// The record, its claims inconclusive but for those that are said.
    fn recorded(self) -> Recorded {
        let options = Options {
            scenarios: vec!["digest".to_owned()],
            workers: self.workers,
            seed: self.seed,
            ..options()
        };
        let mut header = header(vec![self.entrant], options, self.cores);
        header.host.kernel = Some(self.kernel.to_owned());
        header.host.memory = Some(self.memory);
        let bundle: Bundle = predicted(header);
        let mut report = Report::of(&bundle);
        for claim in &mut report.claims {
            let said = self
                .verdicts
                .iter()
                .find(|said| (said.0, said.1) == (claim.id.flavour.as_str(), claim.claim.as_str()));
            let (verdict, by_design) =
                said.map_or((Verdict::Inconclusive, false), |said| (said.2, said.3));
            (claim.verdict, claim.by_design) = (verdict, by_design);
            claim.reason = format!("as {} saw it", self.name);
        }
        Recorded {
            name: self.name.to_owned(),
            bundle,
            report,
        }
    }

    fn says(mut self, flavour: &'static str, claim: &'static str, verdict: Verdict) -> Self {
        self.verdicts.push((flavour, claim, verdict, false));
        self
    }

    fn by_design(mut self, flavour: &'static str, claim: &'static str) -> Self {
        self.verdicts.push((flavour, claim, Verdict::Refuted, true));
        self
    }
}

/// Three machines, one of them with two runs.
fn three() -> Vec<Recorded> {
    use Verdict::{Holds, NotTestable, Refuted};
    vec![
        made("a", 1)
            .says("workers", USES, Holds)
            .says("default", USES, Refuted)
            .recorded(),
        Made {
            cores: 4,
            ..made("b", 2)
        }
        .says("workers", USES, Refuted)
        .by_design("default", USES)
        .recorded(),
        // As `a`, after an update and a restart: another kernel, some KiB less.
        Made {
            memory: (8 << 30) - 40_960,
            kernel: "6.2",
            ..made("c", 3)
        }
        .says("workers", USES, Holds)
        .by_design("default", USES)
        .says("default", NEEDS, Holds)
        .recorded(),
        Made {
            memory: 16 << 30,
            ..made("d", 4)
        }
        .says("default", USES, NotTestable)
        .says("workers", NEEDS, NotTestable)
        .recorded(),
    ]
}

fn row<'a>(merged: &'a Merged, way: &str, claim: &str) -> &'a Row {
    merged
        .claims
        .iter()
        .find(|row| row.configuration.way() == way && row.claim == claim)
        .unwrap()
}

#[test]
fn counts_by_hand() {
    let merged = Merged::of(&three());
    let names: Vec<&str> = merged.machines.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "made-up-2-cores-metal",
            "made-up-4-cores-metal",
            "made-up-2-cores-metal-2"
        ]
    );
    let machines: Vec<&str> = merged.runs.iter().map(|run| run.machine.as_str()).collect();
    assert_eq!(machines, [names[0], names[1], names[0], names[2]]);

    // a and c hold, and are one machine; b refutes it; d has not decided it. 2 and 4 workers are
    // both a worker a core.
    let uses = row(&merged, "workers@cores", USES);
    let expected = Counts {
        holds: 1,
        refuted: 1,
        inconclusive: 1,
        ..Counts::default()
    };
    assert_eq!(uses.machines, expected);
    assert_eq!(uses.on[0].said.len(), 2);
    // a and c say two things of it: mixed, and both are shown.
    let default = row(&merged, "default@1", USES);
    let expected = Counts {
        refuted_by_design: 1,
        not_testable: 1,
        mixed: 1,
        ..Counts::default()
    };
    assert_eq!(default.machines, expected);
    let said: Vec<(&str, bool)> = (default.on[0].said.iter())
        .map(|said| (said.run.as_str(), said.by_design))
        .collect();
    assert_eq!(said, [("a", false), ("c", true)]);
    // c decided what a did not: that contradicts nothing.
    let needs = row(&merged, "default@1", NEEDS);
    assert_eq!((needs.machines.holds, needs.machines.inconclusive), (1, 2));
    // d could not test it, and nobody decided it.
    let needs = row(&merged, "workers@cores", NEEDS);
    assert_eq!(
        (needs.machines.not_testable, needs.machines.inconclusive),
        (1, 2)
    );
    // Every claim, on both flavours, once.
    assert_eq!(merged.claims.len(), 2 * CLAIMS.len());
    assert_eq!(merged.configurations().len(), 2);
}

#[test]
fn a_run_that_is_there_twice_counts_once() {
    let one = made("a", 1).says("workers", USES, Verdict::Holds);
    let again = made("copy", 1).says("workers", USES, Verdict::Holds);
    let merged = Merged::of(&[one.recorded(), again.recorded()]);
    assert_eq!(merged.runs.len(), 1);
    assert_eq!(row(&merged, "workers@cores", USES).on[0].said.len(), 1);
}

#[test]
fn versions_and_numbers_of_workers_are_kept_apart() {
    let newer = Entrant {
        version: Some("2.0.0".to_owned()),
        ..smol()
    };
    let newer = Made {
        entrant: newer,
        ..made("b", 2)
    };
    let fewer = Made {
        workers: vec![1],
        ..made("c", 3)
    };
    let merged = Merged::of(&[made("a", 1).recorded(), newer.recorded(), fewer.recorded()]);
    let titles: Vec<String> = (merged.configurations().into_iter())
        .map(|c| format!("{} {}", c.runtime(), c.way()))
        .collect();
    assert_eq!(
        titles,
        [
            "smol 1.2.3 default@1",
            "smol 1.2.3 workers@cores",
            "smol 2.0.0 default@1",
            "smol 2.0.0 workers@cores",
            "smol 1.2.3 workers@1",
        ]
    );
    assert_eq!(
        row(&merged, "default@1", USES).on[0].said.len(),
        2,
        "a and c"
    );
}

/// One flavour and a few claims, so that the whole can be read here.
fn small() -> Vec<Recorded> {
    let one = || {
        entrant(
            "smol",
            vec![flavour("workers", Workers::PerCore, Threads::Workers, None)],
        )
    };
    let few = |mut recorded: Recorded| {
        recorded
            .report
            .claims
            .retain(|claim| [USES, NEEDS].contains(&claim.claim.as_str()));
        recorded
    };
    let a = Made {
        entrant: one(),
        ..made("a", 1)
    };
    let b = Made {
        entrant: one(),
        ..made("b", 2)
    };
    let c = Made {
        entrant: one(),
        cores: 4,
        ..made("c", 3)
    };
    vec![
        few(a.says("workers", USES, Verdict::Holds).recorded()),
        few(b.says("workers", USES, Verdict::Refuted).recorded()),
        few(c.says("workers", USES, Verdict::Holds).recorded()),
    ]
}

#[test]
fn it_reads_well() {
    let merged = Merged::of(&small());
    insta::assert_snapshot!(plain(&print::text(&merged)), @"
machine 1  made-up-2-cores-metal: Made-up CPU, 2 cores allowed, 8 GiB, linux 6.1
  a  0 blocks, 0 disturbed; revision unknown; stopped before its end
  b  0 blocks, 0 disturbed; revision unknown; stopped before its end
machine 2  made-up-4-cores-metal: Made-up CPU, 4 cores allowed, 8 GiB, linux 6.1
  c  0 blocks, 0 disturbed; revision unknown; stopped before its end

smol 1.2.3 workers@cores
  spawn-uses-cores               ≠ ✓  holds on 1, mixed on 1
    a: holds: as a saw it
    b: refuted: as b saw it
  spawn-needs-workers            ? ?  inconclusive on 2

✓ holds · ✗ refuted · ◆ refuted by design · ? inconclusive · – not testable · ≠ mixed; blank: the machine has no such configuration.
Several runs of one machine count as one: what was decided outweighs what was not, and runs that decided differently make it mixed, which counts for neither side.
");
    insta::assert_snapshot!(print::markdown(&merged, &str::to_owned), @"
| machine | what it is | runs |
| --- | --- | --- |
| made-up-2-cores-metal | Made-up CPU, 2 cores allowed, 8 GiB, linux 6.1 | a, b |
| made-up-4-cores-metal | Made-up CPU, 4 cores allowed, 8 GiB, linux 6.1 | c |

| claim | smol 1.2.3<br>workers@cores |
| --- | --- |
| spawn-uses-cores | 1✓ 1≠ |
| spawn-needs-workers | 2? |

✓ holds · ✗ refuted · ◆ refuted by design · ? inconclusive · – not testable · ≠ mixed. Several runs of one machine count as one: what was decided outweighs what was not, and runs that decided differently make it `mixed`, which counts for neither side. A figure is the number of machines that say so.

<details>
<summary>made-up-2-cores-metal alone</summary>

| claim | smol 1.2.3<br>workers@cores |
| --- | --- |
| spawn-uses-cores | ≠ |
| spawn-needs-workers | ? |

</details>

<details>
<summary>made-up-4-cores-metal alone</summary>

| claim | smol 1.2.3<br>workers@cores |
| --- | --- |
| spawn-uses-cores | ✓ |
| spawn-needs-workers | ? |

</details>

Mixed:

- smol 1.2.3 workers@cores, spawn-uses-cores: a: holds: as a saw it
- smol 1.2.3 workers@cores, spawn-uses-cores: b: refuted: as b saw it
");
    // One machine needs no figures, and its number of workers is known.
    let merged = Merged::of(&small()[..1]);
    insta::assert_snapshot!(print::grid(&merged, None, &str::to_owned), @"
| claim | smol 1.2.3<br>workers@2 |
| --- | --- |
| spawn-uses-cores | ✓ |
| spawn-needs-workers | ? |
");
    assert!(print::text(&merged).contains("\u{1b}[32m✓\u{1b}[0m"));
}

/// Costs say nothing of claims, so they are none of the runs that are joined.
#[test]
fn costs_are_not_merged() {
    let options = Options {
        scenarios: Vec::new(),
        costs: Some(harness_record::costs::Asked::default()),
        ..options()
    };
    let bundle = Bundle::new(header(vec![smol()], options, 2));
    let recorded = Recorded {
        name: "costs".to_owned(),
        report: Report::of(&bundle),
        bundle,
    };
    assert!(Merged::of(&[recorded]).runs.is_empty());
}
