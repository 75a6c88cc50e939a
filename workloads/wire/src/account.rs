//! What `sync-account` fetches, computes over, and writes back.

use serde::{Deserialize, Serialize};
use workload_api::mix;

use crate::{Ask, Error};

/// An account as the origin keeps it, in so far as it keeps anything: it makes one up from who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Which account.
    pub id: u64,
    /// Whose.
    pub owner: String,
    /// What is in it.
    pub balance_cents: i64,
    /// Changes with every write.
    pub version: u64,
}

impl Account {
    /// The account of a branch.
    #[must_use]
    pub fn of(ask: &Ask) -> Self {
        let version = mix(ask.nonce, ask.branch);
        Self {
            id: ask.branch,
            owner: format!("Customer {:08x}", version as u32),
            balance_cents: version as i64 >> 20,
            version,
        }
    }

    /// Reads a body that is an account.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(body: &str) -> Result<Self, Error> {
        serde_json::from_str(body).map_err(|_| Error::Body("an account", body.to_owned()))
    }

    /// What the work over this account starts from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.owner
            .bytes()
            .fold(mix(self.id, self.version), |seed, byte| {
                mix(seed, byte.into())
            })
            ^ self.balance_cents as u64
    }

    /// What the origin says to a result that is written back.
    #[must_use]
    pub const fn acknowledgement(ask: &Ask, result: u64) -> u64 {
        mix(mix(ask.nonce, ask.branch), result)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ask(nonce: u64, branch: u64) -> Ask {
        Ask {
            delay: Duration::ZERO,
            nonce,
            branch,
        }
    }

    #[test]
    fn each_branch_and_nonce_has_an_account_of_its_own() {
        let seeds = [(1, 0), (1, 1), (2, 0)].map(|(n, b)| Account::of(&ask(n, b)).seed());
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2]);
    }

    #[test]
    fn every_field_changes_the_seed() {
        let account = Account::of(&ask(1, 0));
        let changes: [fn(&mut Account); 4] = [
            |a| a.id += 1,
            |a| a.owner.push('x'),
            |a| a.balance_cents += 1,
            |a| a.version += 1,
        ];
        for (which, change) in changes.iter().enumerate() {
            let mut changed = account.clone();
            change(&mut changed);
            assert_ne!(changed.seed(), account.seed(), "change {which}");
        }
    }

    #[test]
    fn an_acknowledgement_depends_on_who_writes_and_on_what() {
        let of = Account::acknowledgement;
        assert_ne!(of(&ask(1, 0), 5), of(&ask(1, 0), 6));
        assert_ne!(of(&ask(1, 0), 5), of(&ask(1, 1), 5));
        assert_ne!(of(&ask(1, 0), 5), of(&ask(2, 0), 5));
    }
}
