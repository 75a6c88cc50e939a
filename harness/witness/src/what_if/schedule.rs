//! First-come list scheduling of chains on some workers.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::chain::Chain;

/// Who executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    workers: usize,
    cores: usize,
}

impl Pool {
    /// As many as anybody wants.
    pub const UNBOUNDED: Self = Self {
        workers: usize::MAX,
        cores: usize::MAX,
    };

    /// So many workers on so many cores; 0 is taken for 1. A poll that computes takes a worker and a core, one that blocks takes a worker.
    #[must_use]
    pub fn new(workers: usize, cores: usize) -> Self {
        Self {
            workers: workers.max(1),
            cores: cores.max(1),
        }
    }

    /// How many workers.
    #[must_use]
    pub fn workers(self) -> usize {
        self.workers
    }

    /// On how many cores.
    #[must_use]
    pub fn cores(self) -> usize {
        self.cores
    }
}

/// How long the chains take, in nanoseconds: whoever is ready first gets the first free worker, and keeps it until its
/// poll ends. Of equals the lower number is first.
#[must_use]
pub fn makespan(chains: &[Chain], pool: Pool) -> u64 {
    let mut schedule = Schedule::new(chains, pool);
    schedule.run();
    schedule.now
}

/// What happens at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A poll of this chain ends; it took a core or not.
    Ends { chain: usize, core: bool },
    /// Nothing keeps the chain waiting any more.
    Ready { chain: usize },
}

/// A chain that waits for a step of another to begin.
#[derive(Clone)]
struct Waiting {
    step: usize,
    chain: usize,
    /// When its own wait is over.
    earliest: u64,
}

struct Schedule<'a> {
    chains: &'a [Chain],
    now: u64,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    /// Ready, and since when.
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    /// Ready to compute, while there was a worker and no core.
    without_core: Vec<(u64, usize)>,
    workers: usize,
    cores: usize,
    /// The step that each chain is at.
    at: Vec<usize>,
    /// When each step of each chain began, once it has.
    began: Vec<Vec<Option<u64>>>,
    ended: Vec<bool>,
    /// Who waits for a poll, by the chain that makes it.
    waiting: Vec<Vec<Waiting>>,
    /// Chains that cannot be handed over yet, and how many they wait for.
    unreleased: Vec<usize>,
    releases: Vec<Vec<usize>>,
}

impl<'a> Schedule<'a> {
    fn new(chains: &'a [Chain], pool: Pool) -> Self {
        let n = chains.len();
        let mut releases = vec![Vec::new(); n];
        let mut unreleased = vec![0; n];
        for (i, chain) in chains.iter().enumerate() {
            // Of what was recorded none of these can happen; of what a caller makes up, any.
            let mut before: Vec<usize> = chain
                .released_by
                .iter()
                .copied()
                .filter(|b| *b < n && *b != i)
                .collect();
            before.sort_unstable();
            before.dedup();
            unreleased[i] = before.len();
            for b in before {
                releases[b].push(i);
            }
        }
        let mut schedule = Self {
            chains,
            now: 0,
            events: BinaryHeap::new(),
            queue: BinaryHeap::new(),
            without_core: Vec::new(),
            workers: pool.workers,
            cores: pool.cores,
            at: vec![0; n],
            began: chains
                .iter()
                .map(|chain| vec![None; chain.steps.len()])
                .collect(),
            ended: vec![false; n],
            waiting: vec![Vec::new(); n],
            unreleased,
            releases,
        };
        for i in 0..n {
            if schedule.unreleased[i] == 0 {
                schedule.hand_over(i);
            }
        }
        schedule
    }

