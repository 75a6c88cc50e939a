//! A read from an embedded store beside a configuration file.

mod config;
mod store;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

use config::Config;

/// Even branches read a record from a constant database (`cdb2`), through the runtime's blocking pool, as users
/// of a synchronous store must; odd branches read a configuration file through the runtime's own file
/// API and parse it.
#[derive(Clone, Copy, Debug)]
pub struct StoreAndConfig;

impl Workload for StoreAndConfig {
    fn prepare(self, env: &Env) -> Result<(), String> {
        store::prepare(&env.folder).map_err(|error| format!("store-and-config: store: {error}"))?;
        config::prepare(&env.folder).map_err(|error| format!("store-and-config: config: {error}"))
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        if reads_the_store(index) {
            let read = R::spawn_blocking(move || store::read(seed)).await;
            let record = read.unwrap_or_else(|error| panic!("store-and-config: store: {error}"));
            mix(seed, store::fingerprint(&record))
        } else {
            let path = config::path(&env.folder);
            let bytes = R::read_file(path).await;
            let config = bytes
                .and_then(|bytes| Config::parse(&bytes))
                .unwrap_or_else(|error| panic!("store-and-config: config: {error}"));
            mix(seed, config.fingerprint())
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        if reads_the_store(index) {
            mix(seed, store::fingerprint(&store::record(seed)))
        } else {
            mix(seed, Config::standard().fingerprint())
        }
    }
}

fn reads_the_store(index: usize) -> bool {
    index.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let folder = tempfile::tempdir().unwrap();
        let mut env = env();
        env.folder = Arc::from(folder.path());
        env.branches = 4;
        Answers::of(StoreAndConfig, &env).are_expected_and_differ();
    }
}
