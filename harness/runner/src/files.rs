//! How many files may be open: a connection is one.

/// Open files besides those of the branches: standard streams, what a runtime waits with, and room.
const OTHERS: u64 = 64;

/// Raises the limit of open files to what this process may have. Why so many branches with a file each are too
/// many even then, if they are.
#[cfg(target_os = "linux")]
pub(crate) fn too_few(branches: usize) -> Option<String> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // What cannot be raised is as it was.
    let _ = setrlimit(Resource::Nofile, raised);
    short_of(branches, getrlimit(Resource::Nofile).current)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn too_few(_branches: usize) -> Option<String> {
    None
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "the limit is Linux's")
)]
fn short_of(branches: usize, limit: Option<u64>) -> Option<String> {
    let wanted = branches as u64 + OTHERS;
    let limit = limit.filter(|&limit| limit < wanted)?;
    Some(format!(
        "{branches} connections take {wanted} open files, and this process may have {limit}: `ulimit -Hn` raises it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_a_file_and_there_are_others() {
        assert_eq!(short_of(10_000, None), None);
        assert_eq!(short_of(10_000, Some(10_064)), None);
        assert_eq!(
            short_of(10_000, Some(10_063)).as_deref(),
            Some(
                "10000 connections take 10064 open files, and this process may have 10063: `ulimit -Hn` raises it"
            )
        );
        // What a test may open is enough for one branch.
        assert_eq!(too_few(1), None);
    }
}
