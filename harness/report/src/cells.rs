//! One cell's figures, from its rounds.

use harness_protocol::{Primitive, Sample};
use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};
use workload_catalogue::Kind;

use harness_judge::{
    claims::MeasureOf,
    estimate::{Estimate, good_rounds},
    judge,
    stats::median,
};
use harness_record::{
    bundle::{Bundle, CellStatus, FAILS_VERIFY, Round},
    cell::{Cell, primitive_name, root_name},
    laws::band::{Band, Fit, band},
    plan::Entrant,
};

/// Said of a cell that has no figures, and no failure of its own.
const NOT_MEASURED: &str = "not measured";

/// One cell. Figures are medians over its undisturbed rounds, and null where nothing was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellReport {
    /// The cell's name, as `harness describe` takes it.
    pub cell: String,
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// Where the parent ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive.
    pub primitive: String,
    /// n.
    pub branches: usize,
    /// How it went.
    pub status: CellStatus,
    /// Why it did not go well.
    pub reason: Option<String>,
    /// The end of the adapter's standard error, when it did not go well.
    pub stderr: Option<String>,
    /// Wall time, in nanoseconds; of one time, where a sample is of several.
    pub wall_ns: Option<Estimate>,
    /// How often a sample put the branches together, where that was more than once.
    pub repeats: Option<u32>,
    /// What the laws said, in nanoseconds; likewise.
    pub predicted_ns: Option<f64>,
    /// Wall time over what the laws said.
    pub measured_over_predicted: Option<Estimate>,
    /// What that may be before the law counts as missed; null where no law states the time.
    pub law_band: Option<Band>,
    /// Whether it is; no verdict rests on it.
    pub law: Option<Fit>,
    /// Sequential wall time over this cell's, of the medians.
    pub speedup: Option<f64>,
    /// CPU time of the process over wall time.
    pub cores_used: Option<f64>,
    /// Threads inside branches at once, at most, in the median round.
    pub peak_overlap: Option<f64>,
    /// Threads inside branches, averaged over the wall time.
    pub mean_overlap: Option<f64>,
    /// Branches in flight at once, at most.
    pub peak_concurrency: Option<f64>,
    /// Branches in flight, averaged over the wall time.
    pub mean_concurrency: Option<f64>,
    /// Threads that polled branches.
    pub threads: Option<f64>,
    /// The longest poll, in nanoseconds.
    pub longest_poll_ns: Option<f64>,
    /// How late a ticking branch went on, in nanoseconds; null where none ticks.
    pub stall_ns: Option<f64>,
    /// The longest time between two polls of one branch, in nanoseconds.
    pub longest_gap_ns: Option<f64>,
    /// Time that threads of the process waited for a core, in nanoseconds.
    pub queued_ns: Option<f64>,
    /// Allocations each time the branches are put together, where they were counted.
    pub allocations: Option<f64>,
    /// What these asked for, in bytes.
    pub allocated_bytes: Option<f64>,
    /// Rounds that the figures rest on.
    pub rounds: usize,
    /// Samples of these rounds.
    pub samples: usize,
    /// Samples that kept no second core busy, where branches compute on several threads; null elsewhere.
    pub on_one_core: Option<usize>,
    /// Whether they are from disturbed blocks, for want of others.
    pub disturbed: bool,
    /// Whether no claim rests on it: shown without a verdict.
    pub exhibit: bool,
}

