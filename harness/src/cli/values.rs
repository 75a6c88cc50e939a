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

/// A scenario, or a group of them.
pub(super) fn scenario_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        SCENARIOS
            .iter()
            .map(|scenario| scenario.name)
            // All but the groups, and all of a group.
            .chain(["all", "field", "length", "scale", "connections"]),
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

/// A time.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "write a time with its unit, such as 5ms or 2s".to_owned())
}

/// A time that is not nothing.
pub(super) fn budget(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(budget) if budget.is_zero() => {
            Err("nothing can be measured in no time; write 10s or 2m".to_owned())
        }
        Ok(budget) => Ok(budget),
        Err(_) => Err("write a time with its unit, such as 10s or 2m".to_owned()),
    }
}
