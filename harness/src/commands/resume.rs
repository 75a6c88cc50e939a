//! `harness run --resume`: a run that was stopped or killed goes on, by its record.

use std::{path::Path, process::ExitCode};

use serde_json::Value;

use super::{
    Usage, Workbench, open, part,
    run::{Measuring, Participants, Printing, exit_code, header, host, participants, print},
};
use crate::cli::RunArgs;
use harness_judge::check;
use harness_measure::{child::Limits, progress::Progress};
use harness_record::{
    bundle::{Header, Reopened},
    host::Host,
};
use harness_report::Report;

/// Goes on with the run recorded in a folder, and reports on the whole of it. A run that is complete is
/// only reported on.
///
/// # Errors
///
/// What the user can mend (exit code 2): the folder holds no record that can be gone on with, or this is
/// not the machine, the harness and the adapters of the record. Or that it could not be written.
pub fn run(args: &RunArgs, folder: &Path) -> anyhow::Result<ExitCode> {
    let mut reopened = Reopened::open(folder).map_err(|error| Usage(format!("{error:#}")))?;
    let progress = Progress::new(args.quiet);
    if reopened.bundle.ended == Some(false) {
        if !reopened.bundle.sealed && reopened.cut() == 0 {
            // A seal vouches for what it is put on.
            if let Some(problem) = check::check(folder).problems.first() {
                return Err(Usage(format!("{problem}; it is not sealed")).into());
            }
            reopened.seal()?;
        }
        progress.say(&format!(
            "{} is complete: nothing is left to measure",
            folder.display()
        ));
        let report = Report::of(&reopened.bundle);
        print(
            &reopened.bundle,
            &report,
            folder,
            (&args.output, args.details),
        )?;
        return Ok(exit_code(&args.fail_on, &report, false));
    }
    let then = &reopened.bundle.header;
    if then.options.costs.is_some() {
        let why =
            "it counted what primitives cost, which is done again and not gone on with".to_owned();
        return Err(Usage(format!(
            "cannot go on with {}: {why}: `harness costs`",
            folder.display()
        ))
        .into());
    }
    if let Some(own) = reopened.bundle.plan.own() {
        return Err(Usage(format!(
            "cannot go on with {}: it is of a file of your own ({}), which may have changed: `harness try FILE` measures it anew",
            folder.display(),
            own.name
        ))
        .into());
    }
    part::again(then.options.cpus.as_deref()).map_err(|why| refusal(folder, &why))?;
    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    // Before anything is built: it takes no time, and is the likeliest. Of which revision the adapters are was said when
    // the run began.
    let (here, _) = host(&adapters);
    agree(folder, elsewhere(&then.host, &here))?;
    let limits = Limits::default();
    let timeout = then
        .options
        .timeout_ms
        .map(std::time::Duration::from_millis);
    let limits = Limits {
        wall: timeout.unwrap_or(limits.wall),
        ..limits
    };
    let asked = then.entrants.iter().filter(|entrant| entrant.asked);
    let names: Vec<String> = asked.map(|entrant| entrant.name.clone()).collect();
    let how = how.with(then.options.scenarios.iter().map(String::as_str));
    let Participants {
        mut entrants,
        built,
    } = participants(
        &adapters,
        &names,
        &then.options.scenarios,
        &how,
        &limits,
        &interrupt,
        &progress,
    )?;
    // That was seen when the run began, and the plan rests on it.
    for (was, is) in then.entrants.iter().zip(&mut entrants) {
        for (was, is) in was.flavours.iter().zip(&mut is.flavours) {
            is.unasked_workers = was.unasked_workers;
        }
    }
    let now = header(&adapters, here, then.options.clone(), entrants, &built).scrubbed();
    agree(folder, others(then, &now))?;

    let how = Measuring {
        printing: Printing::of(args),
        adapters: &adapters,
        built: &built,
        how: &how,
        interrupt: &interrupt,
        progress: &progress,
    };
    let origin = how.origin(&now.options)?;
    if reopened.cut() > 0 {
        progress.say(&format!(
            "the last line of {} was cut short by a kill: its {} bytes are taken away",
            folder.join("samples.jsonl").display(),
            reopened.cut()
        ));
    }
    let mut recorder = reopened.resume()?;
    progress.say(&format!(
        "going on with {}: {} blocks are there; seed {}",
        folder.display(),
        recorder
            .bundle
            .blocks
            .iter()
            .filter(|block| block.complete)
            .count(),
        recorder.bundle.header.options.seed
    ));
    how.measure(&mut recorder, origin)
}

fn refusal(folder: &Path, why: &str) -> anyhow::Error {
    Usage(format!(
        "cannot go on with {}: {why}; measure it again with `harness run`",
        folder.display()
    ))
    .into()
}

fn agree(folder: &Path, differences: Vec<String>) -> anyhow::Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(refusal(folder, &differences.join("; ")))
}

/// What this machine and this checkout are otherwise than those of a record.
fn elsewhere(then: &Host, now: &Host) -> Vec<String> {
    // Which compiler is here is of no matter: adapters that it made otherwise are other programs. And a
    // virtual machine gives and takes some pages.
    let is_same = |name: &str, then: &Value, now: &Value| match (name, then.as_f64(), now.as_f64())
    {
        // A figure that was measured.
        ("rustc" | "toolchain" | "timer_grain_ns", ..) => true,
        ("memory", Some(then), Some(now)) => (then - now).abs() < 0.01 * then,
        _ => then == now,
    };
    let (then, now) = (value(then), value(now));
    let fields = then.as_object().into_iter().flatten();
    let differ = fields.filter(|(name, then)| !is_same(name, then, &now[name.as_str()]));
    differ
        .map(|(name, then)| {
            let what = match name.as_str() {
                "harness" => "the version of the harness".to_owned(),
                "revision" => "the revision of the checkout".to_owned(),
                "dirty" => "whether the checkout has changes".to_owned(),
                name => format!("the host's {name}"),
            };
            format!(
                "{what} is {} here and {then} in the record",
                now[name.as_str()]
            )
        })
        .collect()
}

