//! Timers.

use std::time::{Duration, Instant};

use runtime_api::Config;

use crate::{
    Outcome, Seen,
    subject::{sleep, spawn, start},
    support::ensure,
};

/// On the root and in a task.
pub(crate) fn sleep_lasts_as_long_as_asked(config: &Config, _seen: &Seen) -> Outcome {
    async fn late() -> Outcome {
        for millis in [0, 1, 3, 20] {
            let asked = Duration::from_millis(millis);
            let before = Instant::now();
            sleep(asked).await;
            let took = before.elapsed();
            ensure!(took >= asked, "a timer of {asked:?} fired after {took:?}");
        }
        Ok(())
    }
    start(config, || async {
        late().await?;
        spawn(late()).await
    })
}
