//! What Linux tells of itself in files. Elsewhere the files are not there, and nothing is told.

use std::fs;

use harness_record::host::Host;

fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn fill(host: &mut Host) {
    let cpus = read("/proc/cpuinfo").unwrap_or_default();
    host.cpu = cpu_model(&cpus);
    host.logical_cpus = Some(count_cpus(&cpus)).filter(|count| *count > 0);
    host.memory = read("/proc/meminfo").and_then(|text| memory(&text));
    host.governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    host.io_uring_disabled =
        read("/proc/sys/kernel/io_uring_disabled").and_then(|text| text.parse().ok());
    host.virtualisation = read("/sys/class/dmi/id/product_name")
        .and_then(|product| hypervisor(&product))
        .or_else(|| read("/sys/hypervisor/type"))
        .or_else(|| is_virtual(&cpus).then(|| "a hypervisor".to_owned()));
}

/// x86 has `model name`; others have `Model`, `cpu model`, or only numbers.
fn cpu_model(cpuinfo: &str) -> Option<String> {
    let value = |wanted: &str| {
        cpuinfo.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            (name.trim() == wanted && !value.is_empty()).then(|| value.to_owned())
        })
    };
    value("model name")
        .or_else(|| value("Model"))
        .or_else(|| value("cpu model"))
        .or_else(|| Some(format!("CPU part {}", value("CPU part")?)))
}

fn count_cpus(cpuinfo: &str) -> usize {
    let is_cpu = |line: &&str| {
        line.split_once(':')
            .is_some_and(|(name, _)| name.trim() == "processor")
    };
    cpuinfo.lines().filter(is_cpu).count()
}

/// The CPU flag that hypervisors set for their guests.
fn is_virtual(cpuinfo: &str) -> bool {
    cpuinfo.lines().any(|line| {
        line.split_once(':').is_some_and(|(name, flags)| {
            name.trim() == "flags" && flags.split_whitespace().any(|flag| flag == "hypervisor")
        })
    })
}

fn memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Product names that are a hypervisor's and not a machine's.
fn hypervisor(product: &str) -> Option<String> {
    let marks = ["KVM", "Virtual", "VMware", "QEMU", "HVM", "Compute Engine"];
    let is_one = marks.iter().any(|mark| product.contains(mark));
    is_one.then(|| product.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const X86: &str = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu vme hypervisor lahf_lm\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n";
    const ARM: &str = "processor\t: 0\nBogoMIPS\t: 108.00\nCPU part\t: 0xd08\n";

    #[test]
    fn cpuinfo_is_read() {
        assert_eq!(cpu_model(X86).unwrap(), "AMD EPYC");
        assert_eq!(cpu_model(ARM).unwrap(), "CPU part 0xd08");
        assert_eq!((count_cpus(X86), count_cpus(ARM)), (2, 1));
        assert!(is_virtual(X86) && !is_virtual(ARM));
    }

    #[test]
    fn meminfo_is_read() {
        let text = "MemTotal:       24603632 kB\nMemFree:        1 kB\n";
        assert_eq!(memory(text), Some(24_603_632 * 1024));
        assert_eq!(memory(""), None);
    }

    #[test]
    fn a_machine_is_no_hypervisor() {
        assert_eq!(
            hypervisor("Google Compute Engine").unwrap(),
            "Google Compute Engine"
        );
        assert_eq!(hypervisor("ThinkPad X1"), None);
    }
}
