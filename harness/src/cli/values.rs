//! What the values of options may be, and what to write instead of those that they may not.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr, time::Duration};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use harness_judge::judge::Verdict;
use harness_protocol::{Primitive, Root};
use workload_catalogue::SCENARIOS;

use harness_record::{
    cell::{PRIMITIVES, primitive_name, primitive_of},
    plan::{Partition, Rounds},
};

/// Which share of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionArg {
    /// This one.
    Share(Partition),
    /// The one that the scheduler gave this process.
    Auto,
}

/// How many workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkersArg {
    /// So many.
    Number(u32),
    /// One for each physical core.
    Physical,
    /// As many as the runtime starts unasked.
    Default,
}

/// A scenario, or a group of them.
pub(super) fn scenario_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        SCENARIOS
            .iter()
            .map(|scenario| scenario.name)
            // All but the groups, and all of a group.
            .chain([
                "all",
                "field",
                "length",
                "scale",
                "connections",
                "fork",
                "idioms",
            ]),
    )
}

/// A scenario that talks to nobody.
pub(super) fn scenarios_without_origin() -> PossibleValuesParser {
    PossibleValuesParser::new(
        SCENARIOS
            .iter()
            .filter(|scenario| !scenario.needs_origin)
            .map(|scenario| scenario.name),
    )
}

/// A primitive.
pub(super) fn primitive_names() -> impl TypedValueParser<Value = Primitive> {
    PossibleValuesParser::new(PRIMITIVES.map(primitive_name))
        .try_map(|name| primitive_of(&name).ok_or("no such primitive"))
}

/// The word on a claim.
pub(super) fn verdict_names() -> impl TypedValueParser<Value = Verdict> {
    PossibleValuesParser::new(Verdict::ALL.map(Verdict::name)).try_map(|name| {
        let mut all = Verdict::ALL.into_iter();
        all.find(|verdict| verdict.name() == name)
            .ok_or("no such verdict")
    })
}

/// Where parents run.
pub(super) fn root_names() -> impl TypedValueParser<Value = Root> {
    PossibleValuesParser::new(["block_on", "worker"]).map(|name| {
        if name == "worker" {
            Root::Worker
        } else {
            Root::BlockOn
        }
    })
}

/// A number of this range; else what to write instead, which the standard library does not say.
pub(super) fn number<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync,
{
    move |text| match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "write a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// How many workers.
pub(super) fn workers(text: &str) -> Result<WorkersArg, String> {
    match text {
        "physical" => return Ok(WorkersArg::Physical),
        "default" => return Ok(WorkersArg::Default),
        _ => {}
    }
    let number = number(1..=1024)(text).map(WorkersArg::Number);
    number.map_err(|why| format!("{why}, `physical` or `default`"))
}

/// More steps, in per cent.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(percent) if percent > 0.0 && percent <= 1000.0 => Ok(percent),
        _ => Err("write per cent above 0 and up to 1000, such as 5".to_owned()),
    }
}

/// How many rounds.
pub(super) fn rounds(text: &str) -> Result<Rounds, String> {
    match (text, text.parse()) {
        ("auto", _) => Ok(Rounds::Auto),
        (_, Ok(rounds @ 1..=100_000)) => Ok(Rounds::Fixed(rounds)),
        _ => Err("write a whole number from 1 to 100000, or `auto`".to_owned()),
    }
}

/// Which share of a plan. `slice:` is how cargo-nextest calls what is shared out one by one over a whole list.
pub(super) fn partition(text: &str) -> Result<PartitionArg, String> {
    if text == "auto" {
        return Ok(PartitionArg::Auto);
    }
    let share = text.strip_prefix("slice:").unwrap_or(text);
    let share = share.parse().map(PartitionArg::Share);
    share.map_err(|why: String| format!("{why}; or `auto`"))
}

/// Nothing here is timed more coarsely, and a record knows nothing shorter.
const LEAST: Duration = Duration::from_millis(1);
/// What a branch or a round may take: what is measured takes milliseconds.
const DAY: Duration = Duration::from_secs(86_400);
/// What a run may take.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What a branch waits or computes: perhaps nothing.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    duration(text, Duration::ZERO..=DAY, "5ms or 2s")
}

/// After how long something is given up.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    duration(text, LEAST..=DAY, "10s or 2m")
}

/// How long something may go on.
pub(super) fn budget(text: &str) -> Result<Duration, String> {
    duration(text, LEAST..=MONTH, "10s or 2m")
}

fn duration(
    text: &str,
    range: RangeInclusive<Duration>,
    example: &str,
) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if range.contains(&duration) => Ok(duration),
        Ok(_) | Err(humantime::DurationError::NumberOverflow) => {
            let [least, most] = [range.start(), range.end()].map(|&end| short(end));
            Err(format!(
                "write a time from {least} to {most}, such as {example}"
            ))
        }
        Err(_) => Err(format!("write a time with its unit, such as {example}")),
    }
}

/// As one would type it.
fn short(duration: Duration) -> String {
    match (duration.as_secs(), duration.as_millis()) {
        (0, 0) => "0s".to_owned(),
        (0, milliseconds) => format!("{milliseconds}ms"),
        (seconds, _) => format!("{}d", seconds / DAY.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_its_range_or_the_range_is_named() {
        assert_eq!(timeout("1d"), Ok(DAY));
        assert_eq!(budget("30d"), Ok(MONTH));
        assert_eq!(time("0s"), Ok(Duration::ZERO));
        let most = "18446744073709551615s";
        for far in [most, "99999999999999999999s", "1000000000000y", "86401s"] {
            let why = "write a time from 1ms to 1d, such as 10s or 2m";
            assert_eq!(timeout(far), Err(why.to_owned()), "{far}");
        }
        for (wrong, range) in [(budget(most), "1ms to 30d"), (time(most), "0s to 1d")] {
            let why = wrong.unwrap_err();
            assert!(
                why.starts_with(&format!("write a time from {range}")),
                "{why}"
            );
        }
        // A record would have it as none.
        assert!(timeout("1us").is_err() && budget("0s").is_err());
    }
}
