//! What spawning would gain, foretold from joined polls and held against what it gained, for Markdown.

use std::fmt::Write as _;

use harness_judge::foretold::{Foretold, TOLERANCE, Together};
use harness_record::{config_id::ConfigId, format::counted};

use crate::unpadded;

/// A grid of scenarios by configurations, and how far off it is altogether; nothing where nothing was foretold.
#[must_use]
pub fn markdown(all: &[Foretold]) -> String {
    if all.iter().all(|one| one.spawned.is_err()) {
        return String::new();
    }
    let mut configs: Vec<&ConfigId> = Vec::new();
    let mut scenarios: Vec<&str> = Vec::new();
    for one in all {
        if !configs.contains(&&one.id) {
            configs.push(&one.id);
        }
        if !scenarios.contains(&one.scenario.as_str()) {
            scenarios.push(&one.scenario);
        }
    }
    let rows = scenarios.into_iter().map(|scenario| {
        let of = |config: &&ConfigId| {
            let mut all = all.iter();
            let one = all.find(|one| one.scenario == scenario && one.id == **config);
            one.map_or_else(String::new, cell)
        };
        let cells = configs.iter().map(of);
        [format!("`{scenario}`")].into_iter().chain(cells).collect()
    });
    let titles: Vec<String> = configs.iter().map(ToString::to_string).collect();
    let mut header = vec!["scenario"];
    header.extend(titles.iter().map(String::as_str));
    let mut out = unpadded::table(&header, rows.collect());
    let _ = writeln!(
        out,
        "\nEach: the measured time of the spawned branches over the best that was foretold. **Bold**: outside what was \
         foretold by more than {:.0} %. Refused: the polls are too short against a spawn, or there is one branch.\n",
        100.0 * TOLERANCE
    );
    let _ = write!(out, "{}", together(all));
    out
}

/// `+3 %`, bold where it lies outside.
fn cell(one: &Foretold) -> String {
    match (one.off(), one.is_inside()) {
        (Some(off), Some(inside)) => {
            let off = format!("{:+.0} %", 100.0 * off);
            if inside { off } else { format!("**{off}**") }
        }
        _ => "refused".to_owned(),
    }
}

fn together(all: &[Foretold]) -> String {
    let apart = |way: bool| all.iter().filter(move |one| one.in_each_others_way == way);
    let rows = [
        ("all", Together::of(all.iter())),
        (
            "computing, with more than 1.1 of the CPU time side by side: they share memory or caches",
            Together::of(apart(true)),
        ),
        ("all others", Together::of(apart(false))),
    ];
    let rows = rows.into_iter().filter_map(|(which, together)| {
        let together = together?;
        Some(vec![
            which.to_owned(),
            counted(together.foretold as u64, "cell"),
            format!("{} of {}", together.inside, together.foretold),
            format!("{:.1} %", 100.0 * together.median),
            format!("{:.1} %", 100.0 * together.ninth),
        ])
    });
    unpadded::table(
        &[
            "which",
            "foretold",
            "inside",
            "off by, in the median",
            "off by, nine of ten",
        ],
        rows.collect(),
    )
}
