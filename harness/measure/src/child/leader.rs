//! A process that leads all that it will start, as each operating system holds them together: a process group on Unix,
//! a job on Windows.

use std::{
    io,
    process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus},
};

#[cfg(windows)]
use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

/// A child, and with it all that it starts.
#[derive(Debug)]
pub(super) struct Leader {
    #[cfg(unix)]
    child: std::process::Child,
    #[cfg(windows)]
    child: Box<dyn ChildWrapper>,
}

#[cfg(unix)]
impl Leader {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let child = command.process_group(0).spawn()?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(super) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub(super) fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Whether the child itself has ended, whatever else lives.
    pub(super) fn look(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Kills them all. The leader may have gone and others be left: the kernel gives no new process the id of a group
    /// that has members.
    pub(super) fn kill(&mut self) {
        kill_group(self.id());
    }
}

#[cfg(windows)]
impl Leader {
    pub(super) fn start(command: Command) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        let child = command.wrap(JobObject).spawn()?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin().take()
    }

    pub(super) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout().take()
    }

    pub(super) fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr().take()
    }

    /// Whether the child itself has ended, whatever else lives.
    pub(super) fn look(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.inner_mut().try_wait()
    }

    /// Kills them all.
    pub(super) fn kill(&mut self) {
        // Not there any more: all the better.
        let _ = self.child.start_kill();
    }
}

/// Kills the group that a process leads.
#[cfg(unix)]
pub(super) fn kill_group(leader: u32) {
    use nix::{sys::signal, unistd::Pid};
    if let Ok(leader) = i32::try_from(leader) {
        // Not there any more: all the better.
        let _ = signal::killpg(Pid::from_raw(leader), signal::Signal::SIGKILL);
    }
}

/// A job ends with whoever holds it.
#[cfg(not(unix))]
pub(super) fn kill_group(_leader: u32) {}
