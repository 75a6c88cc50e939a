//! The compiler and cargo that are here.

use std::{env, ffi::OsString, process::Command};

/// Cargo: the one that runs us, if one does.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn rustc_says() -> Option<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().ok()?;
    output.status.success().then_some(())?;
    String::from_utf8(output.stdout).ok()
}

/// What the compiler says of itself, its version first; nothing where there is no compiler.
pub(crate) fn toolchain() -> Vec<String> {
    let text = rustc_says().unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// What the compiler builds for.
pub(crate) fn host_triple() -> Option<String> {
    if let Ok(target) = env::var("CARGO_BUILD_TARGET") {
        return Some(target);
    }
    let text = rustc_says()?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
}
