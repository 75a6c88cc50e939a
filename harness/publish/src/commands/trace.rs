//! `harness trace`: a recorded round of any cell, for the viewers of Perfetto and Chrome.

use crate::trace::{self, Trace};
use harness::cli::TraceArgs;
use harness::commands::{
    timeline::{of, read},
    whole,
};
use harness_measure::progress::tell;
use harness_protocol::Primitive;
use harness_record::format::counted;
use harness_report::{
    screen,
    traced::{self, Traced},
};
use std::{path::Path, process::ExitCode};

/// Writes the trace, and says what is in it.
///
/// # Errors
///
/// What is wrong with the record, or with the name of a cell; or that the file cannot be written.
pub(super) fn run(args: &TraceArgs) -> anyhow::Result<ExitCode> {
    let recorded = read(&args.of)?;
    let traced =
        traced::find(&recorded.bundle, &args.of.cells).map_err(|why| of(&recorded, &why))?;
    let trace = trace::of(&recorded.name, &recorded.bundle.header, &traced);
    let text = format!("{}\n", trace.json);
    let place = if args.out == Path::new("-") {
        screen::say(&text)?;
        "standard output".to_owned()
    } else {
        whole(&args.out, text.as_bytes())?;
        args.out.display().to_string()
    };
    tell(&summary(&place, &traced, &trace));
    for line in remarks(&traced) {
        tell(&line);
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(place: &str, traced: &[Traced<'_>], trace: &Trace) -> String {
    format!(
        "{place}: {}, {} on {}, {}; open it in ui.perfetto.dev or chrome://tracing",
        counted(traced.len(), "cell"),
        counted(trace.polls, "poll"),
        counted(trace.threads, "thread"),
        counted(trace.flows, "arrow")
    )
}

/// What somebody would look for in the trace and not find, a line each.
fn remarks(traced: &[Traced<'_>]) -> Vec<String> {
    let mut remarks = Vec::new();
    for traced in traced {
        let Traced { cell, sample } = traced;
        if let Some(cut) = traced.cut() {
            remarks.push(format!("{cell}: {cut} were kept"));
        }
        let hands_over = !matches!(cell.primitive, Primitive::Sequential | Primitive::Compose);
        if hands_over && sample.handed.is_empty() {
            remarks.push(format!(
                "{cell}: no arrows: the record does not say when branches were handed over; harnesses before this one did not ask"
            ));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use harness_protocol::{Handed, Poll, Sample};

    use super::*;
    use harness_record::fabricated::{cell, sample};

    #[test]
    fn what_is_not_there_is_said() {
        let poll = Poll {
            branch: 0,
            thread: 0,
            start_ns: 0,
            end_ns: 1,
        };
        let handed = Handed {
            branch: 0,
            thread: 0,
            start_ns: 0,
            end_ns: 1,
        };
        let old = Sample {
            trace: vec![poll],
            ..sample(4.0, 1.0)
        };
        let whole = Sample {
            polls: 1,
            handed: vec![handed],
            ..old.clone()
        };
        let (spawn, compose) = (
            cell("smol:workers@2/digest/spawn@2"),
            cell("smol:workers@2/digest/compose@2"),
        );
        let said = |cell, sample| remarks(&[Traced { cell, sample }]);
        assert_eq!(said(&spawn, &whole), Vec::<String>::new());
        let lines = said(&spawn, &old);
        assert!(lines[0].contains("the first 1 of 2 polls"), "{lines:?}");
        assert!(lines[1].contains("no arrows"), "{lines:?}");
        // Nothing is handed over there, so nothing is missed.
        assert_eq!(said(&compose, &old).len(), 1);
    }
}
