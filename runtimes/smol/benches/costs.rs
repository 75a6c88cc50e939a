//! What smol's primitives cost, through the trait and by hand.

mod twins;

fn main() -> std::process::ExitCode {
    runtime_costs::run::<runtime_smol::Smol, twins::Twin>(true)
}
