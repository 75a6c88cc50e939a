//! Which part of the machine a run is measured on, and how many workers that makes.

use harness_measure::host::confine;
use harness_record::host::{Cpus, Host};

use super::Usage;
use crate::cli::{RunArgs, WorkersArg};

/// Confines this process, and with it whatever it measures, to the CPUs that were chosen; `None` where none were.
///
/// # Errors
///
/// That they cannot be had here.
pub fn chosen(args: &RunArgs) -> Result<Option<Cpus>, Usage> {
    if args.cpus.is_none() && !args.pin {
        return Ok(None);
    }
    let chosen = confine(args.cpus.as_ref(), args.pin);
    chosen.map(Some).map_err(|why| {
        let option = match &args.cpus {
            Some(cpus) => format!("--cpus {cpus}"),
            None => "--pin".to_owned(),
        };
        Usage(format!("{option}: {why}"))
    })
}

/// The same for a run that goes on: the CPUs of its record.
///
/// # Errors
///
/// That they cannot be had here.
pub fn again(cpus: Option<&str>) -> Result<(), String> {
    let Some(cpus) = cpus else {
        return Ok(());
    };
    let cpus: Cpus = cpus.parse()?;
    confine(Some(&cpus), false).map(drop)
}

/// Numbers of workers, each once.
///
/// # Errors
///
/// That the system does not tell how many physical cores there are.
pub fn workers(asked: &[WorkersArg], host: &Host) -> Result<Vec<usize>, Usage> {
    let mut numbers = Vec::new();
    for one in asked {
        let number = match *one {
            WorkersArg::Number(number) => number as usize,
            // Each runtime has its own.
            WorkersArg::Default => continue,
            WorkersArg::Physical => host.physical_cores.ok_or_else(|| {
                let why = "the system does not tell how many physical cores there are; write their number";
                Usage(format!("--workers physical: {why}"))
            })?,
        };
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn physical_cores_are_a_number_of_workers() {
        let mut host = Host {
            physical_cores: Some(4),
            ..Host::default()
        };
        let asked = [
            WorkersArg::Number(1),
            WorkersArg::Physical,
            WorkersArg::Number(4),
        ];
        assert_eq!(workers(&asked, &host).unwrap(), [1, 4]);
        host.physical_cores = None;
        let Usage(why) = workers(&asked, &host).unwrap_err();
        assert!(why.starts_with("--workers physical: ") && why.ends_with("write their number"));
    }
}