impl CellReport {
    /// Whether it went wrong. Of ever more branches some number is too many, and where that is is the finding.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.status.is_failure() && !self.is_limit()
    }

    /// How it went, in a word or two, where it has no time to show.
    #[must_use]
    pub fn word(&self) -> &'static str {
        let why = self.reason.as_deref().unwrap_or_default();
        if self.status == CellStatus::Wrong && why.starts_with(FAILS_VERIFY) {
            // Nobody ran it: its configuration broke a promise, and that is said of the whole.
            return NOT_MEASURED;
        }
        match self.status {
            CellStatus::Ok => NOT_MEASURED,
            status => status.name(),
        }
    }

    /// Whether it is of ever more branches, and they were more than the runtime or the machine has room for.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        let many = workload_catalogue::scenario(&self.scenario).is_some_and(|facts| {
            facts.is_unwatched() && (!facts.is_idiom() || self.branches > FEW)
        });
        many && !matches!(self.status, CellStatus::Ok | CellStatus::Wrong)
    }

    /// The line that says that a law missed this cell, if it did.
    #[must_use]
    pub fn missed(&self) -> Option<String> {
        let (of_law, band) = self.measured_over_predicted.zip(self.law_band)?;
        (self.law == Some(Fit::Missed)).then(|| {
            format!(
                "law missed: {} took {} of its law, band {:.2} to {:.2}",
                self.cell,
                of_law.factor(),
                band.low,
                band.high
            )
        })
    }
}

/// So many branches everybody must have room for.
const FEW: usize = 1_000;

/// A row for each configuration that has no cells, so that its absence is seen, and for each adapter that was not
/// heard: that one failed, whoever asked for it.
pub(super) fn absent(bundle: &Bundle) -> Vec<CellReport> {
    let row = |status, id: ConfigId, version: &Option<String>, why: &str| CellReport {
        cell: id.runtime.clone(),
        id,
        version: version.clone(),
        status,
        reason: Some(why.to_owned()),
        exhibit: true,
        ..CellReport::default()
    };
    let itself = |entrant: &Entrant| ConfigId {
        runtime: entrant.name.clone(),
        ..ConfigId::default()
    };
    let header = &bundle.header;
    let configs = bundle.plan.configs.iter();
    let configs = configs
        .filter(|config| !header.is_unheard(&config.id.runtime))
        .filter_map(|config| {
            let why = config.unavailable.as_deref()?;
            let status = CellStatus::Unavailable;
            Some(row(status, config.id.clone(), &config.version, why))
        });
    let without_flavours = header
        .entrants
        .iter()
        .filter(|one| one.asked && one.flavours.is_empty() && !header.is_unheard(&one.name))
        .map(|one| {
            let why = one.unavailable.as_deref().unwrap_or_default();
            row(CellStatus::Unavailable, itself(one), &one.version, why)
        });
    let unheard = header
        .unheard()
        .map(|(one, why)| row(CellStatus::Crashed, itself(one), &one.version, why));
    configs.chain(without_flavours).chain(unheard).collect()
}

