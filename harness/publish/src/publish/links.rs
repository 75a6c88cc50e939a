//! What several sections say of a run and of a claim.

use harness_report::recorded::Recorded;

/// The name of a claim as a link to its page.
pub(super) fn claim_page(claim: &str, root: &str) -> String {
    format!("[{claim}]({root}docs/claims/{claim}.md)")
}

/// The revision that a run was made of.
pub(super) fn revision(recorded: &Recorded) -> String {
    let revision = recorded.report.host.checkout();
    revision.unwrap_or_else(|| "unknown".to_owned())
}
