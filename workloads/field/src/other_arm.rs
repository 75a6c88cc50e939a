//! A handler that waits for what only another arm of its loop does.

use std::time::Instant;

use async_channel::{Receiver, bounded};
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// Each branch is a loop over commands and events. Handling its one command raises two events, into a channel that holds
/// one. The second waits for room, and only the loop's other arm makes any: the handler waits for the loop that it is
/// part of.
///
/// In the original there was no end to that. Here the handler gives up after `env.wait`, and drops the event. A branch
/// reports how long the first event, which was there all the while, waited to be handled.
#[derive(Clone, Copy, Debug)]
pub struct OtherArm;

/// What the loop is woken by.
enum Next {
    Command(u64),
    Event(u64, Instant),
}

impl Workload for OtherArm {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let (commands, next_command) = bounded(1);
        let (events, next_event) = bounded(1);
        let command = mix(env.nonce, index as u64);
        let _ = commands.send(command).await;
        let mut answer = command;
        loop {
            let command = async { Next::Command(received(&next_command).await) };
            let event = async {
                let (event, raised) = received(&next_event).await;
                Next::Event(event, raised)
            };
            match R::race(command, event).await {
                Next::Command(command) => {
                    answer = mix(answer, command);
                    let _ = events.send((command, Instant::now())).await;
                    let again = events.send((command, Instant::now()));
                    let sent = R::timeout(env.wait, again).await;
                    assert!(
                        sent.is_none(),
                        "field/other-arm: there was room for two events"
                    );
                }
                Next::Event(event, raised) => {
                    env.lateness.report(raised.elapsed());
                    return mix(answer, event);
                }
            }
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let command = mix(env.nonce, index as u64);
        mix(mix(command, command), command)
    }
}

/// The other end is there for as long as the branch is.
async fn received<T>(channel: &Receiver<T>) -> T {
    channel
        .recv()
        .await
        .unwrap_or_else(|error| panic!("field/other-arm: {error}"))
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(OtherArm, &env()).are_expected_and_differ();
    }

    #[test]
    fn the_event_waits_until_the_handler_gives_up() {
        let env = env();
        let _ = Answers::one(OtherArm, &env, 0);
        assert!(env.lateness.largest() >= Some(env.wait));
    }
}
