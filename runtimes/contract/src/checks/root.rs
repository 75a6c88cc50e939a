//! Where the root runs.

use runtime_api::{Config, Runtime};

use crate::{
    Outcome, Seen,
    support::{ensure, here, start, yields},
};

pub(crate) fn root_is_polled_by_the_calling_thread<R: Runtime>(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    let polled_by = start::<R, _, _, _>(config, || async {
        yields::<R>(10).await;
        Ok(here())
    })?;
    ensure!(
        polled_by == here(),
        "the root was polled on another thread than the one that called start"
    );
    Ok(())
}
