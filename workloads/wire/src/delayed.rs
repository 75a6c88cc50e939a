//! The delayed socket: sixteen bytes in, eight bytes out after a delay.

use std::{io, time::Duration};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use runtime_api::{AsyncRead, AsyncWrite};
use workload_api::mix;

/// A request to the delayed socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delayed {
    /// How long the origin waits before it replies.
    pub delay: Duration,
    /// The reply depends on it.
    pub nonce: u64,
}

impl Delayed {
    /// The delay in nanoseconds and then the nonce, both little endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        let nanoseconds = u64::try_from(self.delay.as_nanos()).unwrap_or(u64::MAX);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&nanoseconds.to_le_bytes());
        bytes[8..].copy_from_slice(&self.nonce.to_le_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_le_bytes(bytes);
        Self {
            delay: Duration::from_nanos(both as u64),
            nonce: (both >> 64) as u64,
        }
    }

    /// Asks over this stream, and returns the reply.
    ///
    /// # Errors
    ///
    /// As the stream reports them.
    pub async fn ask(self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<u64> {
        stream.write_all(&self.to_bytes()).await?;
        stream.flush().await?;
        let mut reply = [0; 8];
        stream.read_exact(&mut reply).await?;
        Ok(u64::from_le_bytes(reply))
    }

    /// What the origin replies, little endian on the wire.
    #[must_use]
    pub fn reply(self) -> u64 {
        let nanoseconds = u64::try_from(self.delay.as_nanos()).unwrap_or(u64::MAX);
        mix(self.nonce, nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_two_little_endian_numbers_and_reads_back() {
        let delayed = Delayed {
            delay: Duration::from_nanos(0x0102),
            nonce: 0x03,
        };
        let bytes = delayed.to_bytes();
        assert_eq!(bytes, [2, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Delayed::from_bytes(bytes), delayed);
    }

    #[test]
    fn a_reply_depends_on_both() {
        let reply = |delay, nonce| {
            Delayed {
                delay: Duration::from_nanos(delay),
                nonce,
            }
            .reply()
        };
        assert_ne!(reply(1, 1), reply(2, 1));
        assert_ne!(reply(1, 1), reply(1, 2));
    }
}
