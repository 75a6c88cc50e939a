//! The page and the pictures of the published runs: none while nothing is published.

use std::collections::BTreeMap;

use crate::site;
use harness_report::recorded::Recorded;

/// The page.
pub(super) fn page(published: &[Recorded]) -> anyhow::Result<Option<String>> {
    if published.is_empty() {
        return Ok(None);
    }
    site::page(published).map(Some)
}

/// Pictures by the name of their file.
pub(super) fn pictures(published: &[Recorded]) -> anyhow::Result<BTreeMap<String, String>> {
    if published.is_empty() {
        return Ok(BTreeMap::new());
    }
    site::pictures(published)
}
