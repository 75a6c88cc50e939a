//! What cannot be true of the head of a record.

use std::collections::BTreeSet;

mod machine;

use workload_catalogue::scenario;

use super::{
    Wrong, Wrongs,
    declared::{self, Declared},
};
use harness_record::{
    bundle::Header,
    host::Host,
    plan::{Entrant, MOST_WORKERS, Options, Rounds},
};

pub(super) fn check(header: &Header) -> Vec<Wrong> {
    let mut wrongs = Wrongs::default();
    wrongs.unless(is_time(&header.started), "/started", || {
        not_a_time(&header.started)
    });
    wrongs.unless(
        header.command.first().is_some_and(|word| word == "harness"),
        "/command/0",
        || "a command begins with \"harness\"".to_owned(),
    );
    let cores = header.host.cores;
    wrongs.unless(header.cores == cores, "/cores", || {
        format!("it is {}, and host.cores is {cores}", header.cores)
    });
    host(&header.host, &mut wrongs);
    machine::check(header, &mut wrongs);
    options(&header.options, &mut wrongs);
    runtimes(header, &mut wrongs);
    let program = header.program.as_deref();
    wrongs.unless(program.is_none_or(is_sum), "/program", not_a_sum);
    shares(header, &mut wrongs);
    if let Some(built) = &header.built {
        for (field, text) in [("profile", &built.profile), ("harness", &built.harness)] {
            wrongs.unless(!text.is_empty(), &format!("/built/{field}"), empty);
        }
        toolchain(&built.toolchain, "/built/toolchain", &mut wrongs);
    }
    wrongs.0
}

/// In UTC, as a record writes it.
pub(super) fn is_time(text: &str) -> bool {
    humantime::parse_rfc3339(text)
        .is_ok_and(|time| humantime::format_rfc3339_seconds(time).to_string() == text)
}

pub(super) fn not_a_time(text: &str) -> String {
    format!("\"{text}\" stands where a time in UTC is expected, such as 2026-01-02T03:04:05Z")
}

fn is_sum(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    text.len() == 64 && text.chars().all(is_digit)
}

fn not_a_sum() -> String {
    "this is no SHA-256: 64 digits and letters from a to f are expected".to_owned()
}

fn empty() -> String {
    "it is empty".to_owned()
}

/// What `rustc -vV` says, a line each.
fn toolchain(lines: &[String], at: &str, wrongs: &mut Wrongs) {
    for (index, line) in lines.iter().enumerate() {
        wrongs.unless(line.contains(": "), &format!("{at}/{index}"), || {
            format!("\"{line}\" stands where a line such as \"release: 1.95.0\" is expected")
        });
    }
}

fn host(host: &Host, wrongs: &mut Wrongs) {
    let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
    for (field, text) in [
        ("os", host.os.clone()),
        ("arch", host.arch.clone()),
        ("harness", host.harness.clone()),
        ("kernel", optional(&host.kernel)),
        ("cpu", optional(&host.cpu)),
        ("virtualisation", optional(&host.virtualisation)),
        ("governor", optional(&host.governor)),
        ("rustc", optional(&host.rustc)),
    ] {
        wrongs.unless(!text.is_empty(), &format!("/host/{field}"), empty);
    }
    toolchain(&host.toolchain, "/host/toolchain", wrongs);
    let least = |wrongs: &mut Wrongs, pointer: &str, number: Option<f64>| {
        wrongs.unless(number.is_none_or(|number| number > 0.0), pointer, || {
            "a number above 0 is expected".to_owned()
        });
    };
    least(wrongs, "/host/cores", Some(host.cores as f64));
    least(wrongs, "/host/cpu_quota", host.cpu_quota);
    least(
        wrongs,
        "/host/memory",
        host.memory.map(|bytes| bytes as f64),
    );
    least(
        wrongs,
        "/host/memory_limit",
        host.memory_limit.map(|bytes| bytes as f64),
    );
    let cpus = host.logical_cpus;
    wrongs.unless(
        cpus.is_none_or(|cpus| cpus >= host.cores),
        "/host/logical_cpus",
        || {
            format!(
                "there are fewer than the {} cores that may be used",
                host.cores
            )
        },
    );
    wrongs.unless(
        host.io_uring_disabled.is_none_or(|switch| switch <= 2),
        "/host/io_uring_disabled",
        || "the kernel's switch is 0, 1 or 2".to_owned(),
    );
    let is_revision = |text: &str| text.len() >= 7 && text.chars().all(|c| c.is_ascii_hexdigit());
    let revision = host.revision.as_deref();
    wrongs.unless(revision.is_none_or(is_revision), "/host/revision", || {
        "this is no revision: hexadecimal digits are expected".to_owned()
    });
    wrongs.unless(
        revision.is_some() == host.dirty.is_some(),
        "/host/dirty",
        || "it stands beside a revision, and only there".to_owned(),
    );
}

