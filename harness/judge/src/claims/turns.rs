//! A claim about yields: they give siblings a turn, and no core.

use super::{Claim, Fact, Planned, always, several};

const TURNS: &str = "turns";

pub(super) const YIELD_GIVES_TURNS_NOT_CORES: Claim = Claim {
    id: "yield-gives-turns-not-cores",
    sentence: "cut by yields, joined CPU work takes turns, still on one core",
    predicate: "turns: no joined branch is polled more than twice running while another is unfinished; never two polled at once; less than 1.5 cores used",
    plan: |context| {
        let compose = context.compose(TURNS)?;
        several(&compose)?;
        let cells = [&compose];
        Ok(Planned {
            parts: vec![
                always("the branches took turns", &cells, Fact::TakesTurns),
                always("never two polled at once", &cells, Fact::NeverTwoAtOnce),
                always("on one core", &cells, Fact::NoSecondCore),
            ],
            provided: None,
            by_design: None,
            predicted: None,
        })
    },
};
