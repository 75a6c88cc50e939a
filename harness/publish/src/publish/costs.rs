//! The sections about what primitives cost, and what our trait adds.

use harness_report::{
    costs::{CostReport, Costs, Target, TwinReport, headlines::headlines, print},
    recorded::Recorded,
    unpadded,
};

/// The run that is shown: of those that counted costs the one with most of them; of several alike the newest.
pub(super) fn shown(published: &[Recorded]) -> Option<(&Recorded, &Costs)> {
    let counted = published
        .iter()
        .filter_map(|recorded| Some((recorded, recorded.report.costs.as_ref()?)));
    // Of equals the last.
    counted.max_by_key(|(_, costs)| costs.operations.len())
}

/// A row for each configuration, a column for each of what a reader asks first.
pub(super) fn costs(costs: &Costs) -> String {
    let (questions, rows) = headlines(costs);
    let mut header = vec!["configuration"];
    header.extend(questions);
    let rows = rows
        .into_iter()
        .map(|row| std::iter::once(row.title).chain(row.answers).collect());
    unpadded::table(&header, rows.collect())
}

/// A row an operation, a column a configuration: what the trait adds.
pub(super) fn twins(costs: &Costs) -> String {
    let is_of = |twin: &TwinReport, first: &CostReport| {
        (&twin.id.runtime, &twin.id.flavour, twin.id.workers)
            == (&first.id.runtime, &first.id.flavour, first.id.workers)
    };
    // The baseline is no runtime, and has no idiom of its own.
    let mut configurations = costs.configurations();
    configurations.retain(|first| costs.twins.iter().any(|twin| is_of(twin, first)));
    let mut operations: Vec<&str> = Vec::new();
    for twin in &costs.twins {
        if !operations.contains(&twin.operation.as_str()) {
            operations.push(&twin.operation);
        }
    }
    let titles: Vec<String> = configurations
        .iter()
        .map(|first| print::title(first))
        .collect();
    let mut header = vec!["operation"];
    header.extend(titles.iter().map(String::as_str));
    let rows = operations.iter().map(|operation| {
        let cells = configurations.iter().map(|first| {
            let mut twins = costs.twins.iter();
            let twin = twins.find(|twin| twin.operation == *operation && is_of(twin, first));
            twin.map_or_else(String::new, beside)
        });
        std::iter::once((*operation).to_owned())
            .chain(cells)
            .collect()
    });
    format!(
        "{}\n{}\n\nEach: instructions through the trait over those of the same written by hand (✓ within 0.01, and equal \
         allocations; ✗ not), the time likewise, and `=` or `≠` for allocations and their bytes.",
        unpadded::table(&header, rows.collect()),
        costs.target
    )
}

/// `✓ 1.000, 0.99×, =`.
fn beside(twin: &TwinReport) -> String {
    let mark = match twin.target {
        Target::Met => "✓ ",
        Target::Missed => "✗ ",
        Target::Unsteady => "? ",
        Target::NotCounted => "",
    };
    let instructions = twin.instruction_ratio.map(|ratio| format!("{ratio:.3}"));
    let time = twin.time_ratio.map(|ratio| format!("{:.2}×", ratio.median));
    let equal = twin
        .allocations_equal
        .map(|equal| if equal { "=" } else { "≠" });
    let parts = instructions.into_iter().chain(time);
    let parts: Vec<String> = parts.chain(equal.map(str::to_owned)).collect();
    format!("{mark}{}", parts.join(", "))
}
