//! The word of one series of ratios: everything that a decision takes, in one place, for claims and for
//! the controls that show how often it is wrong.

use super::{Decided, Family, Margin, Outlook, Sequential, fixed, serially_dependent_around};

/// The error at which signs that hang together are called so. It guards a guard, so it is not part of
/// the family.
const DEPENDENCE_ALPHA: f64 = 0.01;

/// When the blocks were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Once, after a number of them that was fixed beforehand.
    Fixed,
    /// Again and again, to stop at a decision.
    Sequential,
}

/// What the blocks of one comparison, or of an equality, say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ruling {
    /// Whether all margins hold.
    pub decided: Decided,
    /// Whether neighbouring blocks hang together around a margin; then nothing is decided.
    pub dependent: bool,
    /// What it comes to if blocks go on as they have; only where one may look again.
    pub outlook: Option<Outlook>,
}

/// Rules on the ratios of blocks, in the order in which these were run.
#[must_use]
pub fn ruling(ratios: &[f64], margins: &[Margin], rule: Rule, family: Family) -> Ruling {
    let (decided, outlook) = match rule {
        Rule::Fixed => {
            let each = margins
                .iter()
                .map(|&margin| fixed(ratios, margin, family.alpha_each()));
            (Decided::all(each), None)
        }
        Rule::Sequential => {
            let tests: Vec<Sequential> = margins
                .iter()
                .map(|&margin| {
                    let mut test = Sequential::new(margin, family.threshold());
                    for &ratio in ratios {
                        test.push(ratio);
                    }
                    test
                })
                .collect();
            let outlook = Outlook::all(tests.iter().map(Sequential::outlook));
            (Decided::all(tests.iter().map(Sequential::state)), outlook)
        }
    };
    let dependent = margins
        .iter()
        .any(|margin| serially_dependent_around(ratios, margin.at, DEPENDENCE_ALPHA));
    Ruling {
        decided: if dependent { Decided::Open } else { decided },
        dependent,
        outlook,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(ratios: &[f64], margins: &[Margin]) -> [Decided; 2] {
        [Rule::Fixed, Rule::Sequential]
            .map(|rule| ruling(ratios, margins, rule, Family::of(9)).decided)
    }

    /// M = 9: thirteen that agree decide by either rule, eleven by the interval alone.
    #[test]
    fn an_equality_holds_inside_and_falls_outside_on_either_side() {
        let within = Margin::within(1.05);
        for (ratio, decided) in [
            (1.0, Decided::Yes),
            (1.04, Decided::Yes),
            (1.06, Decided::No),
            (0.951, Decided::No), // not below 0.95, but below 1/1.05
        ] {
            assert_eq!(both(&[ratio; 13], &within), [decided; 2], "{ratio}");
            assert_eq!(both(&[ratio; 12], &within), [decided, Decided::Open]);
            assert_eq!(both(&[ratio; 10], &within), [Decided::Open; 2]);
        }
    }

    #[test]
    fn half_an_equality_is_none() {
        // All above 1/1.05, and as many above 1.05 as below it.
        let ratios: Vec<f64> = (0..200).map(|i| [1.0, 1.1][i % 2]).collect();
        assert_eq!(both(&ratios, &Margin::within(1.05)), [Decided::Open; 2]);
    }

    #[test]
    fn blocks_that_hang_together_decide_nothing() {
        let mut ratios = vec![0.5; 40];
        let below = [Margin::below(0.75)];
        assert_eq!(both(&ratios, &below), [Decided::Yes; 2]);
        // Five neighbours of forty on the other side: three runs, and C(4,1) + C(34,1) + 2 of the
        // C(40,5) orders have as few.
        ratios[20..25].fill(0.8);
        assert_eq!(both(&ratios, &below), [Decided::Open; 2]);
        assert!(ruling(&ratios, &below, Rule::Fixed, Family::of(9)).dependent);
    }

    #[test]
    fn only_who_may_look_again_looks_ahead() {
        let below = [Margin::below(0.75)];
        let rule = |rule| ruling(&[0.5; 12], &below, rule, Family::of(9)).outlook;
        assert_eq!(rule(Rule::Fixed), None);
        assert_eq!(
            rule(Rule::Sequential).map(|outlook| outlook.blocks),
            Some(1)
        );
    }
}
