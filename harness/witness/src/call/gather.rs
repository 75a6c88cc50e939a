//! From what was written to what is reported of: ticks become nanoseconds, words become what they mean.

use super::{
    track::{Track, placed},
    watched::Watched,
};
use crate::{
    record::{
        log::Entry,
        meter,
        woken::{Wake, Who},
    },
    recorded::{self, By, Poll, Recorded},
};

impl Watched {
    /// Ends the call: all that has been recorded of it up to now.
    pub(super) fn gather(&self) -> Recorded {
        let wall_ns = self.shared.since(self.shared.clock.raw());
        let without_core_ns = self.without_a_core.zip(meter::without_a_core());
        let without_core_ns = without_core_ns
            .filter(|(then, now)| then.0 == now.0)
            .map(|(then, now)| now.1.saturating_sub(then.1));
        let tracks = self.close();
        let mut lost_polls = 0;
        let mut polls = |track: &Track| -> Vec<Poll> {
            lost_polls += track.log.lost();
            let entries = track.log.read();
            entries.iter().map(|entry| self.poll(*entry)).collect()
        };
        let branches: Vec<recorded::Track> = tracks
            .branches
            .iter()
            .map(|track| recorded::Track {
                name: track.name.clone().into_owned(),
                created_ns: self.shared.since(track.created),
                ended: track.ended().map(|(at, how)| (self.shared.since(at), how)),
                polls: polls(track),
                closure: track.closure,
            })
            .collect();
        let mut scope: Vec<Poll> = tracks
            .scopes
            .iter()
            .flat_map(|track| polls(track))
            .collect();
        scope.sort_by_key(|poll| poll.start_ns);
        Recorded {
            site: self.site(),
            wall_ns,
            branches,
            scope,
            lost_polls,
            lost_branches: tracks.lost_branches,
            told: meter::TELLS,
            without_core_ns,
        }
    }

    fn poll(&self, entry: Entry) -> Poll {
        let (thread, around) = placed(entry.place);
        Poll {
            start_ns: self.shared.since(entry.start),
            end_ns: self.shared.since(entry.end),
            thread,
            woken: Wake::unpacked(entry.woken).map(|wake| recorded::Wake {
                at_ns: self.shared.clock.delta_as_nanos(0, wake.ticks),
                by: by(wake.by),
            }),
            around: around.map(by),
            spent: meter::Spent::unpacked(entry.spent).map(|spent| recorded::Spent {
                cpu_ns: spent.cpu_ns,
                voluntary: spent.voluntary as u32,
                involuntary: spent.involuntary as u32,
            }),
        }
    }
}

fn by(who: Who) -> By {
    match who.number() {
        Some(number) => By::Branch(number),
        None if who == Who::SCOPE => By::Scope,
        None => By::Outside,
    }
}
