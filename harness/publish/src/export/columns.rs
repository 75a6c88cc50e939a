//! The columns: name, type, unit and meaning, and where each value comes from.

use harness_protocol::Sample;

use super::Row;
use harness_record::{
    cell::{primitive_name, root_name},
    laws::Prediction,
};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A whole number; 64 bits, signed, where a format has types.
    Integer,
    /// A double.
    Number,
    /// True or false.
    Bool,
}

impl Kind {
    /// As the document calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Bool => "boolean",
        }
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Not known, or not so.
    Null,
    /// Of a column of [`Kind::Text`].
    Text(&'a str),
    /// Of a column of [`Kind::Integer`].
    Integer(u64),
    /// Of a column of [`Kind::Number`].
    Number(f64),
    /// Of a column of [`Kind::Bool`].
    Bool(bool),
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Option<u64>> for Value<'_> {
    fn from(number: Option<u64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Integer(number as u64)
    }
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name; a unit stands at the end.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its unit, or nothing for what is counted or named.
    pub unit: &'static str,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it says.
    pub meaning: &'static str,
    /// Where it comes from.
    pub value: for<'a> fn(&Row<'a>) -> Value<'a>,
}

const fn text(name: &'static str, value: for<'a> fn(&Row<'a>) -> Value<'a>) -> Column {
    Column {
        name,
        kind: Kind::Text,
        unit: "",
        nullable: false,
        meaning: "",
        value,
    }
}

const fn integer(name: &'static str, value: for<'a> fn(&Row<'a>) -> Value<'a>) -> Column {
    Column {
        kind: Kind::Integer,
        ..text(name, value)
    }
}

const fn number(name: &'static str, value: for<'a> fn(&Row<'a>) -> Value<'a>) -> Column {
    Column {
        kind: Kind::Number,
        ..text(name, value)
    }
}

const fn boolean(name: &'static str, value: for<'a> fn(&Row<'a>) -> Value<'a>) -> Column {
    Column {
        kind: Kind::Bool,
        ..text(name, value)
    }
}

impl Column {
    const fn nullable(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }

    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn means(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }
}

/// A whole number of a sample.
macro_rules! of_sample {
    ($field:ident) => {
        integer(stringify!($field), |row| {
            figure(row, |sample| u64::from(sample.$field)).into()
        })
        .nullable()
    };
}

/// A whole number that a sample may leave out.
macro_rules! perhaps_of_sample {
    ($field:ident) => {
        integer(stringify!($field), |row| {
            figure(row, |sample| sample.$field.map(u64::from))
                .flatten()
                .into()
        })
        .nullable()
    };
}

fn figure<T>(row: &Row<'_>, of: impl Fn(&Sample) -> T) -> Option<T> {
    row.sample.map(|(_, sample)| of(sample))
}

/// Every column, in the order of the formats.
pub const COLUMNS: &[Column] = &[
    text("run", |row| Value::Text(row.run.name)).means("name of the run's folder"),
    text("started", |row| Value::Text(&row.run.bundle.header.started))
        .means("when the run began, UTC, as in RFC 3339"),
    text("cpu", |row| row.run.bundle.header.host.cpu.as_deref().into())
        .nullable()
        .means("what the processor calls itself"),
    integer("cores", |row| row.run.bundle.header.cores.into())
        .means("cores that the run might use"),
    text("runtime", |row| Value::Text(&row.cell.id.runtime)).means("name of the runtime"),
    text("version", |row| {
        let mut entrants = row.run.bundle.header.entrants.iter();
        let entrant = entrants.find(|entrant| entrant.name == row.cell.id.runtime);
        entrant.and_then(|entrant| entrant.version.as_deref()).into()
    })
    .nullable()
    .means("version of the runtime's crate"),
    text("flavour", |row| Value::Text(&row.cell.id.flavour)).means("how the runtime was started"),
    integer("workers", |row| row.cell.id.workers.into()).means("worker threads asked for"),
    text("root", |row| Value::Text(root_name(row.cell.root)))
        .means("where the parent ran: `block_on` or `worker`"),
    text("scenario", |row| Value::Text(&row.cell.scenario)).means("what the branches did"),
    text("primitive", |row| Value::Text(primitive_name(row.cell.primitive)))
        .means("how the branches were put together"),
    integer("branches", |row| row.cell.branches.into()).means("n"),
    boolean("again", |row| Value::Bool(row.cell.again))
        .means("whether it is the second of two arms that are alike: an A/A control"),
    integer("block", |row| row.number.into())
        .means("number of the block; rounds of one block were run close together"),
    boolean("complete", |row| Value::Bool(row.block.complete))
        .means("whether the block came to its end; ratios are formed in no other"),
    boolean("disturbed", |row| Value::Bool(row.block.disturbed.is_some()))
        .means("whether others used the machine meanwhile; ratios are formed in no such block"),
    text("disturbed_by", |row| row.block.disturbed.as_deref().into())
        .nullable()
        .means("what disturbed it"),
    integer("order", |row| row.round.order.into())
        .means("place of the round in its block's random order, from 0"),
    text("status", |row| Value::Text(row.round.status.name()))
        .means("how the round went: `ok`, `unsupported`, `unavailable`, `wrong`, `timeout`, `crashed`"),
    text("reason", |row| row.round.reason.as_deref().into())
        .nullable()
        .means("why it did not go well"),
    integer("sample", |row| row.sample.map(|(number, _)| number as u64).into())
        .nullable()
        .means("number of the sample in its round, from 0; null for a round without samples, which has one row"),
    integer("predicted_ns", |row| prediction(row, |it| it.wall_ns))
        .nullable()
        .unit("ns")
        .means("wall time that the law predicts for the cell"),
    integer("predicted_wait_ns", |row| prediction(row, |it| it.wait_ns))
        .nullable()
        .unit("ns")
        .means("calibrated wait of the longest branch"),
    integer("predicted_work_ns", |row| prediction(row, |it| it.work_ns))
        .nullable()
        .unit("ns")
        .means("calibrated CPU time of all branches"),
    integer("steps", |row| row.run.bundle.steps.get(&row.cell.scenario).copied().into())
        .nullable()
        .means("steps of its kernel that a branch makes, where it computes: runs differ in them"),
    of_sample!(wall_ns).unit("ns").means("wall time of the timed region"),
    of_sample!(cpu_ns).unit("ns").means("CPU time of the whole process in it"),
    perhaps_of_sample!(queued_ns)
        .unit("ns")
        .means("time that threads were ready and had no core"),
    text("wrong", |row| row.sample.and_then(|(_, sample)| sample.wrong.as_deref()).into())
        .nullable()
        .means("what was wrong with the answers"),
    perhaps_of_sample!(repeats)
        .means("how often the branches were put together, where more than once: times and counts are of so many"),
    of_sample!(polls).means("polls of branches"),
    of_sample!(lost_polls).means("polls that the witness had no room for: if not 0, its figures are not whole"),
    of_sample!(threads).means("distinct threads that polled a branch"),
    of_sample!(threads_so_far).means("the same since the process began; 0 is not known"),
    of_sample!(polled_ns).unit("ns").means("time in polls, summed over branches"),
    of_sample!(peak_overlap).means("branches polled at one instant, at most"),
    number("mean_overlap", |row| float(row, |sample| sample.mean_overlap))
        .nullable()
        .means("branches being polled, averaged over the wall time"),
    of_sample!(peak_concurrency).means("branches in flight at one instant, at most"),
    number("mean_concurrency", |row| float(row, |sample| sample.mean_concurrency))
        .nullable()
        .means("branches in flight, averaged over the wall time"),
    of_sample!(longest_poll_ns).unit("ns").means("the longest poll"),
    of_sample!(longest_gap_ns).unit("ns").means("the longest time between two polls of one branch"),
    of_sample!(first_poll_ns).unit("ns").means("from the start of the clock to the first poll"),
    of_sample!(longest_run).means("polls of one branch in a row while another had not ended, at most; 0 is not known"),
    perhaps_of_sample!(longest_branch_ns)
        .unit("ns")
        .means("time in polls of the branch that has most of it"),
    perhaps_of_sample!(longest_life_ns)
        .unit("ns")
        .means("from first poll to last of the branch that was in flight longest"),
    perhaps_of_sample!(all_begun_ns)
        .unit("ns")
        .means("from the start of the clock to the first poll of the branch that was polled first last"),
    perhaps_of_sample!(stall_ns)
        .unit("ns")
        .means("how late past its deadline a ticking branch went on, at worst"),
    of_sample!(hidden_spawns).means("tasks that the branches themselves spawned"),
    perhaps_of_sample!(hidden_peak).means("of these, unfinished ones at one instant, at most"),
    perhaps_of_sample!(ready_ns)
        .unit("ns")
        .means("where branches wait for each other, the longest that one had been woken and was not polled"),
    perhaps_of_sample!(waited_for_siblings_ns)
        .unit("ns")
        .means("where branches wait for each other, what they waited for wakes from each other, summed"),
    perhaps_of_sample!(allocations).means("allocations of all threads, where they were counted"),
    perhaps_of_sample!(allocated_bytes).unit("bytes").means("what these asked for"),
    perhaps_of_sample!(peak_bytes)
        .unit("bytes")
        .means("how far resident memory rose, at most, where branches are not watched"),
];

fn prediction<'a>(row: &Row<'a>, of: impl Fn(&Prediction) -> u64) -> Value<'a> {
    row.run.bundle.predictions.get(row.cell).map(of).into()
}

fn float<'a>(row: &Row<'a>, of: impl Fn(&Sample) -> f64) -> Value<'a> {
    figure(row, of).map_or(Value::Null, Value::Number)
}

/// The columns as the table of the document.
#[must_use]
pub fn document() -> String {
    let mut out = String::from(
        "| column | type | unit | null | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for column in COLUMNS {
        let null = if column.nullable { "may be" } else { "" };
        out.push_str(&format!(
            "| `{}` | {} | {} | {null} | {} |\n",
            column.name,
            column.kind.name(),
            column.unit,
            column.meaning
        ));
    }
    out
}
