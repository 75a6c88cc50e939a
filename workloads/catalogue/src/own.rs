//! Workloads that no line of the catalogue is about: a file of somebody's own, run by `harness try`.
//!
//! What is known of one stands in its name, such as `try/handler+wait=5ms+offloads`. Whoever reads its record later has
//! the name and not the file, and plans and judges the same.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::{Branches, Kind, Kinds, Law, Scenario};

/// What the names of people's own workloads begin with.
pub const OWN: &str = "try/";

/// What is known of a workload of somebody's own. It is written as the name of its scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// What it is called: letters, digits, `-` and `_`.
    pub name: String,
    /// d to ask for, in milliseconds, of each branch; 0 if none was asked for.
    pub wait_ms: f64,
    /// c to aim at, in milliseconds, of each branch; 0 if no steps were asked for.
    pub work_ms: f64,
    /// Whether a branch is blocking code with no await in it, which `spawn_blocking` can take.
    pub offloads: bool,
    /// Whether its branches wait for each other, so that none comes to its end alone.
    pub together: bool,
}

impl Own {
    /// What the scenario of this name says, if it is somebody's own.
    #[must_use]
    pub fn of(scenario: &str) -> Option<Self> {
        let mut parts = scenario.strip_prefix(OWN)?.split('+');
        let mut own = Self {
            name: parts.next()?.to_owned(),
            wait_ms: 0.0,
            work_ms: 0.0,
            offloads: false,
            together: false,
        };
        for part in parts {
            match part.split_once('=') {
                Some(("wait", time)) => own.wait_ms = milliseconds(time)?,
                Some(("work", time)) => own.work_ms = milliseconds(time)?,
                None if part == "offloads" => own.offloads = true,
                None if part == "together" => own.together = true,
                _ => return None,
            }
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let is_name = !own.name.is_empty() && own.name.chars().all(plain);
        // One name for each, or two cells that are alike would not be known for it.
        (is_name && own.to_string() == scenario).then_some(own)
    }

    /// Nobody knows which of its branches are alike, nor whether they spawn; so each is measured alone, and all CPU
    /// time counts as its work.
    fn facts(&self, scenario: &str) -> Scenario {
        let summary = format!("a workload of one's own, {}", self.name);
        let law = if self.offloads {
            Law::BlockingWaits
        } else {
            Law::WaitsAndWork
        };
        Scenario {
            name: leaked(scenario.to_owned()),
            kinds: Kinds::Each,
            law: Some(law),
            in_pieces: true,
            offloads: self.offloads,
            together: self.together,
            spawns: true,
            ..Scenario::new(Kind::Mixed, leaked(summary), Branches::Of(2))
                .waits(self.wait_ms)
                .computes(self.work_ms)
        }
    }
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OWN}{}", self.name)?;
        if self.wait_ms > 0.0 {
            write!(f, "+wait={}ms", self.wait_ms)?;
        }
        if self.work_ms > 0.0 {
            write!(f, "+work={}ms", self.work_ms)?;
        }
        if self.offloads {
            write!(f, "+offloads")?;
        }
        if self.together {
            write!(f, "+together")?;
        }
        Ok(())
    }
}

/// The name of a scenario without what it says besides: `try/handler` of `try/handler+wait=5ms`.
#[must_use]
pub fn short(scenario: &str) -> &str {
    let end = scenario.find('+').filter(|_| scenario.starts_with(OWN));
    &scenario[..end.unwrap_or(scenario.len())]
}

fn milliseconds(text: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix("ms")?.parse().ok()?;
    (number.is_finite() && number > 0.0).then_some(number)
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// The facts of somebody's own workload, by the name of its scenario.
///
/// Each name's are made once and kept, since facts are borrowed for ever: as many as a command reads records.
#[must_use]
pub fn own(name: &str) -> Option<&'static Scenario> {
    static KNOWN: Mutex<BTreeMap<String, &'static Scenario>> = Mutex::new(BTreeMap::new());
    let own = Own::of(name)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let facts = known
        .entry(name.to_owned())
        .or_insert_with(|| Box::leak(Box::new(own.facts(name))));
    Some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn a_name_says_the_facts() {
        let facts = scenario("try/my_handler-2+wait=2.5ms+work=4ms+offloads+together").unwrap();
        assert!(facts.is_own() && facts.offloads && facts.together);
        assert_eq!((facts.wait_ms, facts.work_ms), (2.5, 4.0));
        let plain = scenario("try/handler").unwrap();
        assert_eq!((plain.wait_ms, plain.work_ms), (0.0, 0.0));
        assert!(plain.is_own() && !plain.offloads && !plain.together);
        assert_eq!(plain.group(), Some("try"));
        assert_eq!(short("try/handler+wait=2.5ms"), "try/handler");
        assert_eq!(
            (short("try/handler"), short("digest+")),
            ("try/handler", "digest+")
        );
        // Made once.
        assert!(std::ptr::eq(plain, scenario("try/handler").unwrap()));
        assert!(!scenario("digest").unwrap().is_own());
    }

    #[test]
    fn there_is_one_way_to_write_a_name() {
        for bad in [
            "try/",
            "try/a b",
            "try/a/b",
            "try/a+",
            "try/a+wait=0ms",
            "try/a+wait=5",
            "try/a+wait=5.0ms",
            "try/a+wait=NaNms",
            "try/a+wait=infms",
            "try/a+work=1ms+wait=1ms",
            "try/a+offloads+offloads",
            "try/a+together+offloads",
            "try/a+sleeps",
        ] {
            assert_eq!(Own::of(bad), None, "{bad}");
            assert_eq!(scenario(bad), None, "{bad}");
        }
    }
}
