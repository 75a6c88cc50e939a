//! What tokio's local primitives cost, through the trait and by hand.

mod twins;

fn main() -> std::process::ExitCode {
    runtime_costs::run::<runtime_tokio_local::TokioLocal, twins::Twin>(true)
}
