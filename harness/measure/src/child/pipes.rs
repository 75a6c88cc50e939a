//! Reading a child's pipes, each on a thread that nobody has to wait for.

use std::{
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError, mpsc::Sender},
    thread,
};

use harness_record::text::without_controls;

/// Lines of standard error to keep.
const TAIL_LINES: usize = 10;
/// Bytes of standard error to keep.
const TAIL_BYTES: usize = 4096;

/// Which of the two pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

/// What a reader reports.
#[derive(Debug)]
pub(crate) enum Event {
    /// A line of standard output, without its end.
    Line(Vec<u8>),
    /// More than the limit came; the reader stopped.
    Flood(Stream),
    /// The pipe ended.
    Closed(Stream),
}

/// The end of what was written to standard error. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    kept: Arc<Mutex<Vec<u8>>>,
}

impl Tail {
    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        if kept.len() > 16 * TAIL_BYTES {
            let surplus = kept.len() - TAIL_BYTES;
            kept.drain(..surplus);
        }
    }

    /// The last lines, fit to print.
    pub(crate) fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let from = kept.len().saturating_sub(TAIL_BYTES);
        let text = without_controls(&String::from_utf8_lossy(&kept[from..]));
        let lines: Vec<&str> = text.trim_end().lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

/// Reads standard output on a thread of its own, line by line.
pub(crate) fn read_lines(
    mut pipe: impl Read + Send + 'static,
    events: Sender<Event>,
    limit: usize,
) -> io::Result<()> {
    on_a_thread("stdout", move || {
        let mut line = Vec::new();
        let flooded = read_all(&mut pipe, limit, |chunk| {
            let mut parts = chunk.split(|byte| *byte == b'\n');
            line.extend_from_slice(parts.next().unwrap_or_default());
            for part in parts {
                // Nobody listens any more: the round is over.
                let _ = events.send(Event::Line(std::mem::replace(&mut line, part.to_vec())));
            }
        });
        // An end line without a line end is an end line still. Half a line is told from how the
        // process ended.
        let whole = serde_json::from_slice::<serde_json::Value>(&line).is_ok();
        if whole && !flooded {
            let _ = events.send(Event::Line(line));
        }
        // Closed here, not later: a child that is still writing must not wait for a reader.
        drop(pipe);
        let _ = events.send(last_event(Stream::Output, flooded));
    })
}

/// Reads standard error on a thread of its own, keeping its end.
pub(crate) fn read_tail(
    pipe: impl Read + Send + 'static,
    events: Sender<Event>,
    limit: usize,
    tail: Tail,
) -> io::Result<()> {
    read_chunks(pipe, events, limit, move |chunk| tail.push(chunk))
}

/// Reads standard error on a thread of its own, handing on what comes as it comes.
pub(crate) fn read_chunks(
    mut pipe: impl Read + Send + 'static,
    events: Sender<Event>,
    limit: usize,
    take: impl FnMut(&[u8]) + Send + 'static,
) -> io::Result<()> {
    on_a_thread("stderr", move || {
        let flooded = read_all(&mut pipe, limit, take);
        drop(pipe);
        let _ = events.send(last_event(Stream::Errors, flooded));
    })
}

fn last_event(stream: Stream, flooded: bool) -> Event {
    if flooded {
        Event::Flood(stream)
    } else {
        Event::Closed(stream)
    }
}

/// Reads to the end, or to the limit: then it returns true.
fn read_all(pipe: &mut impl Read, limit: usize, mut chunk: impl FnMut(&[u8])) -> bool {
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0;
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => return false,
            Ok(n) => {
                total += n;
                chunk(&buffer[..n]);
                if total > limit {
                    return true;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

/// A thread that is never joined: it ends with its pipe, or with us.
fn on_a_thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .name(format!("child {name}"))
        .spawn(work)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn lines(text: &'static [u8], limit: usize) -> Vec<String> {
        let (events, inbox) = mpsc::channel();
        read_lines(text, events, limit).unwrap();
        inbox
            .iter()
            .map(|event| match event {
                Event::Line(line) => String::from_utf8(line).unwrap(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn lines_come_whole_and_half_a_last_one_does_not_come() {
        assert_eq!(lines(b"a\n\nb\nc", 99), ["a", "", "b", "Closed(Output)"]);
        assert_eq!(lines(b"1\n{}", 99), ["1", "{}", "Closed(Output)"]);
        assert_eq!(lines(b"aaaaaaaa", 3), ["Flood(Output)"]);
    }

    #[test]
    fn the_tail_is_ten_lines_and_four_kibibytes() {
        let tail = Tail::default();
        for i in 0..100_000 {
            tail.push(format!("line {i}\n").as_bytes());
        }
        let text = tail.text();
        assert_eq!(text.lines().count(), 10);
        assert!(text.starts_with("line 99990\n") && text.ends_with("line 99999"));
        tail.push("é".repeat(10_000).as_bytes());
        assert!(tail.text().len() <= TAIL_BYTES + 4);
    }
}
