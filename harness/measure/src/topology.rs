//! How the CPUs lie: which are threads of one core, on which node, of which kind. From what Linux says in /sys.

use std::{collections::BTreeMap, fs};

use harness_record::host::{Cpus, Host, Kind};

const CPUS: &str = "/sys/devices/system/cpu";
const NODES: &str = "/sys/devices/system/node";

/// Where Intel's machines with two kinds of cores say which is which.
const HYBRID: [(&str, &str); 2] = [
    ("core", "/sys/devices/cpu_core/cpus"),
    ("atom", "/sys/devices/cpu_atom/cpus"),
];

/// Fills in what is told of these CPUs.
pub(crate) fn fill(host: &mut Host, cpus: &Cpus) {
    host.cpus = Some(cpus.to_string());
    host.physical_cores = one_of_each_core(cpus).map(|cpus| cpus.count());
    host.numa_nodes = nodes(cpus, &node_lists());
    let hybrid = HYBRID.map(|(kind, path)| (kind, read(path).unwrap_or_default()));
    host.kinds = kinds(cpus, &hybrid, |cpu| {
        read(&format!("{CPUS}/cpu{cpu}/cpu_capacity"))
    });
}

/// The first of these CPUs on each physical core; `None` where the system does not tell.
pub(crate) fn one_of_each_core(cpus: &Cpus) -> Option<Cpus> {
    first_of_each(cpus, |cpu| {
        read(&format!("{CPUS}/cpu{cpu}/topology/thread_siblings_list"))
    })
}

fn first_of_each(cpus: &Cpus, siblings: impl Fn(usize) -> Option<String>) -> Option<Cpus> {
    let mut first = Vec::new();
    for cpu in cpus.iter() {
        let siblings: Cpus = siblings(cpu)?.parse().ok()?;
        if !first.iter().any(|&known| siblings.has(known)) {
            first.push(cpu);
        }
    }
    Cpus::of(first)
}

/// On how many nodes they lie, by the lists of the nodes' CPUs. A node may have memory alone, and no CPU.
fn nodes(cpus: &Cpus, lists: &[String]) -> Option<usize> {
    let lists = lists.iter().filter_map(|list| list.parse::<Cpus>().ok());
    let used = lists.filter(|list| list.and(cpus).is_some()).count();
    (used > 0).then_some(used)
}

/// The kinds, where these CPUs are of several: by Intel's two names, else by capacity.
fn kinds(
    cpus: &Cpus,
    hybrid: &[(&str, String)],
    capacity: impl Fn(usize) -> Option<String>,
) -> Vec<Kind> {
    let kind = |kind: &str, cpus: &Cpus| Kind {
        kind: kind.to_owned(),
        cpus: cpus.to_string(),
    };
    let named = hybrid.iter().filter_map(|(name, list)| {
        let here = list.parse::<Cpus>().ok()?.and(cpus)?;
        Some(kind(name, &here))
    });
    let named: Vec<Kind> = named.collect();
    if named.len() > 1 {
        return named;
    }
    let mut by_capacity: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for cpu in cpus.iter() {
        let Some(capacity) = capacity(cpu).and_then(|text| text.parse().ok()) else {
            return Vec::new();
        };
        by_capacity.entry(capacity).or_default().push(cpu);
    }
    if by_capacity.len() < 2 {
        return Vec::new();
    }
    // The fastest first.
    let groups = by_capacity.into_iter().rev();
    let groups = groups.filter_map(|(capacity, cpus)| {
        Some(kind(&format!("capacity {capacity}"), &Cpus::of(cpus)?))
    });
    groups.collect()
}

fn node_lists() -> Vec<String> {
    let entries = fs::read_dir(NODES).into_iter().flatten().flatten();
    let lists = entries.filter_map(|entry| fs::read_to_string(entry.path().join("cpulist")).ok());
    lists.collect()
}

fn read(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpus(text: &str) -> Cpus {
        text.parse().unwrap()
    }

    /// Two threads a core: 0 with 4, 1 with 5, and so on.
    fn siblings(cpu: usize) -> Option<String> {
        Some(format!("{},{}", cpu % 4, cpu % 4 + 4))
    }

    #[test]
    fn one_cpu_of_each_core_is_the_first_that_may_be_used() {
        let first = |list: &str| first_of_each(&cpus(list), siblings).unwrap().to_string();
        assert_eq!(first("0-7"), "0-3");
        assert_eq!(first("4-7"), "4-7");
        assert_eq!(first("1,4-6"), "1,4,6");
        assert_eq!(first_of_each(&cpus("0-1"), |_| None), None);
    }

    #[test]
    fn nodes_count_where_a_cpu_of_theirs_may_be_used() {
        let lists = ["0-3", "4-7", ""].map(str::to_owned);
        assert_eq!(nodes(&cpus("0-1"), &lists), Some(1));
        assert_eq!(nodes(&cpus("3-4"), &lists), Some(2));
        assert_eq!(nodes(&cpus("0"), &[]), None);
    }

    #[test]
    fn kinds_are_told_where_there_are_several() {
        let hybrid =
            |core: &str, atom: &str| [("core", core.to_owned()), ("atom", atom.to_owned())];
        let none = |_| None;
        let told = |kinds: Vec<Kind>| {
            let kinds = kinds
                .into_iter()
                .map(|one| format!("{} {}", one.kind, one.cpus));
            kinds.collect::<Vec<_>>()
        };
        let both = hybrid("0-3", "4-7");
        assert_eq!(
            told(kinds(&cpus("2-5"), &both, none)),
            ["core 2-3", "atom 4-5"]
        );
        assert!(told(kinds(&cpus("0-3"), &both, none)).is_empty());
        let neither = hybrid("", "");
        let little = |cpu: usize| Some(if cpu < 4 { "446" } else { "1024" }.to_owned());
        assert_eq!(
            told(kinds(&cpus("0-7"), &neither, little)),
            ["capacity 1024 4-7", "capacity 446 0-3"]
        );
        assert!(told(kinds(&cpus("0-3"), &neither, little)).is_empty());
        assert!(told(kinds(&cpus("0-3"), &neither, none)).is_empty());
    }
}
