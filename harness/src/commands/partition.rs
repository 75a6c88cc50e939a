//! Which share of a plan this process is to measure: what was asked, or what the scheduler says.

use harness_record::plan::Partition;

use super::Usage;
use crate::cli::{PartitionArg, RunArgs};

/// The share that was asked for.
///
/// # Errors
///
/// When there is no seed, or the scheduler does not say which share it is.
pub fn asked(args: &RunArgs) -> Result<Option<Partition>, Usage> {
    let Some(asked) = args.partition else {
        return Ok(None);
    };
    if args.seed.is_none() {
        return Err(Usage(
            "--partition needs --seed N, the same number for every share: it makes them one plan"
                .to_owned(),
        ));
    }
    match asked {
        PartitionArg::Share(share) => Ok(Some(share)),
        PartitionArg::Auto => scheduled(|name| std::env::var(name).ok())
            .map(Some)
            .map_err(|why| {
                Usage(format!(
                    "--partition auto: {why}, or write --partition 3/16"
                ))
            }),
    }
}

/// What a scheduler says in the environment.
fn scheduled(get: impl Fn(&str) -> Option<String>) -> Result<Partition, String> {
    let number = |name: &str| -> Result<Option<usize>, String> {
        let Some(text) = get(name) else {
            return Ok(None);
        };
        let number = text.parse().map(Some);
        number.map_err(|_| {
            format!("{name} is `{text}`, and a number is expected; start it from the scheduler")
        })
    };
    let (slurm, kubernetes) = (
        number("SLURM_ARRAY_TASK_ID")?,
        number("JOB_COMPLETION_INDEX")?,
    );
    match (slurm, kubernetes) {
        (Some(id), None) => of_slurm(id, number),
        (None, Some(index)) => of_kubernetes(index, number),
        (Some(_), Some(_)) => Err(
            "both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are set, of two schedulers: unset one".to_owned(),
        ),
        (None, None) => Err(
            "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: start it as an array of Slurm (`sbatch --array=1-16`) or as \
             an indexed job of Kubernetes".to_owned(),
        ),
    }
}

/// The task of a whole array, which begins at 0 or 1 and leaves nothing out. What was asked for again by itself looks like a
/// smaller array, and would be taken for a share of another plan.
fn of_slurm(
    id: usize,
    number: impl Fn(&str) -> Result<Option<usize>, String>,
) -> Result<Partition, String> {
    let want = |name: &str| {
        number(name)?.ok_or_else(|| format!("{name} is not set: start it with `sbatch --array`"))
    };
    let (count, first) = (
        want("SLURM_ARRAY_TASK_COUNT")?,
        want("SLURM_ARRAY_TASK_MIN")?,
    );
    let last = want("SLURM_ARRAY_TASK_MAX")?;
    let is_whole = first <= 1 && last >= first && last - first + 1 == count && count > 1;
    let share = id
        .checked_sub(first)
        .and_then(|at| Partition::new(at + 1, count));
    share.filter(|_| is_whole).ok_or_else(|| {
        format!(
            "task {id} of the {count} from {first} to {last} is no share of a whole array, which begins at 0 or 1 and leaves nothing \
             out: give the whole array"
        )
    })
}

/// The index of an indexed job, which counts from 0. Kubernetes does not say how many there are.
fn of_kubernetes(
    index: usize,
    number: impl Fn(&str) -> Result<Option<usize>, String>,
) -> Result<Partition, String> {
    let of = number("JOB_COMPLETIONS")?.ok_or(
        "JOB_COMPLETIONS is not set, and Kubernetes does not say how many indices there are: set it in the job file to its `completions`",
    )?;
    index
        .checked_add(1)
        .and_then(|share| Partition::new(share, of))
        .ok_or_else(|| format!("JOB_COMPLETION_INDEX is {index} and JOB_COMPLETIONS {of}: set it to the `completions` of the job"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(set: &[(&str, &str)]) -> Result<String, String> {
        let get = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        scheduled(get).map(|share| share.to_string())
    }

    fn slurm(id: &str, count: &str, first: &str, last: &str) -> Result<String, String> {
        said(&[
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_MIN", first),
            ("SLURM_ARRAY_TASK_MAX", last),
        ])
    }

    #[test]
    fn a_task_of_a_whole_array_is_a_share() {
        assert_eq!(slurm("1", "16", "1", "16").as_deref(), Ok("1/16"));
        assert_eq!(slurm("16", "16", "1", "16").as_deref(), Ok("16/16"));
        assert_eq!(slurm("0", "16", "0", "15").as_deref(), Ok("1/16"));
        assert_eq!(slurm("15", "16", "0", "15").as_deref(), Ok("16/16"));
    }

    /// `--array=3,7`, `--array=3`, `--array=0-30:2`, and one alone, which may be a share that is run again.
    #[test]
    fn a_part_of_an_array_is_not_taken_for_a_smaller_one() {
        for (id, count, first, last) in [
            ("3", "2", "3", "7"),
            ("3", "1", "3", "3"),
            ("4", "16", "0", "30"),
            ("1", "1", "1", "1"),
            ("17", "16", "1", "16"),
            ("0", "16", "1", "16"),
        ] {
            let said = slurm(id, count, first, last);
            assert!(said.is_err(), "{id} of {first} to {last}: {said:?}");
        }
        insta::assert_snapshot!(slurm("3", "2", "3", "7").unwrap_err(), @"task 3 of the 2 from 3 to 7 is no share of a whole array, which begins at 0 or 1 and leaves nothing out: give the whole array");
    }

    #[test]
    fn an_index_counts_from_0_and_the_job_file_says_of_how_many() {
        let job = |index, completions| {
            said(&[
                ("JOB_COMPLETION_INDEX", index),
                ("JOB_COMPLETIONS", completions),
            ])
        };
        assert_eq!(job("0", "16").as_deref(), Ok("1/16"));
        assert_eq!(job("15", "16").as_deref(), Ok("16/16"));
        assert!(job("16", "16").is_err());
        assert!(job("0", "0").is_err());
        assert!(job(&usize::MAX.to_string(), "16").is_err());
        insta::assert_snapshot!(said(&[("JOB_COMPLETION_INDEX", "3")]).unwrap_err(), @"JOB_COMPLETIONS is not set, and Kubernetes does not say how many indices there are: set it in the job file to its `completions`");
    }

    #[test]
    fn what_no_scheduler_says_is_one_line() {
        insta::assert_snapshot!(said(&[]).unwrap_err(), @"neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: start it as an array of Slurm (`sbatch --array=1-16`) or as an indexed job of Kubernetes");
        insta::assert_snapshot!(said(&[("SLURM_ARRAY_TASK_ID", "x")]).unwrap_err(), @"SLURM_ARRAY_TASK_ID is `x`, and a number is expected; start it from the scheduler");
        insta::assert_snapshot!(said(&[("SLURM_ARRAY_TASK_ID", "1")]).unwrap_err(), @"SLURM_ARRAY_TASK_COUNT is not set: start it with `sbatch --array`");
        let both = said(&[("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "1")]);
        insta::assert_snapshot!(both.unwrap_err(), @"both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are set, of two schedulers: unset one");
    }
}