    fn run(&mut self) {
        loop {
            while let Some(Reverse((at, event))) = self.events.pop() {
                self.now = at;
                self.happens(event);
                // All that happens at one instant, before anybody is given a worker.
                while self
                    .events
                    .peek()
                    .is_some_and(|Reverse((next, _))| *next == at)
                {
                    if let Some(Reverse((_, event))) = self.events.pop() {
                        self.happens(event);
                    }
                }
                self.give();
            }
            // Whoever is left waits for somebody who waits for it: no such thing was recorded, and nobody is to hang on it.
            match self.ended.iter().position(|ended| !ended) {
                Some(left) => {
                    self.unreleased[left] = 0;
                    for waiting in &mut self.waiting {
                        waiting.retain(|waiting| waiting.chain != left);
                    }
                    self.events
                        .push(Reverse((self.now, Event::Ready { chain: left })));
                }
                None => return,
            }
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Ready { chain } => {
                if self.at[chain] < self.chains[chain].steps.len() {
                    self.queue.push(Reverse((self.now, chain)));
                } else {
                    self.end(chain);
                }
            }
            Event::Ends { chain, core } => {
                self.workers = self.workers.saturating_add(1);
                self.cores = self.cores.saturating_add(usize::from(core));
                self.at[chain] += 1;
                self.next(chain, self.now);
            }
        }
    }

    /// The chain goes on to its step, from `from` on.
    fn next(&mut self, chain: usize, from: u64) {
        let Some(step) = self.chains[chain].steps.get(self.at[chain]) else {
            self.end(chain);
            return;
        };
        let mut ready = from.saturating_add(step.wait_ns);
        if let Some(after) = step.after {
            let began = self
                .began
                .get(after.chain)
                .and_then(|steps| steps.get(after.step));
            match began {
                Some(Some(began)) => ready = ready.max(began.saturating_add(after.into_ns)),
                Some(None) if after.chain != chain => {
                    self.waiting[after.chain].push(Waiting {
                        step: after.step,
                        chain,
                        earliest: ready,
                    });
                    return;
                }
                // There is no such poll.
                _ => {}
            }
        }
        self.events.push(Reverse((ready, Event::Ready { chain })));
    }

    fn hand_over(&mut self, chain: usize) {
        let from = self.now.saturating_add(self.chains[chain].release_ns);
        self.next(chain, from);
    }

    fn end(&mut self, chain: usize) {
        if std::mem::replace(&mut self.ended[chain], true) {
            return;
        }
        for next in std::mem::take(&mut self.releases[chain]) {
            if self.unreleased[next] > 0 {
                self.unreleased[next] -= 1;
                if self.unreleased[next] == 0 {
                    self.hand_over(next);
                }
            }
        }
    }

    /// Gives free workers to whoever is ready, the first first; who computes wants a core as well.
    fn give(&mut self) {
        for ready in self.without_core.drain(..) {
            self.queue.push(Reverse(ready));
        }
        while self.workers > 0 {
            let Some(Reverse((since, chain))) = self.queue.pop() else {
                break;
            };
            let at = self.at[chain];
            let step = self.chains[chain].steps[at];
            let core = !step.blocks;
            if core && self.cores == 0 {
                self.without_core.push((since, chain));
                continue;
            }
            if self.workers != usize::MAX {
                self.workers -= 1;
            }
            if self.cores != usize::MAX {
                self.cores -= usize::from(core);
            }
            self.begin(chain, at, core);
        }
    }

    fn begin(&mut self, chain: usize, at: usize, core: bool) {
        let now = self.now;
        self.began[chain][at] = Some(now);
        let ends = now.saturating_add(self.chains[chain].steps[at].poll_ns);
        self.events
            .push(Reverse((ends, Event::Ends { chain, core })));
        let waiting = std::mem::take(&mut self.waiting[chain]);
        let (woken, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|waiting| waiting.step == at);
        self.waiting[chain] = later;
        for Waiting {
            chain, earliest, ..
        } in woken
        {
            let step = &self.chains[chain].steps[self.at[chain]];
            let into = step.after.map_or(0, |after| after.into_ns);
            let ready = now.saturating_add(into).max(earliest);
            self.events.push(Reverse((ready, Event::Ready { chain })));
        }
    }
}
