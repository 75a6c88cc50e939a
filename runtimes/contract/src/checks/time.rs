//! Timers.

use std::time::{Duration, Instant};

use runtime_api::{Config, Runtime};

use crate::{
    Outcome, Seen,
    support::{ensure, spawn, start},
};

/// On the root and in a task.
pub(crate) fn sleep_lasts_as_long_as_asked<R: Runtime>(config: &Config, _seen: &Seen) -> Outcome {
    async fn late<R: Runtime>() -> Outcome {
        for millis in [0, 1, 3, 20] {
            let asked = Duration::from_millis(millis);
            let before = Instant::now();
            R::sleep(asked).await;
            let took = before.elapsed();
            ensure!(took >= asked, "a timer of {asked:?} fired after {took:?}");
        }
        Ok(())
    }
    start::<R, _, _, _>(config, || async {
        late::<R>().await?;
        spawn::<R, _>(late::<R>()).await
    })
}
