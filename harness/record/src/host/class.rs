//! What kind of machine it is, as a few words that can stand in a file's name: `amd-epyc-2-cores-kvm`.

use super::Host;
use crate::format::plural;

/// Longer names of processors are cut at a word.
const LONGEST: usize = 40;

/// How much the memory of one machine may be told differently by two of its kernels, or after a restart.
const SAME_MEMORY: f64 = 0.02;

/// What vendors add to a processor's name that tells nobody which one it is.
const NOISE: [&str; 5] = ["cpu", "processor", "r", "tm", "c"];

/// Marks of hypervisors in what the kernel says of the machine, and how they are called.
const HYPERVISORS: [(&str, &str); 6] = [
    ("kvm", "kvm"),
    ("qemu", "kvm"),
    ("vmware", "vmware"),
    ("hyper-v", "hyper-v"),
    ("xen", "xen"),
    ("compute engine", "kvm"),
];

impl Host {
    /// The machine's class, of which so many cores may be used: processor, cores, and what it runs in.
    ///
    /// It says too little to tell two machines apart, which is what the merged report's fingerprint is for.
    #[must_use]
    pub fn class(&self, cores: usize) -> String {
        let cpu = match self.cpu.as_deref().map(processor) {
            Some(cpu) if !cpu.is_empty() => cpu,
            _ => slug(&self.arch),
        };
        let noun = plural(cores, "core");
        format!("{cpu}-{cores}-{noun}-{}", self.within())
    }

    /// What makes this and another host, of which so many cores may be used each, two machines: their system,
    /// architecture, processor, CPUs, cores allowed and memory, as far as records tell; nothing where they may be
    /// one. Whoever puts runs of one machine together asks this. The kernel does not count: a machine that was
    /// updated is the same.
    #[must_use]
    pub fn unlike(&self, cores: usize, other: &Self, others: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut hold = |what: &str, one: String, two: String| {
            if one != two {
                found.push(format!("{what} {one} and {two}"));
            }
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "not known".to_owned());
        let count = |cpus: Option<usize>| {
            cpus.map_or_else(|| "not known".to_owned(), |cpus| cpus.to_string())
        };
        hold("system", self.os.clone(), other.os.clone());
        hold("architecture", self.arch.clone(), other.arch.clone());
        hold("processor", text(&self.cpu), text(&other.cpu));
        hold("CPUs", count(self.logical_cpus), count(other.logical_cpus));
        hold("cores allowed", cores.to_string(), others.to_string());
        if let (Some(one), Some(two)) = (self.memory, other.memory)
            && one.abs_diff(two) as f64 > SAME_MEMORY * one.max(two) as f64
        {
            found.push(format!("bytes of memory {one} and {two}"));
        }
        found
    }

    /// `kvm`, `vm` where only that much is known, `metal`; elsewhere than on Linux the system's name.
    fn within(&self) -> String {
        match self.virtualisation.as_deref() {
            Some(said) => {
                let said = said.to_lowercase();
                HYPERVISORS
                    .iter()
                    .find(|(mark, _)| said.contains(mark))
                    .map_or_else(|| "vm".to_owned(), |(_, name)| (*name).to_owned())
            }
            None if self.os == "linux" => "metal".to_owned(),
            None => slug(&self.os),
        }
    }
}

/// A processor's name without its clock rate, its number of cores and its trade marks.
fn processor(name: &str) -> String {
    let name = name.split(" @ ").next().unwrap_or(name);
    let name = name.split(" with ").next().unwrap_or(name);
    let slug = slug(name);
    let counts = |words: &[&str]| words.len() == 2 && words[1].starts_with("core");
    let words: Vec<&str> = slug.split('-').collect();
    let mut kept = String::new();
    let mut at = 0;
    while at < words.len() {
        // `64-Core` became two words.
        let is_count =
            words[at].parse::<u32>().is_ok() && words.get(at..at + 2).is_some_and(counts);
        if is_count {
            at += 2;
            continue;
        }
        let word = words[at];
        at += 1;
        if NOISE.contains(&word) || word.is_empty() {
            continue;
        }
        if kept.len() + 1 + word.len() > LONGEST {
            break;
        }
        if !kept.is_empty() {
            kept.push('-');
        }
        kept.push_str(word);
    }
    kept
}

/// Small letters and digits, with a dash for everything else.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(cpu: &str, cores: usize, within: Option<&str>) -> String {
        let host = Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpu: Some(cpu.to_owned()).filter(|cpu| !cpu.is_empty()),
            virtualisation: within.map(str::to_owned),
            ..Host::default()
        };
        host.class(cores)
    }

    #[test]
    fn a_class_is_processor_cores_and_what_it_runs_in() {
        let intel = "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz";
        let laptop = "AMD Ryzen 7 5800U with Radeon Graphics";
        let expected = [
            (
                class("AMD EPYC", 2, Some("a hypervisor")),
                "amd-epyc-2-cores-vm",
            ),
            (class("AMD EPYC", 2, Some("KVM")), "amd-epyc-2-cores-kvm"),
            (
                class("AMD EPYC 7763 64-Core Processor", 64, None),
                "amd-epyc-7763-64-cores-metal",
            ),
            (
                class(intel, 1, Some("VMware Virtual Platform")),
                "intel-xeon-platinum-8370c-1-core-vmware",
            ),
            (class(laptop, 8, None), "amd-ryzen-7-5800u-8-cores-metal"),
            (class("", 4, None), "x86-64-4-cores-metal"),
            (class("®™", 4, None), "x86-64-4-cores-metal"),
        ];
        for (class, text) in expected {
            assert_eq!(class, text);
        }
    }

    #[test]
    fn a_long_name_is_cut_at_a_word() {
        let name = class(&"word ".repeat(30), 2, None);
        assert_eq!(
            name,
            "word-word-word-word-word-word-word-word-2-cores-metal"
        );
    }
}
