//! A sweep over the length of branches.

use harness_protocol::Sample;

use super::{block_of_many, header, options, sample, smol, threads, unasked};
use crate::{bundle::Bundle, plan::Options};

/// A sample of ten times, each so long.
fn ten_times(each_ms: f64) -> Vec<Sample> {
    vec![Sample {
        repeats: Some(10),
        ..sample(10.0 * each_ms, 1.0)
    }]
}

/// The sweep of smol as it comes and with workers, in so many blocks: spawn adds 30 µs to a pair, and halves
/// what it computes if there are two threads. Blocks differ by so much from one to the next.
#[must_use]
pub fn swept(blocks: usize, spread: f64) -> Bundle {
    let options = Options {
        scenarios: vec!["length/10us".into(), "length/100us".into()],
        branches: Some(2),
        ..options()
    };
    let mut bundle = Bundle::new(header(vec![unasked(threads()), smol()], options, 2));
    for number in 0..blocks {
        for (step, computes_ms) in [("10us", 0.01), ("100us", 0.1)] {
            let mut arms = Vec::new();
            for (config, k) in [("smol:default@1", 1.0), ("smol:workers@2", 2.0)] {
                for root in ["", "/worker"] {
                    let joined = 2.0 * computes_ms;
                    let slower = 1.0 + spread * number as f64;
                    let spawned = (joined / k + 0.03) * slower;
                    let name = |primitive| format!("{config}/length/{step}/{primitive}@2{root}");
                    arms.push((name("compose"), joined));
                    arms.push((name("spawn"), spawned));
                }
            }
            let arms = |slower: f64| -> Vec<(&str, Vec<Sample>)> {
                let arm = |(name, ms): &(String, f64)| {
                    let slower = if name.contains("spawn") { slower } else { 1.0 };
                    ten_times(ms * slower)
                };
                arms.iter().map(|a| (a.0.as_str(), arm(a))).collect()
            };
            block_of_many(&mut bundle, &arms(1.0), None);
            // Others are to blame, and it counts for nothing.
            let others = Some("others used 0.90 of 2 cores");
            block_of_many(&mut bundle, &arms(10.0), others);
        }
    }
    bundle
}
