//! Recorded rounds as a trace in Chrome's JSON format, which ui.perfetto.dev and chrome://tracing open.
//!
//! A process a cell, a lane a thread. A slice is a poll, or the hand-over of a branch to the primitive; an
//! arrow leads from the hand-over to the first poll. All cells begin at 0, so that they stand one above the
//! other.
//!
//! The format is Google's *Trace Event Format*; which of it Perfetto reads stands in its documentation under
//! *Visualizing external trace formats*. Times are microseconds, here with three digits after the point. Slices
//! are written as their two edges (`B`, `E`) and not as an edge and a length (`X`): Perfetto cuts microseconds
//! off to whole nanoseconds, and a length that was cut may reach a nanosecond into its neighbour, which the
//! format forbids; two edges at one time stay at one time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use serde::Serialize;
use serde_json::{Map, Value, json};

use harness_record::{bundle::Header, cell::primitive_name};
use harness_report::{timeline, traced::Traced};

/// A trace, and what is in it.
#[derive(Debug)]
pub struct Trace {
    /// The document.
    pub json: Value,
    /// Polls.
    pub polls: usize,
    /// Lanes.
    pub threads: usize,
    /// Arrows.
    pub flows: usize,
}

/// One event of the format.
#[derive(Clone, Debug, Serialize)]
struct Event {
    /// The phase: an edge of a slice, an end of an arrow, or metadata.
    ph: &'static str,
    pid: u32,
    tid: u32,
    /// Microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// What the end of an arrow binds to: `e`, the slice that it lies in. By default it would be the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'static str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    args: Map<String, Value>,
}

