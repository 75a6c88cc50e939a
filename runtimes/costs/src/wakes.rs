//! What is the runtime's alone, whoever puts the branches together: a token on its way there and back, and a branch
//! that is placed on another executor.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::Poll,
    thread::{self, Thread},
};

use atomic_waker::AtomicWaker;
use runtime_api::Runtime;

use crate::{
    names::What,
    perform::{Job, Measured, measured},
};

/// Does a job that has one side.
pub(crate) async fn perform<R: Runtime>(job: Job) -> Measured {
    let times = job.times;
    let tokens = Arc::new([Token::default(), Token::default()]);
    let ours = Arc::clone(&tokens);
    // There and back, so often.
    let there = async move {
        for _ in 0..times {
            ours[0].give();
            ours[1].taken().await;
        }
        times
    };
    let theirs = Arc::clone(&tokens);
    let back = async move {
        for _ in 0..times {
            theirs[0].taken().await;
            theirs[1].give();
        }
    };
    match job.what {
        What::WakeBranch => {
            let joined = R::compose2(there, back);
            measured(job.count, async { joined.await.0 }).await
        }
        What::WakeTask => {
            let task = R::spawn(back);
            let measured = measured(job.count, there).await;
            task.await;
            measured
        }
        What::WakeThread => {
            let partner = Partner::start(times);
            let ball = Arc::clone(&partner.ball);
            let all = async {
                for _ in 0..times {
                    partner.serve();
                    ball.taken().await;
                }
                times
            };
            measured(job.count, all).await
        }
        _ => {
            let all = async {
                let mut sum = 0;
                for _ in 0..times {
                    sum += R::dispatch(|| async { 1 }).await;
                }
                sum
            };
            measured(job.count, all).await
        }
    }
}

/// A thread that gives a token back whenever it is served one, and parks meanwhile.
struct Partner {
    thread: Thread,
    served: Arc<AtomicBool>,
    ball: Arc<Token>,
}

impl Partner {
    fn start(times: u64) -> Self {
        let served = Arc::new(AtomicBool::new(false));
        let ball = Arc::new(Token::default());
        let (waits, gives) = (Arc::clone(&served), Arc::clone(&ball));
        let thread = thread::spawn(move || {
            for _ in 0..times {
                while !waits.swap(false, SeqCst) {
                    thread::park();
                }
                gives.give();
            }
        });
        Self {
            thread: thread.thread().clone(),
            served,
            ball,
        }
    }

    fn serve(&self) {
        self.served.store(true, SeqCst);
        self.thread.unpark();
    }
}

/// Something that one hands over and another waits for.
#[derive(Default)]
struct Token {
    there: AtomicBool,
    waker: AtomicWaker,
}

impl Token {
    fn give(&self) {
        self.there.store(true, SeqCst);
        self.waker.wake();
    }

    async fn taken(&self) {
        poll_fn(|context| {
            if self.there.swap(false, SeqCst) {
                return Poll::Ready(());
            }
            self.waker.register(context.waker());
            // It may have come before whoever brings it knew whom to wake.
            if self.there.swap(false, SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
