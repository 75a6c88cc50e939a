//! What cannot be true of a round, nor of what others took of the machine meanwhile.

use super::Walk;
use crate::check::{Wrongs, cpus, samples};
use harness_record::{
    bundle::{CellStatus, Event},
    load::Load,
};

impl Walk {
    pub(super) fn round(&self, event: &Event, wrongs: &mut Wrongs) {
        let Event::Round {
            block,
            cell,
            order,
            status,
            reason,
            stderr,
            samples,
        } = event
        else {
            return;
        };
        self.known(cell, wrongs);
        let next = self.bundle.blocks.len() as u64;
        let begins = *block == next;
        let goes_on = !self.open.is_empty() && block.checked_add(1) == Some(next);
        wrongs.unless(self.damaged || begins || goes_on, "/block", || {
            format!("block {block} is over, and block {next} is the next")
        });
        let left = begins && !self.open.is_empty();
        wrongs.unless(self.damaged || !left, "/block", || {
            format!(
                "block {} was not completed, and nobody stopped the run within it",
                next.saturating_sub(1)
            )
        });
        let before = if begins { 0 } else { self.open.len() };
        wrongs.unless(self.damaged || *order == before, "/order", || {
            format!("{order} stands where {before} is expected: the rounds of a block stand in their order")
        });
        let twice = !begins && self.open.contains(cell);
        wrongs.unless(!twice, "/cell", || {
            format!("{cell} has had its round of block {block}")
        });
        let ok = *status == CellStatus::Ok;
        wrongs.unless(ok == reason.is_none(), "/reason", || {
            "it says why a round did not go well, and only that".to_owned()
        });
        wrongs.unless(
            reason.as_ref().is_none_or(|why| !why.is_empty()),
            "/reason",
            || "it is empty".to_owned(),
        );
        if !ok {
            return;
        }
        wrongs.unless(stderr.is_empty(), "/stderr", || {
            "it is kept of rounds that did not go well".to_owned()
        });
        wrongs.unless(!samples.is_empty(), "/samples", || {
            "a round that went well has a sample".to_owned()
        });
        let cpus = cpus(&self.bundle.header.host);
        for (index, sample) in samples.iter().enumerate() {
            let at = format!("/samples/{index}");
            wrongs.unless(sample.wrong.is_none(), &format!("{at}/wrong"), || {
                "the round is said to have gone well".to_owned()
            });
            samples::check(sample, &at, cell, cpus, wrongs);
        }
    }

    pub(super) fn load(&self, load: &Load, took_ns: u64, at: &str, wrongs: &mut Wrongs) {
        let cpus = load.cpus as f64;
        wrongs.unless(
            load.wall.as_nanos() <= took_ns.into(),
            &format!("{at}/wall"),
            || format!("it is longer than took_ns, {took_ns}"),
        );
        wrongs.unless(!load.wall.is_zero(), &format!("{at}/wall"), || {
            "a block takes time".to_owned()
        });
        let host = &self.bundle.header.host;
        let most = host.logical_cpus.unwrap_or(usize::MAX);
        wrongs.unless(
            (1..=most).contains(&load.cpus),
            &format!("{at}/cpus"),
            || "a number from 1 to the CPUs of the host is expected".to_owned(),
        );
        for (field, cores) in [
            ("others_cores", load.others_cores),
            ("steal_cores", load.steal_cores),
        ] {
            let most = cpus + load.resolution_cores.max(0.0);
            wrongs.unless(
                cores.is_finite() && (0.0..=most).contains(&cores),
                &format!("{at}/{field}"),
                || format!("{cores} stands where a number of its {cpus} CPUs is expected"),
            );
        }
        // A second's worth of every CPU, where the kernel counts hundredths.
        let most = cpus / load.wall.as_secs_f64().max(1e-9);
        let resolution = load.resolution_cores;
        wrongs.unless(
            resolution > 0.0 && resolution <= most,
            &format!("{at}/resolution_cores"),
            || format!("{resolution} stands where a number above 0 and up to {most} is expected"),
        );
    }
}
