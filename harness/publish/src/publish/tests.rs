//! The pieces of publishing that need no process; `tests/published.rs` drives the whole.

use super::*;
use harness_record::{
    fabricated::{block, header, options, predicted, sample, smol, threads, tokio},
    plan::{Entrant, Options},
};
use harness_report::Report;

#[test]
fn published_folders_begin_with_a_day() {
    assert!(is_published("2026-01-02-some-cpu-2-cores-vm"));
    for name in [
        "20260102T030405-7",
        "2026-01-02",
        "site",
        "README.md",
        ".publishing-2026-01-02-x",
        "éééééé",
    ] {
        assert!(!is_published(name), "{name}");
    }
}

#[test]
fn a_difference_is_named_by_its_first_line() {
    assert_eq!(first_difference(b"a\nb\n", "a\nb\n"), None);
    let first = |there: &str, made: &str| first_difference(there.as_bytes(), made).unwrap();
    insta::assert_snapshot!(first("a\nB\nC\n", "a\nb\nc\n"), @"differs in line 2: `B` where `b` is made of the published runs");
    insta::assert_snapshot!(first("a\n", "a\nb\n"), @"differs in line 2: `` where `b` is made of the published runs");
    insta::assert_snapshot!(first("a", "a\nb"), @"differs in line 2: its end where `b` is made of the published runs");
    let long = "x".repeat(1000);
    insta::assert_snapshot!(first(&format!("{long}1"), &format!("{long}2")), @"differs in line 1: `…xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1` where `…xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2` is made of the published runs");
}

fn recorded(name: &str, started: &str, entrants: Vec<Entrant>, scenarios: &[&str]) -> Recorded {
    let options = Options {
        scenarios: scenarios.iter().map(|&name| name.to_owned()).collect(),
        ..options()
    };
    let mut header = header(entrants, options, 2);
    header.started = started.to_owned();
    let bundle = predicted(header);
    Recorded {
        name: name.to_owned(),
        report: Report::of(&bundle),
        bundle,
    }
}

#[test]
fn the_newest_full_run_is_shown() {
    let both = || vec![smol(), tokio()];
    let mut published = vec![
        recorded("new", "2026-01-04T00:00:00Z", both(), &["timers", "digest"]),
        recorded("old", "2026-01-02T00:00:00Z", both(), &["timers", "digest"]),
        recorded(
            "fewer",
            "2026-01-05T00:00:00Z",
            vec![threads()],
            &["timers", "digest"],
        ),
        recorded(
            "field",
            "2026-01-06T00:00:00Z",
            both(),
            &["timers", "field/hot-loop"],
        ),
        // More configurations, and one scenario: no full run.
        recorded(
            "wide",
            "2026-01-07T00:00:00Z",
            vec![smol(), tokio(), threads()],
            &["digest"],
        ),
    ];
    in_order(&mut published);
    let shown = |runtime| featured::featured(&published, runtime).map(|r| r.name.as_str());
    assert_eq!(shown(None), Some("new"));
    assert_eq!(shown(Some("smol")), Some("new"));
    assert_eq!(shown(Some("threads")), Some("fewer"));
    assert_eq!(shown(Some("other")), None);
}

/// A section of the README, of a run with two joined and spawned branches.
fn section(name: &str) -> Result<String, String> {
    let mut made = recorded(
        "2026-01-02-x",
        "2026-01-02T03:04:05Z",
        vec![smol()],
        &["digest"],
    );
    let flavour = "smol:workers@2/digest/";
    let name_of = |rest: &str| format!("{flavour}{rest}");
    let (s, c, p) = (
        name_of("sequential@2"),
        name_of("compose@2"),
        name_of("spawn@2"),
    );
    block(
        &mut made.bundle,
        &[
            (&s, sample(8.4, 1.0)),
            (&c, sample(8.0, 0.99)),
            (&p, sample(4.0, 1.98)),
        ],
    );
    made.report = Report::of(&made.bundle);
    let published = [made];
    let sections = sections::Sections {
        published: &published,
        gone: &[],
        pictures: &Derived::from([
            (
                "results/pictures/two-light.svg".to_owned(),
                "<svg><title>A \"b\"</title></svg>".to_owned(),
            ),
            (
                "results/pictures/two-dark.svg".to_owned(),
                "<svg/>".to_owned(),
            ),
            ("results/pictures/one.svg".to_owned(), "<svg/>".to_owned()),
        ]),
        text: &sections::TEXTS[0],
    };
    sections.make(name)
}

/// 4.0 over 8.0 is half of compose's time.
#[test]
fn a_section_names_what_made_it() {
    insta::assert_snapshot!(section("times digest").unwrap(), @"
`digest`, SHA-256 over a buffer: arithmetic bound:

| configuration | n | sequential | compose | spawn |
| --- | --- | --- | --- | --- |
| smol default@1 | 2 | not measured | not measured | not measured |
| smol workers@2 | 2 | 8.40 ms, 1.05×, 1.00 cores | 8.00 ms, 0.99 cores | 4.00 ms, 0.50×, 1.98 cores |

Each: median wall time, × that of compose, cores used.

<sub>Made by `harness publish` from [2026-01-02-x](results/2026-01-02-x): `harness run`, revision `unknown`, Made-up CPU, 2 cores allowed, linux 6.1, 2026-01-02T03:04:05Z.</sub>
");
    insta::assert_snapshot!(section("times nothing").unwrap_err(), @"no scenario is called `nothing`");
    insta::assert_snapshot!(section("shows other").unwrap(), @"*No published run has `other`.*");
    insta::assert_snapshot!(section("claims").unwrap().lines().take(3).collect::<Vec<_>>().join("\n"), @"
| claim | smol 1.2.3<br>default@1 | smol 1.2.3<br>workers@2 |
| --- | --- | --- |
| [compose-overlaps-waits](docs/claims/compose-overlaps-waits.md) | – | – |
");
}

#[test]
fn a_picture_is_light_or_dark_where_there_are_both() {
    insta::assert_snapshot!(section("picture two").unwrap(), @r#"
<picture>
<source media="(prefers-color-scheme: dark)" srcset="results/pictures/two-dark.svg">
<img alt="A &quot;b&quot;" src="results/pictures/two-light.svg">
</picture>

<sub>Made by `harness publish` from [2026-01-02-x](results/2026-01-02-x): `harness run`, revision `unknown`, Made-up CPU, 2 cores allowed, linux 6.1, 2026-01-02T03:04:05Z.</sub>
"#);
    insta::assert_snapshot!(section("picture one").unwrap(), @r#"
<img alt="one" src="results/pictures/one.svg">

<sub>Made by `harness publish` from [2026-01-02-x](results/2026-01-02-x): `harness run`, revision `unknown`, Made-up CPU, 2 cores allowed, linux 6.1, 2026-01-02T03:04:05Z.</sub>
"#);
    insta::assert_snapshot!(section("picture three").unwrap().lines().next().unwrap(), @"*No picture is called `three`.*");
}

#[test]
fn a_file_of_somebodys_own_is_not_published() {
    let own = recorded(
        "own",
        "2026-01-01T00:00:00Z",
        vec![smol()],
        &["try/handler"],
    );
    let why = super::fit::check(&own, super::fit::Allowed::ALL).unwrap_err();
    assert!(
        why.contains("a file of somebody's own (try/handler)"),
        "{why}"
    );
    let ours = recorded("ours", "2026-01-01T00:00:00Z", vec![smol()], &["digest"]);
    let why = super::fit::check(&ours, super::fit::Allowed::ALL).unwrap_err();
    assert!(!why.contains("somebody"), "{why}");
}
