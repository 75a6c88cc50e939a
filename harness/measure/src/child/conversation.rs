//! What the child has said so far, and whether it makes sense.

use harness_protocol::{Checked, Hello, Reply, Request, Sample};

use harness_record::text::{fit, one_line};

use super::Status;

/// A longer reason is cut.
const LONGEST: usize = 400;

/// A reason, as one line that is not empty.
fn said(why: &str) -> String {
    match one_line(why, LONGEST) {
        why if why.is_empty() => "it did not say why".to_owned(),
        why => why,
    }
}

/// A hello whose sentences are a line each: they stand in tables.
fn plain(mut hello: Hello) -> Hello {
    hello.unavailable = hello.unavailable.as_deref().map(said);
    for flavour in &mut hello.flavours {
        flavour.summary = one_line(&flavour.summary, LONGEST);
        flavour.unavailable = flavour.unavailable.as_deref().map(said);
    }
    for check in &mut hello.checks {
        check.promise = one_line(&check.promise, LONGEST);
    }
    hello
}

/// What it was asked.
#[derive(Clone, Copy)]
enum Asked {
    Who,
    Check,
    Samples(usize),
}

/// An answer as it comes in.
pub(super) struct Conversation {
    asked: Asked,
    pub(super) samples: Vec<Sample>,
    pub(super) hello: Option<Hello>,
    pub(super) checked: Option<Checked>,
    /// It said why it has no answer.
    pub(super) refusal: Option<(Status, String)>,
    ended: bool,
    lines: usize,
}

impl Conversation {
    pub(super) fn new(request: &Request) -> Self {
        Self {
            asked: match request {
                Request::Hello { .. } => Asked::Who,
                Request::Check(_) => Asked::Check,
                Request::Measure(measure) => Asked::Samples(measure.samples),
            },
            samples: Vec::new(),
            hello: None,
            checked: None,
            refusal: None,
            ended: false,
            lines: 0,
        }
    }

    /// Whether it has said all that it was asked.
    pub(super) fn is_over(&self) -> bool {
        self.ended || self.hello.is_some() || self.checked.is_some() || self.refusal.is_some()
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
        let reply = match serde_json::from_slice(&fit(line)) {
            Ok(reply) => reply,
            Err(error) => return wrong(n, &one_line(&error.to_string(), 120)),
        };
        match (reply, self.asked) {
            (Reply::Hello(hello), Asked::Who) => self.hello = Some(plain(hello)),
            (Reply::Checked(checked), Asked::Check) => self.checked = Some(checked),
            (Reply::Hello(_), _) => {
                return wrong(n, &format!("{}, it said hello", self.question()));
            }
            (Reply::Checked(_), _) => {
                return wrong(n, &format!("{}, it told of a check", self.question()));
            }
            (Reply::Sample(sample), Asked::Samples(asked)) => {
                if self.samples.len() == asked {
                    return wrong(n, &format!("more samples than the {asked} asked for"));
                }
                let mut sample = *sample;
                sample.wrong = sample.wrong.as_deref().map(said);
                self.samples.push(sample);
            }
            (Reply::End { samples }, Asked::Samples(asked)) => {
                let sent = self.samples.len();
                if samples != sent || sent != asked {
                    return wrong(n, &format!("{asked} samples were asked for, {sent} came"));
                }
                self.ended = true;
            }
            (Reply::Sample(_) | Reply::End { .. }, _) => {
                return wrong(n, &format!("{}, it measured", self.question()));
            }
            (Reply::Unsupported { why }, _) => self.refuse(Status::Unsupported, &why),
            (Reply::Unavailable { why }, _) => self.refuse(Status::Unavailable, &why),
            (Reply::Failed { why }, _) => self.refuse(Status::Failed, &why),
        }
        Ok(())
    }

    fn refuse(&mut self, status: Status, why: &str) {
        self.refusal = Some((status, said(why)));
    }

    fn question(&self) -> &'static str {
        match self.asked {
            Asked::Who => "asked who it is",
            Asked::Check => "asked to show that it keeps a promise",
            Asked::Samples(_) => "asked to measure",
        }
    }

    /// How far it came, in words.
    pub(super) fn progress(&self) -> String {
        match self.asked {
            Asked::Who => "no hello".to_owned(),
            Asked::Check => "no word on the check".to_owned(),
            Asked::Samples(asked) => {
                format!("{} of {asked} samples, no end line", self.samples.len())
            }
        }
    }
}
