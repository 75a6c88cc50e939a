//! Programs that are no runtimes, and are measured beside them to hold them against: what such a program says of itself, and how it
//! answers.

use std::io::{self, BufRead as _};

use crate::{
    Flavour, Hello, Measure, OnDrop, OnPanic, Reply, Request, Semantics, Sizes, Threads, VERSION,
    Workers,
};

/// One way of it. Nothing is polled there, so what is said of tasks is what is true of threads.
#[must_use]
pub fn flavour(
    name: &str,
    summary: &str,
    workers: Workers,
    threads: Threads,
    polls_at_once: bool,
) -> Flavour {
    Flavour {
        name: name.to_owned(),
        summary: summary.to_owned(),
        workers,
        semantics: Semantics {
            spawn: threads,
            dispatch: None,
            dispatched: None,
            blocking: threads,
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once,
            preemptive: true,
            threads_outlive_root: false,
        },
        unavailable: None,
        lacks: Vec::new(),
        sizes: Sizes::default(),
        unasked_workers: None,
        breaks: Vec::new(),
    }
}

/// Answers the one request that is read from standard input: `measure` sends its samples, and returns the closing reply.
///
/// # Errors
///
/// As standard input and output report them, and `measure`.
pub fn answer(
    name: &str,
    flavours: Vec<Flavour>,
    measure: impl FnOnce(&Measure) -> io::Result<Reply>,
) -> io::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    send(&match Request::parse(&line) {
        Ok(Request::Hello { .. }) => Reply::Hello(Hello {
            v: VERSION,
            runtime: name.to_owned(),
            version: None,
            unavailable: None,
            flavours,
            checks: Vec::new(),
            own: None,
        }),
        Ok(Request::Measure(request)) => measure(&request)?,
        Ok(Request::Check(_)) => Reply::Unsupported {
            why: "this is no runtime, and promises nothing".to_owned(),
        },
        Err(error) => Reply::Failed {
            why: format!("the request is not understood: {error}"),
        },
    })
}

/// Writes a reply to standard output.
///
/// # Errors
///
/// As standard output reports them.
pub fn send(reply: &Reply) -> io::Result<()> {
    reply.write(&mut io::stdout().lock())
}
