//! Being told to stop.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use super::process::end_everything;

/// The one that signals raise.
static INSTALLED: OnceLock<Interrupt> = OnceLock::new();

/// Whether we were told to stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// One that nothing but [`Interrupt::raise`] raises.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that Ctrl-C (on Unix also SIGTERM and SIGHUP) raises. Once: the round that runs is
    /// killed, and whoever looks can finish with what there is. Twice: every child is killed and
    /// this process exits with code 130, at once. A signal that was ignored when we were started, as
    /// `nohup` does with SIGHUP, stays ignored.
    ///
    /// # Errors
    ///
    /// When it was called before, or the system refuses.
    pub fn install() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::new();
        let raised = interrupt.clone();
        #[cfg(unix)]
        let ignored = super::signals::ignored();
        ctrlc::set_handler(move || {
            if raised.raise() {
                end_everything(130);
            }
        })?;
        #[cfg(unix)]
        ignored.stay();
        // The handler is there once, and so is this.
        Ok(INSTALLED.get_or_init(|| interrupt).clone())
    }

    /// The one that signals raise; where none is installed, one that nothing raises.
    #[must_use]
    pub fn installed() -> Self {
        INSTALLED.get().cloned().unwrap_or_default()
    }

    /// Raises it; true if it was raised already.
    pub fn raise(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
