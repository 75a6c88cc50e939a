//! The page and its pictures, of records that are made up.

use harness_protocol::{Poll, Sample};

use super::*;
use harness_record::{
    bundle::Bundle,
    fabricated::{
        MS, block, header, options, overlapping, poll, predicted, sample, smol, smol_run, threads,
        unasked,
    },
    plan::Options,
};
use harness_report::recorded::Recorded;

fn watched(sample: Sample, trace: &[Poll]) -> Sample {
    Sample {
        trace: trace.to_vec(),
        ..sample
    }
}

/// smol with two workers, on which spawned work takes half of the joined time, and with one, on which it
/// takes as long.
fn run_of(blocks: usize) -> Bundle {
    let mut bundle = smol_run();
    let joined = [poll(0, 0, 0, 4 * MS), poll(1, 0, 4 * MS, 8 * MS)];
    let spawned = [poll(0, 0, 0, 4 * MS), poll(1, 1, 0, 4 * MS)];
    for _ in 0..blocks {
        block(
            &mut bundle,
            &[
                ("smol:default@1/digest/sequential@2", sample(8.0, 1.0)),
                (
                    "smol:default@1/digest/compose@2",
                    watched(sample(8.0, 1.0), &joined),
                ),
                (
                    "smol:default@1/digest/spawn@2",
                    watched(sample(8.0, 1.0), &joined),
                ),
                ("smol:workers@2/digest/sequential@2", sample(8.0, 1.0)),
                (
                    "smol:workers@2/digest/compose@2",
                    watched(sample(8.0, 1.0), &joined),
                ),
                (
                    "smol:workers@2/digest/spawn@2",
                    watched(overlapping(4.0, 2.0, 2), &spawned),
                ),
                ("threads:threads@2/digest/spawn@2", overlapping(4.0, 2.0, 2)),
            ],
        );
    }
    bundle
}

fn recorded(name: &str, bundle: Bundle) -> Recorded {
    Recorded::of(name.to_owned(), bundle)
}

fn one() -> Recorded {
    recorded("2026-01-02-made-up", run_of(40))
}

/// The data of the run that is shown first.
fn data(page: &str) -> Value {
    unpacked(page, "data-0")
}

/// What a script element of this name carries.
fn unpacked(page: &str, id: &str) -> Value {
    let element = format!("<script type=\"application/gzip\" id=\"{id}\"");
    let (_, rest) = page.split_once(&element).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    let gzip = BASE64.decode(text.as_bytes()).unwrap();
    serde_json::from_reader(flate2::read::GzDecoder::new(gzip.as_slice())).unwrap()
}

#[test]
fn the_first_screen_says_what_was_measured() {
    let page = page(&[one()]).unwrap();
    let said = "Joined, the branches take turns on one core. Spawned, they run on several at once. Spawned, they took 0.50 of the joined time: 4.00 ms instead of 8.00 ms, on 2.00 cores instead of 1.00.";
    assert!(page.contains(said));
    let data = data(&page);
    assert_eq!(data["default"], "smol:workers@2");
    let on_one = data["first"]["compute"]["smol:default@1"].as_str().unwrap();
    assert!(on_one.contains("One thread executes here"), "{on_one}");
    assert!(
        on_one.contains("1.00 of the joined time: 8.00 ms instead of 8.00 ms"),
        "{on_one}"
    );
}

