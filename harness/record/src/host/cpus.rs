//! CPUs as the kernel lists them: `0,2-3`.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// No kernel that is shipped knows more.
const MOST: usize = 8192;

/// Some CPUs, by their numbers; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpus(BTreeSet<usize>);

impl Cpus {
    /// These; `None` where there is none.
    pub fn of(cpus: impl IntoIterator<Item = usize>) -> Option<Self> {
        let cpus: BTreeSet<usize> = cpus.into_iter().collect();
        (!cpus.is_empty()).then_some(Self(cpus))
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Their numbers, the least first.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().copied()
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, cpu: usize) -> bool {
        self.0.contains(&cpu)
    }

    /// Those that others have not.
    #[must_use]
    pub fn without(&self, others: &Self) -> Option<Self> {
        Self::of(self.iter().filter(|&cpu| !others.has(cpu)))
    }

    /// Those that both have.
    #[must_use]
    pub fn and(&self, others: &Self) -> Option<Self> {
        Self::of(self.iter().filter(|&cpu| others.has(cpu)))
    }
}

impl FromStr for Cpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write CPUs as the kernel numbers them, such as 0,2-3".to_owned();
        let number = |text: &str| {
            let number = text.parse::<usize>().ok();
            number
                .filter(|&number| number < MOST && !text.starts_with('+'))
                .ok_or_else(wrong)
        };
        let mut cpus = BTreeSet::new();
        for part in text.trim().split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(wrong());
            }
            cpus.extend(first..=last);
        }
        Self::of(cpus).ok_or_else(wrong)
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cpus = self.iter().peekable();
        let mut comma = "";
        while let Some(first) = cpus.next() {
            let mut last = first;
            while let Some(next) = cpus.next_if_eq(&(last + 1)) {
                last = next;
            }
            match last - first {
                0 => write!(f, "{comma}{first}")?,
                _ => write!(f, "{comma}{first}-{last}")?,
            }
            comma = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str) -> String {
        text.parse::<Cpus>().unwrap().to_string()
    }

    #[test]
    fn a_list_is_read_and_written_as_the_kernel_does() {
        for list in ["0", "0-1", "0,2-3", "1,3,5-8191"] {
            assert_eq!(again(list), list);
        }
        assert_eq!(again("3,2,0,2-3\n"), "0,2-3");
        let cpus: Cpus = "0,2-3".parse().unwrap();
        assert_eq!(cpus.iter().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(cpus.count(), 3);
    }

    #[test]
    fn what_is_no_list_is_told_what_one_is() {
        for wrong in [
            "", ",", "0,", "3-2", "-1", "+1", "1-", "a", "0 1", "8192", "0-99999",
        ] {
            let why = wrong.parse::<Cpus>().unwrap_err();
            assert!(why.ends_with("such as 0,2-3"), "{wrong}: {why}");
        }
    }

    #[test]
    fn some_without_others_and_those_of_both() {
        let cpus = |text: &str| text.parse::<Cpus>().unwrap();
        assert_eq!(cpus("0-3").without(&cpus("1,3-9")).unwrap(), cpus("0,2"));
        assert_eq!(cpus("1").without(&cpus("0-3")), None);
        assert_eq!(cpus("0-3").and(&cpus("3-9")).unwrap(), cpus("3"));
        assert_eq!(cpus("0").and(&cpus("1")), None);
    }
}