fn value(host: &Host) -> Value {
    // Made of strings and numbers, it has a JSON form.
    serde_json::to_value(host).unwrap_or_default()
}

/// What the harness and the adapters are otherwise than those of a record.
fn others(then: &Header, now: &Header) -> Vec<String> {
    let mut differences = Vec::new();
    if then.program != now.program {
        differences.push("this harness is another build than the one that recorded it".to_owned());
    }
    for was in &then.entrants {
        let name = &was.name;
        let Some(is) = now.entrants.iter().find(|is| is.name == *name) else {
            differences.push(format!("there is no runtime {name} here"));
            continue;
        };
        let version = |version: &Option<String>| version.clone().unwrap_or("unknown".to_owned());
        let made = |header: &Header| {
            let mut made = header.adapters.iter();
            made.find(|made| made.runtime == *name).cloned()
        };
        if was.version != is.version {
            differences.push(format!(
                "the version of {name} is {} here and {} in the record",
                version(&is.version),
                version(&was.version)
            ));
        } else if was.unavailable.is_some() != is.unavailable.is_some() {
            let word = |unavailable: bool| {
                if unavailable {
                    "unavailable"
                } else {
                    "available"
                }
            };
            differences.push(format!(
                "{name} is {} here and {} in the record",
                word(is.unavailable.is_some()),
                word(was.unavailable.is_some())
            ));
        } else if (&was.flavours, &was.checks) != (&is.flavours, &is.checks) {
            differences.push(format!("{name} declares otherwise here than in the record"));
        } else if made(then).map(|made| made.crates) != made(now).map(|made| made.crates) {
            differences.push(format!(
                "{name} is made of other crates here than in the record"
            ));
        } else if made(then) != made(now) {
            differences.push(format!(
                "the adapter of {name} is another program than the one of the record"
            ));
        }
    }
    for is in &now.entrants {
        if then.entrants.iter().all(|was| was.name != is.name) {
            differences.push(format!("the record knows no runtime {}", is.name));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::{
        bundle::Made,
        fabricated::{self, options, smol, threads, unasked},
    };

    fn some() -> Header {
        let made = |runtime: &str| Made {
            runtime: runtime.to_owned(),
            sha256: Some("00".to_owned()),
            crates: vec![format!("{runtime} 1.2.3")],
        };
        Header {
            adapters: vec![made("threads"), made("smol")],
            ..fabricated::header(vec![unasked(threads()), smol()], options(), 2)
        }
    }

    fn changed(change: impl FnOnce(&mut Header)) -> Vec<String> {
        let mut now = some();
        change(&mut now);
        let mut differences = elsewhere(&some().host, &now.host);
        differences.extend(others(&some(), &now));
        differences
    }

    #[test]
    fn what_is_the_same_may_go_on() {
        assert_eq!(changed(|_| ()), Vec::<String>::new());
        // Of no matter: see above.
        assert_eq!(
            changed(|now| now.host.rustc = Some("another".to_owned())),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_difference_says_what_differs() {
        let one = |change: fn(&mut Header)| {
            let differences = changed(change);
            assert_eq!(differences.len(), 1, "{differences:?}");
            differences[0].clone()
        };
        insta::assert_snapshot!(one(|now| now.host.cores = 4), @"the host's cores is 4 here and 2 in the record");
        insta::assert_snapshot!(one(|now| now.host.kernel = Some("6.2".to_owned())), @r#"the host's kernel is "6.2" here and "6.1" in the record"#);
        insta::assert_snapshot!(one(|now| now.host.revision = Some("abc".to_owned())), @r#"the revision of the checkout is "abc" here and null in the record"#);
        insta::assert_snapshot!(one(|now| now.program = Some("11".to_owned())), @"this harness is another build than the one that recorded it");
        insta::assert_snapshot!(one(|now| now.entrants[1].version = Some("2.0.0".to_owned())), @"the version of smol is 2.0.0 here and 1.2.3 in the record");
        insta::assert_snapshot!(one(|now| now.entrants[1].unavailable = Some("why".to_owned())), @"smol is unavailable here and available in the record");
        insta::assert_snapshot!(one(|now| drop(now.entrants[1].flavours.pop())), @"smol declares otherwise here than in the record");
        insta::assert_snapshot!(one(|now| now.adapters[1].crates.push("x 1.0.0".to_owned())), @"smol is made of other crates here than in the record");
        insta::assert_snapshot!(one(|now| now.adapters[1].sha256 = None), @"the adapter of smol is another program than the one of the record");
        insta::assert_snapshot!(one(|now| drop(now.entrants.pop())), @"there is no runtime smol here");
    }

    #[test]
    fn a_little_memory_more_is_the_same_machine() {
        let with = |memory| Host {
            memory: Some(memory),
            ..Host::default()
        };
        assert!(elsewhere(&with(10_000), &with(10_050)).is_empty());
        assert_eq!(elsewhere(&with(10_000), &with(20_000)).len(), 1);
    }
}
