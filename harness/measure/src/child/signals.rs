//! Which signals were ignored when we were started, and what a full file says.

#[cfg(unix)]
pub(super) use unix::ignored;
#[cfg(unix)]
pub use unix::survive_full_files;

#[cfg(unix)]
mod unix {
    use std::ffi::c_int;

    use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, Signal};

    /// Those that tell us to stop.
    const STOPPING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

    /// Signals that whoever started us had ignored: `nohup` does so with SIGHUP, and a shell without job control with
    /// SIGINT for what it runs in the background.
    pub(in crate::child) struct Ignored(Vec<Signal>);

    /// Looks which were. Before any handler of ours is installed.
    pub(in crate::child) fn ignored() -> Ignored {
        let is_ignored = |signal: &Signal| match ignore(*signal) {
            Ok(SigHandler::SigIgn) => true,
            Ok(before) => {
                // SAFETY: it puts back what stood there a moment ago.
                #[allow(unsafe_code)]
                let _ = unsafe { signal::signal(*signal, before) };
                false
            }
            Err(_) => false,
        };
        Ignored(STOPPING.into_iter().filter(is_ignored).collect())
    }

    impl Ignored {
        /// Lets them be ignored again.
        pub(in crate::child) fn stay(&self) {
            for signal in &self.0 {
                // It was possible before.
                let _ = ignore(*signal);
            }
        }
    }

    /// Ignores a signal, and says what was done about it before.
    fn ignore(signal: Signal) -> nix::Result<SigHandler> {
        // SAFETY: no handler is installed, so no code runs in the middle of other code.
        #[allow(unsafe_code)]
        unsafe {
            signal::signal(signal, SigHandler::SigIgn)
        }
    }

    extern "C" fn go_on(_: c_int) {}

    /// From now on a file that may not grow any further (`ulimit -f`) is an error of whoever writes to it, and not the
    /// end of this process. By a handler: what is ignored would be ignored in everything that we start as well.
    pub fn survive_full_files() {
        let action = SigAction::new(
            SigHandler::Handler(go_on),
            SaFlags::SA_RESTART,
            SigSet::empty(),
        );
        // SAFETY: the handler does nothing, which is safe in the middle of whatever it interrupts.
        #[allow(unsafe_code)]
        let _ = unsafe { signal::sigaction(Signal::SIGXFSZ, &action) };
    }
}

/// There is no such limit here.
#[cfg(not(unix))]
pub fn survive_full_files() {}
