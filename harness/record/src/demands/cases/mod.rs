//! The cases: a few lines each that a spawn which moves tasks must refuse, beside a twin that differs
//! in the one thing that matters and compiles.
//!
//! A case's text is Rust, in which `spawn!` stands for the spawn and `pause` for anything to await. It
//! has two functions, `refused` and `twin`, which the compiler judges apart.

/// One case.
#[derive(Debug)]
pub struct Case {
    /// Its name, in records and on the claim's page.
    pub id: &'static str,
    /// What is wrong with it.
    pub lacks: Lacks,
    /// Whether what is wrong is brought along by the spawner, so that a spawn of a closure must
    /// refuse it too: what a closure makes on the other thread never crosses to it.
    pub crosses: bool,
    /// The two functions.
    pub text: &'static str,
}

/// What a branch lacks, and so why it is to be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// It cannot go to another thread.
    Send,
    /// It borrows from a frame that it may outlive.
    Static,
}

impl Lacks {
    /// Whether what the compiler says is said because of this.
    #[must_use]
    pub fn explains(self, code: Option<&str>, message: &str) -> bool {
        match self {
            // That a future is not `Send` has no code; that another type is not has that of any
            // trait which is missing.
            Lacks::Send => {
                matches!(code, None | Some("E0277")) && message.contains("between threads safely")
            }
            // May outlive what it borrows; borrowed data escapes; does not live long enough. Where what is spawned is a closure that
            // may borrow, and its future may not, that a lifetime is too short has no code.
            Lacks::Static => {
                matches!(code, Some("E0373" | "E0521" | "E0597"))
                    || (code.is_none() && message == "lifetime may not live long enough")
            }
        }
    }
}

/// Every case, in the order of the page.
pub const CASES: &[Case] = &[
    Case {
        id: "rc-captured",
        lacks: Lacks::Send,
        crosses: true,
        text: include_str!("rc_captured.rs"),
    },
    Case {
        id: "cell-shared",
        lacks: Lacks::Send,
        crosses: true,
        text: include_str!("cell_shared.rs"),
    },
    Case {
        id: "output-not-send",
        lacks: Lacks::Send,
        crosses: true,
        text: include_str!("output_not_send.rs"),
    },
    Case {
        id: "rc-held",
        lacks: Lacks::Send,
        crosses: false,
        text: include_str!("rc_held.rs"),
    },
    Case {
        id: "guard-held",
        lacks: Lacks::Send,
        crosses: false,
        text: include_str!("guard_held.rs"),
    },
    Case {
        id: "borrow-held",
        lacks: Lacks::Send,
        crosses: false,
        text: include_str!("borrow_held.rs"),
    },
    Case {
        id: "local-borrowed",
        lacks: Lacks::Static,
        crosses: true,
        text: include_str!("local_borrowed.rs"),
    },
    Case {
        id: "local-not-moved",
        lacks: Lacks::Static,
        crosses: true,
        text: include_str!("local_not_moved.rs"),
    },
    Case {
        id: "local-changed",
        lacks: Lacks::Static,
        crosses: true,
        text: include_str!("local_changed.rs"),
    },
    Case {
        id: "argument-borrowed",
        lacks: Lacks::Static,
        crosses: true,
        text: include_str!("argument_borrowed.rs"),
    },
];

#[cfg(test)]
mod tests {
    use super::Lacks;

    #[test]
    fn a_refusal_is_explained_by_what_its_case_lacks_and_by_nothing_else() {
        let (sent, lived) = (
            "future cannot be sent between threads safely",
            "lifetime may not live long enough",
        );
        assert!(Lacks::Send.explains(None, sent));
        assert!(Lacks::Static.explains(None, lived));
        assert!(Lacks::Static.explains(Some("E0373"), "closure may outlive"));
        assert!(!Lacks::Send.explains(None, lived));
        assert!(!Lacks::Static.explains(None, sent));
        assert!(!Lacks::Static.explains(Some("E0277"), lived));
    }
}
