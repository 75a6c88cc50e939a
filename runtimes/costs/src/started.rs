//! A runtime that is started, and does jobs for a thread beside it: a runtime is started once a process, and criterion
//! asks many times.

use std::{env, fs, io, path::PathBuf, process, sync::mpsc, thread, time::Duration};

use async_channel::{Receiver, Sender, unbounded};
use runtime_api::{Config, Runtime};

use crate::{
    Job, Measured, Operation, Operations, Side, Through, echo::Echo, names::What, perform, wakes,
};

/// Bytes of the file that is read.
const FILE_BYTES: usize = 4096;

/// What is asked of the root.
struct Asked {
    job: Job,
    side: Side,
    in_a_task: bool,
    answer: mpsc::Sender<Measured>,
}

/// Whoever asks.
pub(crate) struct Client {
    asks: Sender<Asked>,
    echo: Option<Echo>,
    file: PathBuf,
}

impl Client {
    /// Does an operation so often, and says how long it took.
    pub(crate) fn time(&mut self, operation: Operation, side: Side, times: u64) -> Duration {
        self.ask(operation, side, times, false).took
    }

    /// What is allocated in so many times.
    pub(crate) fn count(&mut self, operation: Operation, side: Side, times: u64) -> (u64, u64) {
        let counted = self.ask(operation, side, times, true).allocated;
        (counted.allocations, counted.bytes)
    }

    fn ask(&mut self, operation: Operation, side: Side, times: u64, count: bool) -> Measured {
        if operation.what == What::RoundTrip && self.echo.is_none() {
            self.echo = Some(Echo::start().expect("this program can be started again"));
        }
        let (answer, answers) = mpsc::channel();
        let job = Job {
            what: operation.what,
            times,
            count,
            echo: self.echo.as_ref().map(|echo| echo.address),
            file: self.file.clone(),
        };
        let asked = Asked {
            job,
            side,
            in_a_task: !operation.from_block_on,
            answer,
        };
        self.asks.send_blocking(asked).expect("the root is there");
        let measured = answers.recv().expect("the root answers");
        let expected = perform::expected(operation.what, FILE_BYTES as u64);
        assert_eq!(
            measured.sum,
            times * expected,
            "{operation} gave something else, {times} times"
        );
        measured
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Starts the runtime on this thread, and the client on another; returns what the client returns.
pub(crate) fn with<R: Runtime, T: Operations, O: Send + 'static>(
    config: &Config,
    client: impl FnOnce(Client) -> O + Send + 'static,
) -> io::Result<O> {
    let file = env::temp_dir().join(format!("runtime-costs-{}", process::id()));
    fs::write(&file, [7; FILE_BYTES])?;
    let (asks, asked) = unbounded();
    let client = thread::spawn(move || {
        client(Client {
            asks,
            echo: None,
            file,
        })
    });
    R::start(config, move || root::<R, T>(asked))?;
    client.join().map_err(|_| io::Error::other("see above"))
}

async fn root<R: Runtime, T: Operations>(asked: Receiver<Asked>) {
    while let Ok(Asked {
        job,
        side,
        in_a_task,
        answer,
    }) = asked.recv().await
    {
        let alone = job.what.is_the_runtimes_alone();
        let measured = match (side, in_a_task) {
            (_, true) if alone => R::spawn(wakes::perform::<R>(job)).await,
            (_, false) if alone => wakes::perform::<R>(job).await,
            (Side::Trait, true) => Through::<R>::in_a_task(job).await,
            (Side::Trait, false) => perform::<Through<R>>(job).await,
            (Side::Twin, true) => T::in_a_task(job).await,
            (Side::Twin, false) => perform::<T>(job).await,
        };
        // It waits for nothing else.
        let _ = answer.send(measured);
    }
}
