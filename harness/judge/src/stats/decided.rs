//! What came of a comparison.

/// What is known of a comparison, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decided {
    /// The ratio lies on the claimed side.
    Yes,
    /// It lies on the other side.
    No,
    /// Neither is shown.
    #[default]
    Open,
}

impl Decided {
    /// Whether all hold: `No` as soon as one does not, `Yes` when each does. None at all is `Yes`.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Decided::Yes;
        for part in parts {
            match part {
                Decided::No => return Decided::No,
                Decided::Open => all = Decided::Open,
                Decided::Yes => {}
            }
        }
        all
    }
}
