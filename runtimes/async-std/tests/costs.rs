//! The trait allocates nothing that async-std's own calls do not.

#[path = "../benches/twins/mod.rs"]
mod twins;

fn main() {
    runtime_costs::same_allocations::<runtime_async_std::AsyncStd, twins::Twin>("default", 0, &[]);
}
