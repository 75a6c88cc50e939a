//! An adapter without any runtime, whose answers are those of an honest one until it goes wrong as it was told to.
//!
//! The fault campaign (`harness/tests/campaign`) starts it thousands of times, so it costs no more than a process: it
//! runs no branch, sleeps for the waits that it is asked for, and says what honest branches would have shown. What is wrong
//! with it stands in the variable `FAULTY`, as JSON, and is about the runtime whose name it was started under:
//!
//! | field | what it says |
//! | --- | --- |
//! | `of` | the name of the runtime, or `origin`, that goes wrong |
//! | `stage` | at which question: `hello`, `check`, `calibrate` or `measure`; the origin knows only `hello` |
//! | `kind` | how: a way of `conduct`, or of `replies` |
//! | `one_in` | one in so many questions of that stage, by the question and the seed |
//! | `seed` | what the fault does exactly |
//! | `calibrates` | the nonce of questions that calibrate |
//! | `notes` | a file to which a line is added for every whole answer to a question that measures |

mod conduct;
mod fault;
mod honest;
mod replies;

use std::{
    fs::OpenOptions,
    io::{self, Read as _, Write as _},
    process::ExitCode,
};

use fault::Fault;

fn main() -> ExitCode {
    die_with_parent();
    let Some(name) = honest::name() else {
        eprintln!("start this by a link called runtime-NAME or origin");
        return ExitCode::from(2);
    };
    if name == honest::ORIGIN {
        return origin();
    }
    if let Some(fault) = Fault::of(&name).filter(Fault::is_deaf) {
        return conduct::before(&fault);
    }
    let mut request = String::new();
    if io::stdin().read_line(&mut request).is_err() {
        return ExitCode::FAILURE;
    }
    let Some(asked) = honest::Asked::of(&request) else {
        return say(&[honest::failed("this is no request")]);
    };
    let stage = asked.stage(Fault::calibrates());
    let fault = Fault::of(&name).filter(|fault| fault.hits(stage, &request));
    if let Some(fault) = &fault
        && conduct::is_before(fault)
    {
        return conduct::before(fault);
    }
    let mut lines = honest::answer(&name, &asked);
    let notes = Fault::notes();
    let is_whole = fault.as_ref().is_none_or(|fault| !replies::spoils(fault));
    if let Some(fault) = &fault {
        replies::spoil(fault, &mut lines);
    }
    // The last line makes the answer whole, and is noted before it can be heard.
    if let Some(last) = lines.pop() {
        let code = say(&lines);
        if is_whole && stage == "measure" {
            note(notes.as_deref());
        }
        if say(&[last]) != ExitCode::SUCCESS || code != ExitCode::SUCCESS {
            return ExitCode::FAILURE;
        }
    }
    match fault {
        Some(fault) => conduct::after(&fault),
        None => ExitCode::SUCCESS,
    }
}

/// Says where it listens, which nobody does, and waits for the end of its input.
fn origin() -> ExitCode {
    let mut line = honest::addresses();
    if let Some(fault) = Fault::of(honest::ORIGIN) {
        if conduct::is_before(&fault) || fault.is_deaf() {
            return conduct::before(&fault);
        }
        let mut lines = vec![line];
        replies::spoil(&fault, &mut lines);
        line = lines.concat();
    }
    let code = say(&[line]);
    let _ = io::stdin().read_to_end(&mut Vec::new());
    code
}

/// Writes lines as they are; a harness that has heard enough closes the pipe.
fn say(lines: &[Vec<u8>]) -> ExitCode {
    let mut out = io::stdout().lock();
    let written = lines.iter().try_for_each(|line| out.write_all(line));
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn note(notes: Option<&str>) {
    let file = notes.map(|notes| OpenOptions::new().append(true).create(true).open(notes));
    if let Some(Ok(mut file)) = file {
        let _ = file.write_all(b"measured\n");
    }
}

#[cfg(target_os = "linux")]
fn die_with_parent() {
    use nix::sys::{prctl, signal::Signal};
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}