/// Makes a trace of these rounds of the run that `header` describes.
#[must_use]
pub fn of(run: &str, header: &Header, cells: &[Traced<'_>]) -> Trace {
    let mut writer = Writer {
        metadata: Vec::new(),
        edges: Vec::new(),
        // Numbers of threads follow those of the processes: a thread with its process's number would be
        // taken for the main thread.
        last_thread: u32::try_from(cells.len()).unwrap_or(u32::MAX),
        threads: 0,
        polls: 0,
        flows: 0,
    };
    for (pid, traced) in (1..).zip(cells) {
        writer.cell(pid, traced);
    }
    // Each lane is in order already, and stays so.
    writer.edges.sort_by_key(|(at, _)| *at);
    let mut events = writer.metadata;
    events.extend(writer.edges.into_iter().map(|(_, event)| event));
    let document = json!({
        "displayTimeUnit": "ns",
        "traceEvents": events,
        // What the viewers show as metadata.
        "otherData": {
            "run": run,
            "started": header.started,
            "command": header.command.join(" "),
            "machine": header.host.summary(header.cores),
            "seed": header.options.seed,
        },
    });
    Trace {
        json: document,
        polls: writer.polls,
        threads: writer.threads,
        flows: writer.flows,
    }
}

/// A stretch of one lane.
struct Slice {
    start: u64,
    end: u64,
    branch: u32,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    HandOver,
    /// The branch's first, second, …
    Poll(usize),
}

struct Writer {
    metadata: Vec<Event>,
    /// With their times, in nanoseconds.
    edges: Vec<(u64, Event)>,
    last_thread: u32,
    threads: usize,
    polls: usize,
    flows: usize,
}

impl Writer {
    fn cell(&mut self, pid: u32, traced: &Traced<'_>) {
        let Traced { cell, sample } = traced;
        let polling = timeline::threads(&sample.trace);
        let mut lanes = lanes(traced);
        let arrows = self.arrows(&lanes);

        let mut labels = format!("{:.3} ms", sample.wall_ns as f64 / 1e6);
        if let Some(cut) = traced.cut() {
            labels.push_str(&format!(", {cut}"));
        }
        self.metadata(pid, pid, "process_name", "name", json!(cell.to_string()));
        self.metadata(pid, pid, "process_labels", "labels", json!(labels));
        self.metadata(pid, pid, "process_sort_index", "sort_index", json!(pid));
        // Whoever only hands over comes first; the others as in the timeline.
        let place = |thread: &u32| polling.iter().position(|polls| polls == thread);
        let mut order: Vec<u32> = lanes.keys().copied().collect();
        order.sort_by_key(place);
        for thread in order {
            self.last_thread += 1;
            self.threads += 1;
            let tid = self.last_thread;
            let name = match place(&thread) {
                Some(place) => format!("thread {}", place + 1),
                None => "the parent's thread".to_owned(),
            };
            self.metadata(pid, tid, "thread_name", "name", json!(name));
            self.metadata(pid, tid, "thread_sort_index", "sort_index", json!(tid));
            let lane = lanes.remove(&thread).unwrap_or_default();
            self.polls += lane
                .iter()
                .filter(|slice| slice.what != What::HandOver)
                .count();
            edges(lane, &mut self.edges, |slice| {
                self::slice(slice, pid, tid, primitive_name(cell.primitive), &arrows)
            });
        }
    }

    /// The number of each branch's arrow, of those whose both ends are there.
    fn arrows(&mut self, lanes: &BTreeMap<u32, Vec<Slice>>) -> HashMap<u32, u64> {
        let starts = |what| -> BTreeMap<u32, u64> {
            let all = lanes.values().flatten();
            all.filter(|slice| slice.what == what)
                .map(|slice| (slice.branch, slice.start))
                .collect()
        };
        let polled = starts(What::Poll(1));
        let mut arrows = HashMap::new();
        for (branch, handed) in starts(What::HandOver) {
            if polled.get(&branch).is_some_and(|&polled| polled >= handed) {
                self.flows += 1;
                arrows.insert(branch, self.flows as u64);
            }
        }
        arrows
    }

    fn metadata(&mut self, pid: u32, tid: u32, name: &str, key: &str, value: Value) {
        self.metadata.push(Event {
            name: Some(name.to_owned()),
            args: Map::from_iter([(key.to_owned(), value)]),
            ..event("M", pid, tid, None)
        });
    }
}

/// The slices of each thread.
fn lanes(traced: &Traced<'_>) -> BTreeMap<u32, Vec<Slice>> {
    let sample = traced.sample;
    let mut lanes: BTreeMap<u32, Vec<Slice>> = BTreeMap::new();
    for handed in &sample.handed {
        lanes.entry(handed.thread).or_default().push(Slice {
            start: handed.start_ns,
            end: handed.end_ns,
            branch: handed.branch,
            what: What::HandOver,
        });
    }
    let mut polls = sample.trace.clone();
    polls.sort_by_key(|poll| (poll.start_ns, poll.end_ns));
    let mut so_far: HashMap<u32, usize> = HashMap::new();
    for poll in polls {
        let number = so_far.entry(poll.branch).or_default();
        *number += 1;
        lanes.entry(poll.thread).or_default().push(Slice {
            start: poll.start_ns,
            end: poll.end_ns,
            branch: poll.branch,
            what: What::Poll(*number),
        });
    }
    lanes
}

/// Writes the edges of one lane in the order of their times, so that slices lie beside or within each
/// other, as a thread's do. One that outlasts what it lies in, which no clock of one thread shows, is cut.
fn edges(
    mut lane: Vec<Slice>,
    out: &mut Vec<(u64, Event)>,
    mut opening: impl FnMut(&Slice) -> (Vec<Event>, Event),
) {
    lane.sort_by_key(|slice| (slice.start, Reverse(slice.end), slice.what));
    let mut open: Vec<(u64, Event)> = Vec::new();
    for slice in &lane {
        while let Some(ended) = open.pop_if(|(end, _)| *end <= slice.start) {
            out.push(ended);
        }
        let (begins, ends) = opening(slice);
        out.extend(begins.into_iter().map(|event| (slice.start, event)));
        let around = open.last().map_or(u64::MAX, |(end, _)| *end);
        let end = slice.end.max(slice.start).min(around);
        open.push((end, at(end, ends)));
    }
    out.extend(open.into_iter().rev());
}

/// What a slice begins with, an end of an arrow included, and what it ends with.
fn slice(
    slice: &Slice,
    pid: u32,
    tid: u32,
    primitive: &str,
    arrows: &HashMap<u32, u64>,
) -> (Vec<Event>, Event) {
    let branch = timeline::name(slice.branch);
    let (name, cat, arrow) = match slice.what {
        What::HandOver => (
            format!("{primitive} {branch}"),
            "hand-over",
            Some(("s", None)),
        ),
        What::Poll(1) => (branch, "poll", Some(("f", Some("e")))),
        What::Poll(_) => (branch, "poll", None),
    };
    let mut args = Map::from_iter([("branch".to_owned(), json!(slice.branch))]);
    if let What::Poll(number) = slice.what {
        args.insert("poll".to_owned(), json!(number));
    }
    let begins = Event {
        name: Some(name),
        cat: Some(cat),
        args,
        ..event("B", pid, tid, Some(slice.start))
    };
    // Behind the edge, and so within the slice, which it then belongs to.
    let arrow = arrow
        .zip(arrows.get(&slice.branch))
        .map(|((ph, bp), &id)| Event {
            name: Some(primitive.to_owned()),
            cat: Some("flow"),
            id: Some(id),
            bp,
            ..event(ph, pid, tid, Some(slice.start))
        });
    let begins = std::iter::once(begins).chain(arrow).collect();
    (begins, event("E", pid, tid, None))
}

fn event(ph: &'static str, pid: u32, tid: u32, ns: Option<u64>) -> Event {
    Event {
        ph,
        pid,
        tid,
        ts: ns.map(microseconds),
        name: None,
        cat: None,
        id: None,
        bp: None,
        args: Map::new(),
    }
}

fn at(ns: u64, event: Event) -> Event {
    Event {
        ts: Some(microseconds(ns)),
        ..event
    }
}

/// Exact in three digits up to 2⁵³ ns, which is a hundred days.
fn microseconds(ns: u64) -> f64 {
    ns as f64 / 1e3
}

#[cfg(test)]
mod tests;