pub(super) fn of_cell(bundle: &Bundle, cell: &Cell, resting: bool) -> CellReport {
    let entrant = bundle
        .header
        .entrants
        .iter()
        .find(|entrant| entrant.name == cell.id.runtime);
    let (rounds, disturbed) = good_rounds(bundle, cell);
    let samples: Vec<&Sample> = rounds.iter().flat_map(|round| &round.samples).collect();
    let parallel = is_parallel(bundle, cell);
    let figure = |read: Read<'_>| median(&of_rounds(&rounds, read));
    let repeats = samples.first().and_then(|sample| sample.repeats);
    let each = |ns: u64| ns as f64 / f64::from(repeats.unwrap_or(1));
    // What is repeated is not watched, nor are too many.
    let unwatched = workload_catalogue::scenario(&cell.scenario)
        .is_some_and(workload_catalogue::Scenario::is_unwatched);
    let watched = |read: &dyn Fn(&Sample) -> f64| {
        figure(&|sample| (sample.repeats.is_none() && !unwatched).then(|| read(sample)))
    };
    let walls = of_rounds(&rounds, &|sample| Some(each(sample.wall_ns)));
    let wall_ns = Estimate::of(&walls);
    let prediction = bundle.predictions.get(cell);
    let predicted_ns = prediction.map(|prediction| each(prediction.wall_ns));
    let sequential = bundle
        .sibling(cell, Primitive::Sequential)
        .and_then(|cell| {
            let (rounds, _) = good_rounds(bundle, cell);
            median(&of_rounds(&rounds, &|sample| Some(each(sample.wall_ns))))
        });
    let failure = judge::failure(bundle, cell);
    let measured_over_predicted = wall_ns
        .zip(predicted_ns.filter(|&law| law > 0.0))
        .map(|(wall, law)| wall.over(law));
    let law_band = prediction.and_then(|prediction| {
        let floor_over_law = prediction.floor_ns as f64 / prediction.wall_ns.max(1) as f64;
        let scenario = workload_catalogue::scenario(&cell.scenario)?;
        band(scenario, cell.primitive, floor_over_law)
    });
    // What failed, or was never measured, fits nothing.
    let fitted = measured_over_predicted.filter(|_| failure.is_none());
    let law = fitted
        .zip(law_band)
        .map(|(of_law, band)| band.fit(of_law.interval().filter(|_| !disturbed)));
    let measured = |ns: Option<f64>| wall_ns.zip(ns).map(|(wall, ns)| (wall.median, ns));
    CellReport {
        cell: cell.to_string(),
        id: cell.id.clone(),
        version: entrant.and_then(|entrant| entrant.version.clone()),
        root: root_name(cell.root).to_owned(),
        scenario: cell.scenario.clone(),
        primitive: primitive_name(cell.primitive).to_owned(),
        branches: cell.branches,
        status: failure
            .as_ref()
            .map_or(CellStatus::Ok, |failure| failure.status),
        reason: match &failure {
            Some(failure) => Some(failure.reason.clone()),
            None if samples.is_empty() => {
                Some("not measured: the run was stopped before it".to_owned())
            }
            None => None,
        },
        stderr: failure
            .map(|failure| failure.stderr)
            .filter(|text| !text.is_empty()),
        wall_ns,
        repeats,
        predicted_ns,
        measured_over_predicted,
        law_band,
        law,
        speedup: measured(sequential).map(|(wall, sequential)| sequential / wall),
        // Where it is repeated the edges may cost more CPU time than what lies between them.
        cores_used: figure(&|sample| {
            judge::of_sample(sample, MeasureOf::Cores).filter(|_| sample.repeats.is_none())
        }),
        peak_overlap: watched(&|sample| f64::from(sample.peak_overlap)),
        mean_overlap: watched(&|sample| sample.mean_overlap),
        peak_concurrency: watched(&|sample| f64::from(sample.peak_concurrency)),
        mean_concurrency: watched(&|sample| sample.mean_concurrency),
        threads: watched(&|sample| f64::from(sample.threads)),
        longest_poll_ns: watched(&|sample| sample.longest_poll_ns as f64),
        stall_ns: figure(&|sample| sample.stall_ns.map(|ns| ns as f64)),
        longest_gap_ns: watched(&|sample| sample.longest_gap_ns as f64),
        queued_ns: figure(&|sample| sample.queued_ns.map(each)),
        allocations: figure(&|sample| sample.allocations.map(each)),
        allocated_bytes: figure(&|sample| sample.allocated_bytes.map(each)),
        rounds: rounds.len(),
        samples: samples.len(),
        on_one_core: parallel.then(|| {
            samples
                .iter()
                .filter(|sample| judge::on_one_core(sample))
                .count()
        }),
        disturbed,
        exhibit: !resting,
    }
}

/// Whether the cell's branches compute, on several threads with a core for each.
fn is_parallel(bundle: &Bundle, cell: &Cell) -> bool {
    let cpu =
        workload_catalogue::scenario(&cell.scenario).is_some_and(|facts| facts.kind == Kind::Cpu);
    // k of branches in turn, or joined, is 1.
    cpu && bundle.plan.threads(cell).min(bundle.plan.cores) > 1
}

/// A figure of a sample.
type Read<'a> = &'a dyn Fn(&Sample) -> Option<f64>;

/// A figure of each round: the median of its samples. They share a process and its luck, so that an
/// interval over samples would be narrower than what it stands for.
fn of_rounds(rounds: &[&Round], read: Read<'_>) -> Vec<f64> {
    let of_round = |round: &&Round| match &round.samples[..] {
        // Most have one, and its median wants no list.
        [sample] => read(sample).filter(|figure| !figure.is_nan()),
        samples => median(&samples.iter().filter_map(read).collect::<Vec<_>>()),
    };
    rounds.iter().filter_map(of_round).collect()
}
