//! Runtimes whose flavours differ in their calls.

use crate::{About, Runtime};

/// A runtime with all its flavours: one type for all of them, or several, where flavours differ in the calls that a user
/// writes (`spawn` in the one, `spawn_local` in the other).
///
/// Which type it is is chosen by the flavour's name, once a process, before anything is started. So no call of the trait
/// has to ask, and an adapter adds nothing to what its user would write. Each type is compiled with all that is
/// measured: take a second only where calls differ, and let one type have the flavours that differ in how they
/// are started.
///
/// A [`Runtime`] is one; so is a pair of them, `(Shared, Local)`, and a pair in a pair.
pub trait Flavours: 'static {
    /// The runtime's name and the flavours of all types, the first type's first.
    fn about() -> About;

    /// Shows the type that has the flavour of this name; `None` where there is none.
    fn with<V: Visit>(flavour: &str, visit: V) -> Option<V::Output>;
}

/// What is done with the type that has the chosen flavour.
pub trait Visit {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<R: Runtime>(self) -> Self::Output;
}

impl<R: Runtime> Flavours for R {
    fn about() -> About {
        R::about()
    }

    fn with<V: Visit>(flavour: &str, visit: V) -> Option<V::Output> {
        let mut known = R::about().flavours.into_iter();
        known
            .any(|known| known.name == flavour)
            .then(|| visit.visit::<R>())
    }
}

impl<A: Flavours, B: Flavours> Flavours for (A, B) {
    /// # Panics
    ///
    /// If they are not of one name.
    fn about() -> About {
        let (mut first, second) = (A::about(), B::about());
        assert_eq!(first.name, second.name, "flavours of one runtime");
        first.flavours.extend(second.flavours);
        first
    }

    fn with<V: Visit>(flavour: &str, visit: V) -> Option<V::Output> {
        let mut of_first = A::about().flavours.into_iter();
        if of_first.any(|known| known.name == flavour) {
            A::with(flavour, visit)
        } else {
            B::with(flavour, visit)
        }
    }
}
