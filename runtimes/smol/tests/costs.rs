//! The trait allocates nothing that smol's own calls do not.

#[path = "../benches/twins/mod.rs"]
mod twins;

fn main() {
    runtime_costs::same_allocations::<runtime_smol::Smol, twins::Twin>("default", 0, &[]);
}
