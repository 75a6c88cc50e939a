//! The trait allocates nothing that tokio's own calls do not.

#[path = "../benches/twins/mod.rs"]
mod twins;

fn main() {
    runtime_costs::same_allocations::<runtime_tokio::Tokio, twins::Twin>("current-thread", 0, &[]);
}
