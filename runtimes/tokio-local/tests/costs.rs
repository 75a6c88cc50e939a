//! The trait allocates nothing that tokio's own calls do not.

#[path = "../benches/twins/mod.rs"]
mod twins;

fn main() {
    runtime_costs::same_allocations::<runtime_tokio_local::TokioLocal, twins::Twin>(
        "local-runtime",
        0,
        &[],
    );
}