#[test]
fn a_claim_says_what_the_report_says_of_it() {
    let run = one();
    let page = page(std::slice::from_ref(&run)).unwrap();
    let data = data(&page);
    assert_eq!(run.report.claims.len(), 36);
    for claim in &run.report.claims {
        let key = format!(
            "{}/{}:{}@{}",
            claim.claim, claim.id.runtime, claim.id.flavour, claim.id.workers
        );
        let evidence = data["evidence"][&key].as_str().unwrap();
        let word = match (claim.verdict, claim.by_design) {
            (harness_judge::judge::Verdict::Holds, _) => "holds",
            (harness_judge::judge::Verdict::Refuted, true) => "refuted by design",
            (harness_judge::judge::Verdict::Refuted, false) => "refuted",
            (harness_judge::judge::Verdict::Inconclusive, _) => "inconclusive",
            (harness_judge::judge::Verdict::NotTestable, _) => "not testable",
        };
        assert!(
            evidence.contains(&format!("</b> {word}</p>")),
            "{key}: {evidence}"
        );
        let in_grid = format!("href=\"#open={key}\"");
        assert!(page.contains(&in_grid), "{in_grid}");
    }
    // One comparison by hand: 40 dots, at half the joined time, and no wider interval.
    let evidence = data["evidence"]["spawn-uses-cores/smol:workers@2"]
        .as_str()
        .unwrap();
    assert!(
        evidence.contains("data-values=\"1:0.50 2:0.50 "),
        "{evidence}"
    );
    // Four comparisons, a dot a block in each.
    assert_eq!(evidence.matches("h0").count(), 160);
    assert!(evidence.contains("digest spawn/compose: 40 blocks, median 0.50, interval 0.50 to 0.50; the claim asks for at most 0.75."), "{evidence}");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = page(&[one()]).unwrap();
    for loads in [
        "src=",
        "url(",
        "@import",
        "<link rel=\"stylesheet\"",
        "fetch(",
        "http-equiv",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn what_a_record_says_is_text_and_never_markup() {
    let mut run = one();
    run.name = "<img src=x>\"&'".to_owned();
    run.report.host.cpu = Some("</script><script>alert(1)</script><!--".to_owned());
    run.report.command.push("<b>".to_owned());
    let page = page(&[run]).unwrap();
    let behind = ["data-0", "machines"].map(|id| unpacked(&page, id).to_string());
    assert!(behind[0].contains("&lt;img src=x&gt;"));
    for markup in ["<img", "<script>alert", "<!--", "<b>'"] {
        assert!(!page.contains(markup), "{markup}");
        for behind in &behind {
            assert!(!behind.contains(markup), "{markup}");
        }
    }
}

#[test]
fn the_same_runs_make_the_same_page_whatever_their_order() {
    let (old, new) = (one(), {
        let mut new = recorded("2026-01-03-made-up", run_of(20));
        new.report.started = "2026-01-03T00:00:00Z".to_owned();
        new
    });
    let forward = page(&[old.clone(), new.clone()]).unwrap();
    let backward = page(&[new, old]).unwrap();
    assert!(forward == backward);
    let (newest, _) = forward.split_once("2026-01-02-made-up").unwrap();
    assert!(newest.contains("2026-01-03-made-up"));
    assert_eq!(pictures(&[one()]).unwrap(), pictures(&[one()]).unwrap());
}

#[test]
fn no_run_and_an_empty_run_have_a_page_too() {
    assert!(
        page(&[])
            .unwrap()
            .contains("No run that shows it is recorded yet")
    );
    assert!(pictures(&[]).unwrap().is_empty());
    let empty = recorded("empty", smol_run());
    let page = page(std::slice::from_ref(&empty)).unwrap();
    assert!(page.contains("No run that shows it is recorded yet") && page.contains("not measured"));
    // The grid is a picture of what is not known, too.
    let pictures = pictures(&[empty]).unwrap();
    assert_eq!(
        pictures.keys().collect::<Vec<_>>(),
        ["claims-dark.svg", "claims-light.svg"]
    );
}

#[test]
fn a_page_has_a_limit_however_many_runs_there_are() {
    const RUNS: usize = 250;
    let run = one();
    let runs: Vec<Recorded> = (0..RUNS)
        .map(|number| Recorded {
            name: format!("run-{number:03}"),
            ..run.clone()
        })
        .collect();
    let page = page(&runs).unwrap();
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert_eq!(page.matches("data-run=\"run-").count(), RUNS);
    // All of the first, and of the last what there is room for.
    let key = "spawn-uses-cores/smol:workers@2";
    let first = unpacked(&page, "data-0");
    assert!(first["evidence"][key].is_string() && first["elsewhere"].is_null());
    let last = unpacked(&page, &format!("data-{}", RUNS - 1));
    assert!(last["evidence"][key].is_null());
    let said = last["elsewhere"].as_str().unwrap();
    assert!(said.contains("The page has room for what older runs said of the claims"));
}

#[test]
fn pictures_stand_alone() {
    for (name, svg) in pictures(&[one()]).unwrap() {
        assert!(
            svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""),
            "{name}: {svg}"
        );
        assert!(
            svg.contains("width=\"") && svg.contains("<title>"),
            "{name}: {svg}"
        );
        for foreign in ["var(--", "<script", "href=", "url(", "@import"] {
            assert!(!svg.contains(foreign), "{name} has {foreign}: {svg}");
        }
    }
}

#[test]
fn packed_data_is_data() {
    let value = json!({ "html": "</script><!-- <b>" });
    let text = packed(&value).unwrap();
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    assert!(text.chars().all(is_base64), "{text}");
    let element = format!("<script type=\"application/gzip\" id=\"x\">{text}</script>");
    assert_eq!(unpacked(&element, "x"), value);
}

#[test]
fn the_length_at_which_a_spawn_pays_is_shown_where_it_was_swept() {
    assert!(!page(&[one()]).unwrap().contains("is worth a spawn"));
    let options = Options {
        scenarios: ["length/1us", "length/100us"].map(str::to_owned).to_vec(),
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options, 2));
    // Twice the joined time at 1 µs and half of it at 100 µs: as much at 10 µs.
    for (scenario, spawned) in [("length/1us", 2.0), ("length/100us", 0.5)] {
        let (compose, spawn) = (
            format!("smol:workers@2/{scenario}/compose@2"),
            format!("smol:workers@2/{scenario}/spawn@2"),
        );
        for _ in 0..9 {
            let joined = sample(1.0, 1.0);
            block(
                &mut bundle,
                &[(&compose, joined), (&spawn, sample(spawned, 1.0))],
            );
        }
    }
    let page = page(&[recorded("swept", bundle)]).unwrap();
    assert!(page.contains("From which length on a branch is worth a spawn"));
    assert!(page.contains("With 2 branches spawn pays from 10.0 µs on"));
    assert!(page.contains("<td>100 µs<td>1.00 ms<td>500 µs<td>0.50 [0.50, 0.50]"));
}

#[test]
fn what_each_way_does_is_shown_where_they_were_compared() {
    const HEADING: &str = "What each way to put branches together does";
    assert!(!page(&[one()]).unwrap().contains(HEADING));
    let bundle = harness_record::fabricated::idioms::recorded();
    let page = page(&[recorded("compared", bundle)]).unwrap();
    assert!(page.contains(HEADING));
    assert!(page.contains("<th scope=\"row\">select-all<td>never<td>all<td>5<td>15<td>500"));
    assert!(page.contains("<th scope=\"row\">spawn-await from a task<td>2 at once"));
}
