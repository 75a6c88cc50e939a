//! Were two runs measured on one machine?

use harness_record::bundle::Header;

/// What two hosts have not in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What makes them two machines: then no times are compared.
    pub machines: Vec<String>,
    /// What may explain a change, and is said.
    pub warnings: Vec<String>,
}

/// Holds the hosts of two runs against each other.
#[must_use]
pub fn differences(a: &Header, b: &Header) -> Differences {
    let mut found = Differences::default();
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "not known".to_owned());
    let (host, other) = (&a.host, &b.host);
    found.machines = host.unlike(a.cores, other, b.cores);
    let mut warn = |what: &str, a: String, b: String| {
        if a != b {
            found.warnings.push(format!("{what} differs: {a} and {b}"));
        }
    };
    warn("the kernel", text(&host.kernel), text(&other.kernel));
    warn("the governor", text(&host.governor), text(&other.governor));
    warn(
        "virtualisation",
        text(&host.virtualisation),
        text(&other.virtualisation),
    );
    warn("the compiler", text(&host.rustc), text(&other.rustc));
    warn(
        "the harness's version",
        host.harness.clone(),
        other.harness.clone(),
    );
    warn(
        "the harness's revision",
        text(&host.revision),
        text(&other.revision),
    );
    // Of records from before these were recorded nothing is said.
    let mut also = |what: &str, a: Option<String>, b: Option<String>| {
        if let (Some(a), Some(b)) = (a, b) {
            warn(what, a, b);
        }
    };
    also("the list of CPUs", host.cpus.clone(), other.cpus.clone());
    let number = |number: Option<usize>| number.map(|number| number.to_string());
    let (one, two) = (host.physical_cores, other.physical_cores);
    also("the number of physical cores", number(one), number(two));
    let quota =
        |quota: Option<f64>| quota.map_or_else(|| "none".to_owned(), |cores| cores.to_string());
    warn(
        "the CPU quota",
        quota(host.cpu_quota),
        quota(other.cpu_quota),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::fabricated::{header, options};

    #[test]
    fn a_kernel_is_a_warning_and_a_processor_another_machine() {
        let one = header(Vec::new(), options(), 2);
        assert_eq!(differences(&one, &one), Differences::default());
        let mut two = one.clone();
        two.host.kernel = Some("6.2".to_owned());
        let found = differences(&one, &two);
        assert_eq!(found.warnings, ["the kernel differs: 6.1 and 6.2"]);
        assert!(found.machines.is_empty());
        two.host.cpu = Some("Another CPU".to_owned());
        two.cores = 4;
        let found = differences(&one, &two);
        assert_eq!(
            found.machines,
            [
                "processor Made-up CPU and Another CPU",
                "cores allowed 2 and 4"
            ]
        );
    }

    #[test]
    fn other_cpus_of_one_machine_are_a_warning_where_both_are_known() {
        let mut one = header(Vec::new(), options(), 2);
        let mut two = one.clone();
        (one.host.cpus, one.host.physical_cores) = (Some("0-1".to_owned()), Some(1));
        assert_eq!(differences(&one, &two), Differences::default());
        (two.host.cpus, two.host.physical_cores) = (Some("0,2".to_owned()), Some(2));
        let found = differences(&one, &two);
        assert_eq!(
            found.warnings,
            [
                "the list of CPUs differs: 0-1 and 0,2",
                "the number of physical cores differs: 1 and 2"
            ]
        );
        assert!(found.machines.is_empty());
    }

    #[test]
    fn one_machine_may_tell_its_memory_a_little_differently() {
        let mut one = header(Vec::new(), options(), 2);
        let mut two = one.clone();
        (one.host.memory, two.host.memory) = (Some(1_000_000), Some(990_000));
        assert!(differences(&one, &two).machines.is_empty());
        two.host.memory = Some(500_000);
        assert_eq!(
            differences(&one, &two).machines,
            ["bytes of memory 1000000 and 500000"]
        );
    }
}
