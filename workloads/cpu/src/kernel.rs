//! The kernel behind every branch whose work should be arithmetic and nothing else.

use sha2::{Digest as _, Sha256};
use workload_api::mix;

/// Small enough to stay in a core's own cache beside its neighbour's, large enough that a step is
/// all hashing.
const BUFFER: usize = 16 * 1024;

/// SHA-256 over a buffer, again and again, each digest chained to the one before.
///
/// The chain keeps a compiler from leaving steps out, and a branch from doing them in parallel.
#[derive(Clone, Debug)]
pub struct DigestKernel {
    buffer: Vec<u8>,
    digest: [u8; 32],
}

impl DigestKernel {
    /// A kernel whose buffer is filled from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let words = BUFFER as u64 / 8;
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            buffer: (0..words)
                .flat_map(|word| mix(seed, word).to_le_bytes())
                .collect(),
            digest,
        }
    }

    /// Does so many steps.
    pub fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            self.digest = chain(&self.digest, &self.buffer);
        }
    }

    /// What the steps so far came to.
    #[must_use]
    pub fn answer(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.digest[..8]);
        u64::from_le_bytes(first)
    }

    /// The answer of a new kernel after `steps` steps.
    #[must_use]
    pub fn compute(seed: u64, steps: u64) -> u64 {
        let mut kernel = Self::new(seed);
        kernel.run(steps);
        kernel.answer()
    }
}

/// One step: the digest of the digest before and the buffer.
pub(crate) fn chain(previous: &[u8; 32], buffer: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(buffer);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `head -c 16416 /dev/zero | sha256sum`
    const OF_ZEROS: &str = "8f8d55afc740451ad55820eafc6f84a5974010d51663588c328821353da2828c";

    #[test]
    fn a_step_is_the_sha_256_of_the_digest_before_and_the_buffer() {
        let mut kernel = DigestKernel {
            buffer: vec![0; BUFFER],
            digest: [0; 32],
        };
        kernel.run(1);
        let hex: String = kernel.digest.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, OF_ZEROS);
        assert_eq!(
            kernel.answer(),
            u64::from_le_bytes([0x8f, 0x8d, 0x55, 0xaf, 0xc7, 0x40, 0x45, 0x1a])
        );
    }

    #[test]
    fn the_buffer_has_its_size_and_comes_from_the_seed() {
        assert_eq!(DigestKernel::new(1).buffer.len(), BUFFER);
        assert_ne!(DigestKernel::new(1).buffer, DigestKernel::new(2).buffer);
    }

    #[test]
    fn steps_add_up_however_they_are_cut() {
        let mut kernel = DigestKernel::new(5);
        kernel.run(2);
        kernel.run(3);
        assert_eq!(kernel.answer(), DigestKernel::compute(5, 5));
        assert_ne!(kernel.answer(), DigestKernel::compute(5, 4));
        assert_ne!(kernel.answer(), DigestKernel::compute(6, 5));
    }
}
