//! Each claim has a page that says what the code says, and each page has a claim.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{collections::BTreeSet, fs};

use crate::common::workspace;
use harness_judge::claims::CLAIMS;

/// A text with its line breaks taken for spaces: where a page breaks its lines is its own affair.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_claim_has_a_page_with_its_sentence_and_its_predicate() {
    for claim in CLAIMS {
        let page = workspace().join(format!("docs/claims/{}.md", claim.id));
        let text = fs::read_to_string(&page).unwrap_or_default();
        assert!(
            text.starts_with(&format!("# {}\n", claim.id)),
            "{} is not there, or does not begin with the claim's name",
            page.display()
        );
        for (what, said) in [
            ("sentence", format!("*{}*", claim.sentence)),
            ("predicate", format!("`{}`", claim.predicate)),
        ] {
            assert!(
                unwrapped(&text).contains(&unwrapped(&said)),
                "{} lacks the {what} of the code, word for word: {said}",
                page.display()
            );
        }
    }
}

#[test]
fn each_page_belongs_to_a_claim() {
    let folder = workspace().join("docs/claims");
    let pages: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    let claims: BTreeSet<String> = CLAIMS.iter().map(|c| format!("{}.md", c.id)).collect();
    let strays: Vec<_> = pages.difference(&claims).collect();
    assert!(strays.is_empty(), "no claim is called so: {strays:?}");
}

#[test]
fn the_index_leads_to_every_claim() {
    let index = fs::read_to_string(workspace().join("docs/CLAIMS.md")).unwrap();
    for claim in CLAIMS {
        let link = format!("[{id}](claims/{id}.md)", id = claim.id);
        assert!(index.contains(&link), "docs/CLAIMS.md lacks {link}");
    }
}
