//! What several sections say of a run and of a claim.

use harness_report::recorded::Recorded;

/// The name of a claim as a link to its page.
pub(super) fn claim_page(claim: &str, root: &str) -> String {
    format!("[{claim}]({root}docs/claims/{claim}.md)")
}

/// A piece of code within a line, whatever is in it.
pub(super) fn code(text: &str) -> String {
    match longest_run(text) {
        0 => format!("`{text}`"),
        run => {
            let fence = "`".repeat(run + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// A block of code, whatever is in it.
pub(super) fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

/// The revision that a run was made of.
pub(super) fn revision(recorded: &Recorded) -> String {
    let revision = recorded.report.host.checkout();
    revision.unwrap_or_else(|| "unknown".to_owned())
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c: char| c != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}
