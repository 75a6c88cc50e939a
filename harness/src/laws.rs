//! Temporary.
use crate::bundle::Alone;
use harness_protocol::Primitive;
use workload_catalogue::Law;
/// Temporary.
#[must_use]
pub fn predict(_law: Law, _primitive: Primitive, alone: &[Alone], _k: usize, _cores: usize) -> f64 {
    alone.iter().map(|a| a.wait_ns + a.work_ns).sum()
}
