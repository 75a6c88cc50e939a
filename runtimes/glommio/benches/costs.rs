//! What glommio's primitives cost, through the trait and by hand.

#[cfg(target_os = "linux")]
mod twins;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    runtime_costs::run::<runtime_glommio::Glommio, twins::Twin>(true)
}

#[cfg(not(target_os = "linux"))]
fn main() {}
