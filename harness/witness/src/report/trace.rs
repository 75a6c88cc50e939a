//! A call as a trace in Chrome's JSON format, which ui.perfetto.dev opens.
//!
//! A lane a thread with the polls on it, those of the scope around those of its branches. Slices are written as their
//! two edges: Perfetto refuses slices of one thread that cross, and lengths in microseconds are cut off where edges at
//! one time stay at one time. A branch's life is a pair of asynchronous events with an id of its own, so that lives may
//! overlap as they like; a wake by another branch's poll is an arrow from there to the poll that it led to.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::Report;
use crate::recorded::{By, Poll};

/// The number of the process that stands for the call.
const PID: u32 = 1;

/// An edge of a slice. What ends at a time stands before what begins then; of what ends at one time the shorter is
/// first, of what begins then the longer.
type Order = (u64, bool, Reverse<u64>);

impl Report {
    /// The call as a trace: a document in Chrome's JSON format. Perfetto (<https://ui.perfetto.dev>) opens a file of it.
    #[must_use]
    pub fn trace(&self) -> String {
        let mut events = vec![json!({
            "ph": "M", "pid": PID, "tid": 0, "name": "process_name", "args": { "name": self.site },
        })];
        let mut edges: Vec<(Order, Value)> = Vec::new();
        let mut arrows = Vec::new();
        for poll in &self.scope.polls {
            slice(&mut edges, poll, "scope", By::Scope);
        }
        for (number, branch) in (0_u32..).zip(&self.branches) {
            for poll in &branch.polls {
                slice(&mut edges, poll, &branch.name, By::Branch(number));
                self.arrow(&mut arrows, poll);
            }
            let ends = [("b", branch.created_ns), ("e", branch.end_ns())];
            for (ph, at) in ends {
                events.push(json!({
                    "ph": ph, "cat": "branch", "id": number, "pid": PID, "tid": 0,
                    "ts": micros(at), "name": branch.name,
                }));
            }
        }
        edges.sort_by_key(|(order, _)| *order);
        events.extend(edges.into_iter().map(|(_, event)| event));
        // After the slices: what stands behind a beginning of the same time is within it.
        events.append(&mut arrows);
        let document = json!({
            "displayTimeUnit": "ns",
            "traceEvents": events,
            "otherData": { "site": self.site, "diagnosis": self.diagnosis.title },
        });
        document.to_string()
    }

    fn arrow(&self, arrows: &mut Vec<Value>, poll: &Poll) {
        let Some(wake) = poll.woken else { return };
        let from = match wake.by {
            By::Branch(number) => self
                .branches
                .get(number as usize)
                .map(|branch| &branch.polls),
            By::Scope => Some(&self.scope.polls),
            By::Outside => None,
        };
        let within = |other: &&Poll| (other.start_ns..=other.end_ns).contains(&wake.at_ns);
        let Some(from) = from.and_then(|polls| polls.iter().find(within)) else {
            return;
        };
        // Each has two ends.
        let id = arrows.len() / 2;
        let end = |ph: &str, thread: u32, at: u64| {
            json!({
                "ph": ph, "cat": "wake", "name": "wakes", "id": id, "pid": PID,
                "tid": thread + 1, "ts": micros(at), "bp": "e",
            })
        };
        arrows.push(end("s", from.thread, wake.at_ns));
        arrows.push(end("f", poll.thread, poll.start_ns));
    }
}

fn slice(edges: &mut Vec<(Order, Value)>, poll: &Poll, name: &str, by: By) {
    // Its two edges would change places.
    if poll.length_ns() == 0 {
        return;
    }
    let (pid, tid) = (PID, poll.thread + 1);
    let mut args = json!({ "woken_by": poll.woken.map(|wake| described(wake.by)) });
    if let Some(spent) = poll.spent {
        args["cpu_us"] = json!(micros(spent.cpu_ns));
        args["voluntary_switches"] = json!(spent.voluntary);
        args["involuntary_switches"] = json!(spent.involuntary);
    }
    // The scope around a branch of the same edges.
    let length = poll.length_ns() * 2 + u64::from(by == By::Scope);
    let begins = json!({
        "ph": "B", "pid": pid, "tid": tid, "ts": micros(poll.start_ns), "name": name, "args": args,
    });
    let ends = json!({ "ph": "E", "pid": pid, "tid": tid, "ts": micros(poll.end_ns) });
    edges.push(((poll.start_ns, true, Reverse(length)), begins));
    edges.push(((poll.end_ns, false, Reverse(u64::MAX - length)), ends));
}

fn described(by: By) -> String {
    match by {
        By::Branch(number) => format!("branch {number}"),
        By::Scope => "scope".to_owned(),
        By::Outside => "outside".to_owned(),
    }
}

fn micros(ns: u64) -> f64 {
    ns as f64 / 1e3
}