fn options(options: &Options, wrongs: &mut Wrongs) {
    let some = !options.scenarios.is_empty();
    wrongs.unless(
        some || options.costs.is_some(),
        "/options/scenarios",
        || "there is none, and nothing to measure".to_owned(),
    );
    if let Some(costs) = &options.costs {
        wrongs.unless(!some, "/options/scenarios", || {
            "a run that counts what primitives cost has none".to_owned()
        });
        let one = !costs.left_by_cargo_bench || options.rounds == Rounds::Fixed(1);
        wrongs.unless(one, "/options/rounds", || {
            "what `cargo bench` left is one round".to_owned()
        });
        for (index, name) in costs.operations.iter().enumerate() {
            let at = format!("/options/costs/operations/{index}");
            wrongs.unless(!name.trim().is_empty(), &at, empty);
        }
        let valgrind = costs.valgrind.as_deref();
        wrongs.unless(valgrind != Some(""), "/options/costs/valgrind", empty);
    }
    let mut seen = BTreeSet::new();
    for (index, name) in options.scenarios.iter().enumerate() {
        let pointer = format!("/options/scenarios/{index}");
        wrongs.unless(scenario(name).is_some(), &pointer, || {
            format!("this harness knows no scenario \"{name}\"; `harness list` shows those that it knows")
        });
        wrongs.unless(seen.insert(name), &pointer, || {
            format!("\"{name}\" is there twice")
        });
    }
    wrongs.unless(
        options.workers.len() <= MOST_WORKERS,
        "/options/workers",
        || {
            format!(
                "there are {}, and no run names more than {MOST_WORKERS}",
                options.workers.len()
            )
        },
    );
    for (index, workers) in options.workers.iter().enumerate() {
        let pointer = format!("/options/workers/{index}");
        wrongs.unless((1..=MOST_WORKERS).contains(workers), &pointer, || {
            format!("{workers} stands where a number from 1 to {MOST_WORKERS} is expected")
        });
    }
    let blocking = options.blocking_threads;
    wrongs.unless(
        blocking.is_none_or(|threads| (1..=MOST_WORKERS).contains(&threads)),
        "/options/blocking_threads",
        || format!("a number from 1 to {MOST_WORKERS} is expected"),
    );
    let branches = options.branches;
    wrongs.unless(
        branches.is_none_or(|branches| (1..=10_000).contains(&branches)),
        "/options/branches",
        || "a number from 1 to 10000 is expected".to_owned(),
    );
    wrongs.unless(
        options.rounds != Rounds::Fixed(0),
        "/options/rounds",
        || "without rounds nothing is measured".to_owned(),
    );
    let bounded = matches!(options.rounds, Rounds::Fixed(_)) || options.budget_ms.is_some();
    wrongs.unless(
        bounded && options.budget_ms != Some(0),
        "/options/budget_ms",
        || "a time above 0 is expected, where there is no number of rounds".to_owned(),
    );
    wrongs.unless(options.timeout_ms != Some(0), "/options/timeout_ms", || {
        "a time above 0 is expected".to_owned()
    });
}

/// What is said of the runtimes, and of their adapters.
pub(super) fn runtimes(header: &Header, wrongs: &mut Wrongs) {
    entrants(&header.entrants, wrongs);
    adapters(header, wrongs);
    lineage(header, wrongs);
}

