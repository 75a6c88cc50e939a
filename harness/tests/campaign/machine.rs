//! What is wrong with the machine that a run happens on.

use std::{fs, path::Path, time::Duration};

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sched::{CloneFlags, unshare},
};

/// A fault of the machine.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    /// The disk of the results has so many KiB.
    Full(u32),
    /// The disk of temporary files has so many.
    FullTemporary(u32),
    /// No file may have more blocks (of 512 bytes) than this, and the signal of it is ignored.
    LongestFile(u32),
    Descriptors(u32),
    ReadOnly,
    /// The results are taken away so long after the start.
    Gone(Duration),
    /// An adapter is.
    AdapterGone(Duration),
    StderrFull,
    StderrClosed,
    StdoutFull,
    StdoutClosed,
    StdinClosed,
    NoTemporary,
    NoHome,
    /// As `nohup` starts it.
    IgnoresHup,
}

/// Whether mounts of a thread's own can be made: then those of nobody else are changed, and all end with the process.
pub(super) fn apart() -> bool {
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    // With the thread's own view of files goes its own working directory.
    let flags = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_FS;
    unshare(flags).is_ok() && mount(None::<&str>, "/", None::<&str>, private, None::<&str>).is_ok()
}

impl Fault {
    /// Whether nobody hears what is said on standard error.
    pub(super) fn is_unheard(&self) -> bool {
        matches!(self, Self::StderrFull | Self::StderrClosed)
    }

    /// One that this thread can make.
    pub(super) fn drawn(random: &mut fastrand::Rng, mounts: bool, run: Duration) -> Self {
        let moment = |random: &mut fastrand::Rng| run.mul_f64(random.f64());
        loop {
            let fault = match random.u8(..15) {
                0 => Self::Full(4 * random.u32(1..=30)),
                1 => Self::FullTemporary(4),
                2 => Self::LongestFile(random.u32(0..=60)),
                3 => Self::Descriptors(random.u32(4..=40)),
                4 => Self::ReadOnly,
                5 => Self::Gone(moment(random)),
                6 => Self::AdapterGone(moment(random)),
                7 => Self::StderrFull,
                8 => Self::StderrClosed,
                9 => Self::StdoutFull,
                10 => Self::StdoutClosed,
                11 => Self::StdinClosed,
                12 => Self::NoTemporary,
                13 => Self::NoHome,
                _ => Self::IgnoresHup,
            };
            let mounted = matches!(
                fault,
                Self::Full(_) | Self::FullTemporary(_) | Self::ReadOnly
            );
            if mounts || !mounted {
                return fault;
            }
        }
    }

    /// Its name, without its numbers.
    pub(super) fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_lowercase()
    }

    /// What a shell does before it becomes the program, if it has to do anything.
    pub(super) fn shell(&self) -> Option<String> {
        let first = match self {
            // Else the first byte too many would end it by a signal.
            Self::LongestFile(blocks) => format!("trap '' XFSZ; ulimit -f {blocks}"),
            Self::Descriptors(number) => format!("ulimit -n {number}"),
            Self::StderrFull => "exec 2>/dev/full".to_owned(),
            Self::StderrClosed => "exec 2>&-".to_owned(),
            Self::StdoutFull => "exec >/dev/full".to_owned(),
            Self::StdoutClosed => "exec >&-".to_owned(),
            Self::StdinClosed => "exec <&-".to_owned(),
            Self::NoHome => "unset HOME USER LOGNAME HOSTNAME".to_owned(),
            Self::IgnoresHup => "trap '' HUP".to_owned(),
            _ => return None,
        };
        Some(format!("{first}; exec \"$@\""))
    }
}

/// A small disk of its own on a folder. Dropped, it is taken away.
pub(super) struct Disk(std::path::PathBuf);

impl Disk {
    pub(super) fn on(folder: &Path, kib: u32) -> Self {
        fs::create_dir_all(folder).unwrap();
        let size = format!("size={kib}k");
        mount(
            Some("none"),
            folder,
            Some("tmpfs"),
            MsFlags::empty(),
            Some(size.as_str()),
        )
        .unwrap();
        Self(folder.to_owned())
    }

    /// From now on nothing can be written to it.
    pub(super) fn freeze(&self) {
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(None::<&str>, &self.0, None::<&str>, flags, None::<&str>).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount2(&self.0, MntFlags::MNT_DETACH);
    }
}
