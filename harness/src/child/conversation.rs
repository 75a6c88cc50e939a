//! What the child has said so far, and whether it makes sense.

use harness_protocol::{Hello, Reply, Request, Sample};

use super::{Status, text::one_line};

/// An answer as it comes in.
pub(super) struct Conversation {
    /// Samples asked for; `None` when it was asked who it is.
    pub(super) asked: Option<usize>,
    pub(super) samples: Vec<Sample>,
    pub(super) hello: Option<Hello>,
    /// It said why it has no answer.
    pub(super) refusal: Option<(Status, String)>,
    ended: bool,
    lines: usize,
}

impl Conversation {
    pub(super) fn new(request: &Request) -> Self {
        Self {
            asked: match request {
                Request::Hello { .. } => None,
                Request::Measure(measure) => Some(measure.samples),
            },
            samples: Vec::new(),
            hello: None,
            refusal: None,
            ended: false,
            lines: 0,
        }
    }

    /// Whether it has said all that it was asked.
    pub(super) fn is_over(&self) -> bool {
        self.ended || self.hello.is_some() || self.refusal.is_some()
    }

    /// Takes one line.
    ///
    /// # Errors
    ///
    /// What is wrong with it, when it makes no sense here.
    pub(super) fn hear(&mut self, line: &[u8]) -> Result<(), String> {
        self.lines += 1;
        let wrong = |n: usize, why: &str| {
            let said = one_line(&String::from_utf8_lossy(line), 80);
            Err(format!("line {n}: {why}: {said}"))
        };
        let n = self.lines;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        if self.is_over() {
            return wrong(n, "it had ended its answer already");
        }
        let reply = match serde_json::from_slice(line) {
            Ok(reply) => reply,
            Err(error) => return wrong(n, &one_line(&error.to_string(), 120)),
        };
        match (reply, self.asked) {
            (Reply::Hello(hello), None) => self.hello = Some(hello),
            (Reply::Hello(_), Some(_)) => return wrong(n, "asked to measure, it said hello"),
            (Reply::Sample(_) | Reply::End { .. }, None) => {
                return wrong(n, "asked who it is, it measured");
            }
            (Reply::Sample(sample), Some(asked)) => {
                if self.samples.len() == asked {
                    return wrong(n, &format!("more samples than the {asked} asked for"));
                }
                self.samples.push(*sample);
            }
            (Reply::End { samples }, Some(asked)) => {
                let sent = self.samples.len();
                if samples != sent || sent != asked {
                    return wrong(n, &format!("{asked} samples were asked for, {sent} came"));
                }
                self.ended = true;
            }
            (Reply::Unsupported { why }, _) => self.refuse(Status::Unsupported, &why),
            (Reply::Unavailable { why }, _) => self.refuse(Status::Unavailable, &why),
            (Reply::Failed { why }, _) => self.refuse(Status::Failed, &why),
        }
        Ok(())
    }

    fn refuse(&mut self, status: Status, why: &str) {
        self.refusal = Some((status, one_line(why, 400)));
    }

    /// How far it came, in words.
    pub(super) fn progress(&self) -> String {
        match self.asked {
            None => "no hello".to_owned(),
            Some(asked) => format!("{} of {asked} samples, no end line", self.samples.len()),
        }
    }
}
