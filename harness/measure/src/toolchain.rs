//! The compiler and cargo that are here.

use std::{env, ffi::OsString, io, process::Command, sync::OnceLock, time::Duration};

use crate::{
    child::{Interrupt, answer},
    progress::tell,
};

/// A compiler that has not said its version, or git what is checked out, after so long never will.
pub(crate) const AT_MOST: Duration = Duration::from_secs(30);

/// Cargo: the one that runs us, if one does.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The compiler.
pub(crate) fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// What a tool says of itself or of what is here; `None` where there is no such tool, or it does not know. That it did
/// not answer in time is said, and then it counts as not there: what is measured does not depend on it.
pub(crate) fn asked(command: Command, at_most: Duration) -> Option<String> {
    let called = format!("{command:?}").replace('"', "");
    // What is recorded does not depend on when somebody typed Ctrl-C, and it takes milliseconds.
    match answer(command, Vec::new(), Some(at_most), &Interrupt::new()) {
        Ok(said) if said.status.success() => String::from_utf8(said.stdout).ok(),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            tell(&format!(
                "warning: `{called}` did not answer within {} s, and was ended: the record will not say what it knows",
                at_most.as_secs()
            ));
            None
        }
        _ => None,
    }
}

/// Once: it is the same compiler for as long as we run.
fn rustc_says() -> Option<&'static str> {
    static SAYS: OnceLock<Option<String>> = OnceLock::new();
    let says = SAYS.get_or_init(|| {
        let mut command = Command::new(rustc());
        command.arg("-vV");
        asked(command, AT_MOST)
    });
    says.as_deref()
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
    rustc_says()?
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_that_hangs_is_none() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 600 & wait"]);
        assert_eq!(asked(command, Duration::from_millis(20)), None);
    }
}
