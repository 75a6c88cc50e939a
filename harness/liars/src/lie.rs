//! Which lies there are, and which one this process tells.

use std::{env, path::Path, sync::OnceLock};

/// Set for a process that tells another lie than its name says.
pub(crate) const INSTEAD: &str = "HARNESS_LIE";

/// What is wrong; all else is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Nothing is: the same program, to show that it is the lie which is found out.
    Honest,
    /// `spawn` hands the branch to whoever awaits it.
    Lazy,
    /// `spawn` runs the branch to its end before it returns, and calls that an eager first poll.
    Inline,
    /// The pool has one worker, whatever was asked for and declared.
    Alone,
    /// The join polls its branches on threads.
    Scoped,
    /// Work begins before the clock does.
    Early,
    /// A spawned branch's answer is off by one bit.
    Mistaken,
    /// A spawned branch answers what an earlier one did.
    Memo,
    /// After the first sample a branch sleeps for as long as its work would have taken.
    Skips,
    /// A dropped handle cancels its task, which was said to run on.
    Cancels,
    /// Each sample has a pool of its own, and the old ones stay.
    Drifts,
    /// Timers fire when half of the time has passed.
    Hasty,
    /// All sleeps of the workload end at one instant, which is fixed before the first is awaited.
    SameDeadline,
    /// As [`Skips`](Lie::Skips), and says that it used the CPU time.
    Forges,
    /// Says that it took less time than its CPU time takes on all CPUs.
    Shrinks,
    /// Honest while its promises are tried; when it is measured, `spawn` runs the branch to its end before it returns.
    TwoFaced,
    /// Likewise, and the pool has one worker.
    Lonely,
}

const ALL: [(&str, Lie); 17] = [
    ("honest", Lie::Honest),
    ("lazy", Lie::Lazy),
    ("inline", Lie::Inline),
    ("alone", Lie::Alone),
    ("scoped", Lie::Scoped),
    ("early", Lie::Early),
    ("mistaken", Lie::Mistaken),
    ("memo", Lie::Memo),
    ("skips", Lie::Skips),
    ("cancels", Lie::Cancels),
    ("drifts", Lie::Drifts),
    ("hasty", Lie::Hasty),
    ("same-deadline", Lie::SameDeadline),
    ("forges", Lie::Forges),
    ("shrinks", Lie::Shrinks),
    ("two-faced", Lie::TwoFaced),
    ("lonely", Lie::Lonely),
];

impl Lie {
    /// The lie that this process tells; `None` if it was started under no name of one.
    pub(crate) fn told() -> Option<Self> {
        static TOLD: OnceLock<Option<Lie>> = OnceLock::new();
        *TOLD.get_or_init(|| {
            let name = env::var(INSTEAD)
                .ok()
                .or_else(|| name().map(str::to_owned))?;
            ALL.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, lie)| *lie)
        })
    }

    /// Whether this process tells this lie.
    pub(crate) fn is_told(self) -> bool {
        Self::told() == Some(self)
    }
}

/// The name that the harness knows this adapter by: that of the link, without `runtime-`.
pub(crate) fn name() -> Option<&'static str> {
    static NAME: OnceLock<Option<String>> = OnceLock::new();
    let name = NAME.get_or_init(|| {
        let program = env::args_os().next()?;
        let file = Path::new(&program).file_stem()?.to_str()?;
        file.strip_prefix("runtime-").map(str::to_owned)
    });
    name.as_deref()
}

/// All names, for people.
pub(crate) fn names() -> String {
    ALL.map(|(name, _)| name).join(", ")
}
