//! Connections that are all held open while small messages go back and forth on each of them.
//!
//! A client says on each connection which group it is of and how many there are. When the group is whole the
//! origin says [`GO`] on all of them; then each message of [`MESSAGE`] bytes comes back as it was sent; and when
//! all connections have had their round trips, the origin says on each how much CPU time it has used since it
//! said go. So whoever has read `GO` knows that all are open, with no word between the clients.

use workload_api::mix;

/// Round trips on each connection, one after the other.
pub const ROUND_TRIPS: u64 = 20;

/// The length of a message, in bytes.
pub const MESSAGE: usize = 64;

/// What the origin says when all connections of a group are open.
pub const GO: u8 = b'!';

/// What a client says first on each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Tells it from all others.
    pub key: u64,
    /// Connections in it.
    pub connections: u64,
}

impl Group {
    /// The length of [`to_bytes`](Self::to_bytes).
    pub const BYTES: usize = 16;

    /// The key and then the number, both little endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        (u128::from(self.key) | u128::from(self.connections) << 64).to_le_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let both = u128::from_le_bytes(bytes);
        Self {
            key: both as u64,
            connections: (both >> 64) as u64,
        }
    }
}

/// What round trip `trip` sends on the connection of this seed.
#[must_use]
pub fn message(seed: u64, trip: u64) -> [u8; MESSAGE] {
    let mut message = [0; MESSAGE];
    for (word, bytes) in message.chunks_exact_mut(8).enumerate() {
        bytes.copy_from_slice(&mix(mix(seed, trip), word as u64).to_le_bytes());
    }
    message
}

/// Takes what came back into the answer. The first word is enough: the rest has been compared.
#[must_use]
pub fn fold(answer: u64, message: &[u8; MESSAGE]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&message[..8]);
    mix(answer, u64::from_le_bytes(first))
}

/// The answer of the connection of this seed: all that must come back, taken into one number.
#[must_use]
pub fn answer(seed: u64) -> u64 {
    (0..ROUND_TRIPS).fold(seed, |answer, trip| fold(answer, &message(seed, trip)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_two_little_endian_numbers_and_reads_back() {
        let group = Group {
            key: 0x0102,
            connections: 0x03,
        };
        let bytes = group.to_bytes();
        assert_eq!(bytes, [2, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Group::from_bytes(bytes), group);
    }

    #[test]
    fn every_trip_and_every_word_is_different() {
        let (first, second) = (message(1, 0), message(1, 1));
        assert_ne!(first, second);
        assert_ne!(first[..8], first[8..16]);
        assert_ne!(message(2, 0), first);
        assert_ne!(answer(1), answer(2));
    }
}