fn entrants(entrants: &[Entrant], wrongs: &mut Wrongs) {
    wrongs.unless(
        entrants.iter().any(|entrant| entrant.asked),
        "/entrants",
        || "none was asked for, and nothing is to be measured".to_owned(),
    );
    let mut runtimes = BTreeSet::new();
    for (index, entrant) in entrants.iter().enumerate() {
        let at = |rest: &str| format!("/entrants/{index}/{rest}");
        wrongs.unless(runtimes.insert(&entrant.name), &at("name"), || {
            format!("\"{}\" is there twice", entrant.name)
        });
        let declared = Declared {
            name: &entrant.name,
            version: entrant.version.as_deref(),
            unavailable: entrant.unavailable.as_deref(),
            flavours: &entrant.flavours,
            checks: &entrant.checks,
        };
        declared::check(declared, &format!("/entrants/{index}"), wrongs);
    }
}

/// That what an adapter is said to be made of is among what it links.
fn lineage(header: &Header, wrongs: &mut Wrongs) {
    for (entrant, of) in header.entrants.iter().enumerate() {
        let linked = header.adapters.iter().find(|made| made.runtime == of.name);
        for (index, part) in of.lineage.iter().enumerate() {
            let links = linked.is_some_and(|made| made.crates.contains(part));
            wrongs.unless(
                links,
                &format!("/entrants/{entrant}/lineage/{index}"),
                || format!("the adapter of {} links no \"{part}\"", of.name),
            );
        }
    }
}

/// Of a record that was joined from shares: all of one plan, each once, in order.
fn shares(header: &Header, wrongs: &mut Wrongs) {
    let Some(first) = header.shares.first() else {
        return;
    };
    let joined = header.options.partition.is_none();
    wrongs.unless(joined, "/options/partition", || {
        "a record that was joined from shares is none itself".to_owned()
    });
    let all = first.partition.all().map(Some).chain(std::iter::once(None));
    let here = header.shares.iter().map(|share| Some(share.partition));
    let mut beside = here.chain(std::iter::repeat(None)).zip(all).enumerate();
    if let Some((index, (_, expected))) = beside.find(|(_, (share, expected))| share != expected) {
        wrongs.add(
            format!("/shares/{index}/partition"),
            match expected {
                Some(expected) => format!("share {expected} is expected here"),
                None => "no further share is expected".to_owned(),
            },
        );
    }
    for (index, share) in header.shares.iter().enumerate() {
        let at = |rest: &str| format!("/shares/{index}/{rest}");
        wrongs.unless(is_time(&share.started), &at("started"), || {
            not_a_time(&share.started)
        });
        wrongs.unless(share.started >= header.started, &at("started"), || {
            format!("it is before the record began, {}", header.started)
        });
        for (field, sum) in [
            ("sha256/run.json", &share.sha256.run),
            ("sha256/samples.jsonl", &share.sha256.samples),
        ] {
            wrongs.unless(is_sum(sum), &at(field), not_a_sum);
        }
    }
}

fn adapters(header: &Header, wrongs: &mut Wrongs) {
    let mut runtimes = BTreeSet::new();
    for (index, made) in header.adapters.iter().enumerate() {
        let at = |rest: &str| format!("/adapters/{index}/{rest}");
        let known = header
            .entrants
            .iter()
            .any(|entrant| entrant.name == made.runtime);
        wrongs.unless(known, &at("runtime"), || {
            format!("\"{}\" is none of the entrants", made.runtime)
        });
        wrongs.unless(runtimes.insert(&made.runtime), &at("runtime"), || {
            format!("\"{}\" is there twice", made.runtime)
        });
        let sha256 = made.sha256.as_deref();
        wrongs.unless(sha256.is_none_or(is_sum), &at("sha256"), not_a_sum);
        for (index, text) in made.crates.iter().enumerate() {
            let version = text.split_once(' ').map_or("", |(_, version)| version);
            let is_version = version.starts_with(|c: char| c.is_ascii_digit())
                && version.split('.').count() >= 3;
            wrongs.unless(is_version, &at(&format!("crates/{index}")), || {
                format!("\"{text}\" stands where a crate is expected, as NAME VERSION")
            });
        }
    }
}
