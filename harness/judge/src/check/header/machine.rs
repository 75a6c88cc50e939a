//! What cannot be true of how CPUs lie and are shared out.

use harness_record::{
    bundle::Header,
    host::{Cpus, Host},
};

use super::Wrongs;

pub(super) fn check(header: &Header, wrongs: &mut Wrongs) {
    let host = &header.host;
    let allowed = list(host.cpus.as_deref(), "/host/cpus", wrongs);
    if let Some(allowed) = &allowed {
        of_allowed(host, allowed, wrongs);
    }
    for (index, of) in host.kinds.iter().enumerate() {
        let at = |field: &str| format!("/host/kinds/{index}/{field}");
        wrongs.unless(!of.kind.is_empty(), &at("kind"), super::empty);
        list(Some(&of.cpus), &at("cpus"), wrongs);
    }
    for (field, number) in [
        ("cpu_quota_period_us", host.cpu_quota_period_us),
        ("cpu_weight", host.cpu_weight),
        ("timer_grain_ns", host.timer_grain_ns),
    ] {
        wrongs.unless(number != Some(0), &format!("/host/{field}"), || {
            "a number above 0 is expected".to_owned()
        });
    }
    let chosen = list(header.options.cpus.as_deref(), "/options/cpus", wrongs);
    if let (Some(chosen), Some(allowed)) = (chosen, allowed) {
        wrongs.unless(chosen == allowed, "/options/cpus", || {
            format!("{chosen} were chosen, and {allowed} could be used")
        });
    }
}

/// What cannot be of so many CPUs.
fn of_allowed(host: &Host, allowed: &Cpus, wrongs: &mut Wrongs) {
    let all = allowed.count();
    wrongs.unless(host.cores <= all, "/host/cpus", || {
        format!(
            "there are fewer than the {} cores that may be used",
            host.cores
        )
    });
    for (field, some) in [
        ("physical_cores", host.physical_cores),
        ("numa_nodes", host.numa_nodes),
    ] {
        let fits = some.is_none_or(|some| (1..=all).contains(&some));
        wrongs.unless(fits, &format!("/host/{field}"), || {
            format!("a number from 1 to {all} is expected: CPUs {allowed} may be used")
        });
    }
}

fn list(text: Option<&str>, at: &str, wrongs: &mut Wrongs) -> Option<Cpus> {
    let text = text?;
    let list = text.parse::<Cpus>().ok();
    wrongs.unless(list.is_some(), at, || {
        format!("\"{text}\" stands where a list of CPUs is expected, such as 0,2-3")
    });
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::{
        fabricated::{header, options},
        host::Kind,
    };

    fn wrong(change: impl FnOnce(&mut Header)) -> Vec<String> {
        let mut header = header(Vec::new(), options(), 2);
        header.host.cpus = Some("0-3".to_owned());
        header.host.physical_cores = Some(2);
        change(&mut header);
        let mut wrongs = Wrongs::default();
        check(&header, &mut wrongs);
        let wrongs = wrongs.0.into_iter();
        wrongs
            .map(|wrong| format!("{} {}", wrong.pointer, wrong.why))
            .collect()
    }

    #[test]
    fn what_may_be_is_right() {
        assert!(wrong(|_| ()).is_empty());
        assert!(wrong(|header| header.options.cpus = Some("0,1-3".to_owned())).is_empty());
        assert!(wrong(|header| header.host.cpus = None).is_empty());
    }

    #[test]
    fn what_cannot_be_is_named() {
        let told = [
            wrong(|header| header.host.cpus = Some("3-0".to_owned())),
            wrong(|header| header.host.cpus = Some("7".to_owned())),
            wrong(|header| header.host.physical_cores = Some(5)),
            wrong(|header| header.host.numa_nodes = Some(0)),
            wrong(|header| header.host.timer_grain_ns = Some(0)),
            wrong(|header| header.options.cpus = Some("0-1".to_owned())),
            wrong(|header| {
                header.host.kinds = vec![Kind {
                    kind: String::new(),
                    cpus: "x".to_owned(),
                }];
            }),
        ];
        assert_eq!(
            told.concat(),
            [
                "/host/cpus \"3-0\" stands where a list of CPUs is expected, such as 0,2-3",
                "/host/cpus there are fewer than the 2 cores that may be used",
                "/host/physical_cores a number from 1 to 1 is expected: CPUs 7 may be used",
                "/host/physical_cores a number from 1 to 4 is expected: CPUs 0-3 may be used",
                "/host/numa_nodes a number from 1 to 4 is expected: CPUs 0-3 may be used",
                "/host/timer_grain_ns a number above 0 is expected",
                "/options/cpus 0-1 were chosen, and 0-3 could be used",
                "/host/kinds/0/kind it is empty",
                "/host/kinds/0/cpus \"x\" stands where a list of CPUs is expected, such as 0,2-3",
            ]
        );
    }
}
