//! What a request asks for.

use std::time::Duration;

use workload_api::mix;

/// Who asks, and when the answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How long the origin waits before it answers.
    pub delay: Duration,
    /// The sample's nonce.
    pub nonce: u64,
    /// The branch that asks.
    pub branch: u64,
}

impl Ask {
    /// The origin refuses a longer delay: a slip in a unit should be seen, not waited for.
    pub const LONGEST: Duration = Duration::from_secs(10);

    /// The target of an HTTP request: `path`, and the rest as its query.
    #[must_use]
    pub fn target(&self, path: &str) -> String {
        format!(
            "{path}?delay_ns={}&nonce={}&branch={}",
            self.delay.as_nanos(),
            self.nonce,
            self.branch
        )
    }

    /// Reads the query of a target.
    ///
    /// # Errors
    ///
    /// One line that says what is missing, unknown, not a number, or too long.
    pub fn from_query(query: &str) -> Result<Self, String> {
        let (mut delay, mut nonce, mut branch) = (None, None, None);
        for pair in query.split('&') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("not a key and a value: {pair:?}"))?;
            let field = match key {
                "delay_ns" => &mut delay,
                "nonce" => &mut nonce,
                "branch" => &mut branch,
                _ => return Err(format!("unknown key: {key:?}")),
            };
            let number: u64 = value
                .parse()
                .map_err(|_| format!("{key} is not a number: {value:?}"))?;
            *field = Some(number);
        }
        let missing = |key| move || format!("{key} is missing");
        let ask = Self {
            delay: Duration::from_nanos(delay.ok_or_else(missing("delay_ns"))?),
            nonce: nonce.ok_or_else(missing("nonce"))?,
            branch: branch.ok_or_else(missing("branch"))?,
        };
        if ask.delay > Self::LONGEST {
            return Err(format!("delay_ns is more than {:?}", Self::LONGEST));
        }
        Ok(ask)
    }

    /// The answer of `GET /answer`.
    #[must_use]
    pub const fn answer(&self) -> u64 {
        mix(self.nonce, self.branch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Ask = Ask {
        delay: Duration::from_micros(5),
        nonce: 7,
        branch: 2,
    };

    #[test]
    fn a_target_reads_back_as_what_it_was_made_of() {
        let target = ASK.target("/answer");
        assert_eq!(target, "/answer?delay_ns=5000&nonce=7&branch=2");
        assert_eq!(Ask::from_query(&target["/answer?".len()..]), Ok(ASK));
    }

    #[test]
    fn a_query_that_is_not_one_is_refused_with_its_reason() {
        for (query, reason) in [
            ("", "not a key and a value: \"\""),
            ("nonce=7&branch=2", "delay_ns is missing"),
            ("delay_ns=5&nonce=7", "branch is missing"),
            ("delay_ns=-5&nonce=7&branch=2", "delay_ns is not a number"),
            ("delay_ns=5&nonce=7&branch=2&x=1", "unknown key: \"x\""),
            (
                "delay_ns=10000000001&nonce=7&branch=2",
                "delay_ns is more than 10s",
            ),
        ] {
            let error = Ask::from_query(query).unwrap_err();
            assert!(error.starts_with(reason), "{query}: {error}");
        }
    }
}
