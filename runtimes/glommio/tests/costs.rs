//! The trait allocates nothing that glommio's own calls do not; but each handle knows its thread, in 8 bytes.

#[cfg(target_os = "linux")]
#[path = "../benches/twins/mod.rs"]
mod twins;

#[cfg(target_os = "linux")]
fn main() {
    // Blocking code gives its output or its panic, which is a word more than the output: the adapter carries it to whoever awaits
    // it, where by hand nobody would hear of it.
    runtime_costs::same_allocations::<runtime_glommio::Glommio, twins::Twin>(
        "local",
        8,
        &[("spawn_blocking", 8)],
    );
}

#[cfg(not(target_os = "linux"))]
fn main() {}
