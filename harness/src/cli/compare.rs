//! The command line of `harness compare`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

/// What follows the options of `compare`.
pub const AFTER_HELP: &str = "\
Sides:
  DIR                                 a whole run
  DIR:RUNTIME                         one runtime of it: its versions, with another run's
  DIR:RUNTIME:FLAVOUR[@WORKERS]       one configuration, with another of the same run or of another
For example `harness compare results/A:smol:workers results/A:tokio:multi-thread`.

What is compared, and how sure it is, is in docs/COMPARE.md.

Exit codes:
  0    it was compared, whatever came of it
  1    something went wrong, and is said
  2    the command line, or a record that it names, is not right, or the two cannot be compared
  3    a slowdown that --fail-on names was shown";

/// The options of `compare`.
#[derive(Args, Clone, Debug)]
pub struct CompareArgs {
    /// What is compared with: a run, or a part of it
    #[arg(value_name = "A")]
    pub a: OsString,
    /// What is compared: its times are divided by those of A
    #[arg(value_name = "B")]
    pub b: OsString,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CompareFormat::Table)]
    pub format: CompareFormat,
    /// Show cells with too few rounds for an interval, too
    #[arg(long)]
    pub all: bool,
    /// Exit with 3 if B is shown to be slower somewhere by at least so much, such as regression=5%
    #[arg(long, value_name = "regression=PERCENT", value_parser = regression)]
    pub fail_on: Option<f64>,
}

/// How to print a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// For people.
    Table,
    /// For a README or an issue.
    Markdown,
    /// One document; `harness schema compare` describes it.
    Json,
}

/// `regression=5%` as a share.
fn regression(text: &str) -> Result<f64, String> {
    let percent = text
        .strip_prefix("regression=")
        .and_then(|percent| percent.strip_suffix('%'))
        .and_then(|percent| percent.parse::<f64>().ok())
        .filter(|percent| (0.0..=10_000.0).contains(percent));
    match percent {
        Some(percent) => Ok(percent / 100.0),
        None => Err("write regression= and per cent from 0, such as regression=5%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_is_a_share() {
        assert_eq!(regression("regression=5%"), Ok(0.05));
        assert_eq!(regression("regression=0%"), Ok(0.0));
        for bad in [
            "5%",
            "regression=5",
            "regression=-1%",
            "regression=x%",
            "regression=NaN%",
            "improvement=5%",
        ] {
            assert!(regression(bad).is_err(), "{bad}");
        }
    }
}
