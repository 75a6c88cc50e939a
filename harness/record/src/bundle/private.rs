//! What a record leaves out: who ran it, and on which host.
//!
//! The command line, error messages and what an adapter said before it fell over may all hold paths.
//! They are kept, with `~` for the home directory, `USER` for the user's name where it is a part of a
//! path or an address, and `HOST` for the host's. A note is left as it is: whoever wrote it chose to.

use std::env;

/// What is to be left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Private {
    home: Option<String>,
    user: Option<String>,
    host: Option<String>,
}

impl Private {
    /// Of whoever runs this process, as the environment and the kernel say.
    pub(super) fn here() -> Self {
        // As the command line is written down: what is no text has marks in its place.
        let value = |name: &&str| Some(env::var_os(name)?.to_string_lossy().into_owned());
        let of = |names: &[&str]| names.iter().find_map(value);
        #[cfg(unix)]
        let host = nix::sys::utsname::uname()
            .ok()
            .and_then(|names| Some(names.nodename().to_str()?.to_owned()));
        #[cfg(not(unix))]
        let host = of(&["COMPUTERNAME"]);
        Self::of(
            of(&["HOME", "USERPROFILE"]),
            of(&["USER", "LOGNAME", "USERNAME"]),
            host,
        )
    }

    fn of(home: Option<String>, user: Option<String>, host: Option<String>) -> Self {
        let home = home.map(|home| home.trim_end_matches(['/', '\\']).to_owned());
        Self {
            home: home.filter(|home| !home.is_empty()),
            user: user.filter(|user| !user.is_empty()),
            // A name that every host has names none, and one letter is in every text.
            host: host.filter(|host| host.len() > 1 && host != "localhost"),
        }
    }

    /// Takes it out of a text.
    pub(super) fn scrub(&self, text: &mut String) {
        if let Some(home) = &self.home {
            replace(text, home, "~", |before, after| {
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            });
        }
        if let Some(user) = &self.user {
            let separates = |c: char| matches!(c, '/' | '\\');
            replace(text, user, "USER", |before, after| {
                before.is_some_and(separates) && !after.is_some_and(is_word)
                    || !before.is_some_and(is_word) && after == Some('@')
            });
        }
        if let Some(host) = &self.host {
            replace(text, host, "HOST", |before, after| {
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            });
        }
    }
}

/// What a name may go on with.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Puts `with` for `what` wherever the characters around it allow.
fn replace(
    text: &mut String,
    what: &str,
    with: &str,
    allow: impl Fn(Option<char>, Option<char>) -> bool,
) {
    let found = text.match_indices(what).filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + what.len()..].chars().next();
        allow(before, after)
    });
    let found: Vec<usize> = found.map(|(at, _)| at).collect();
    for at in found.into_iter().rev() {
        text.replace_range(at..at + what.len(), with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        let owned = |text: &str| Some(text.to_owned());
        let private = Private::of(owned("/places/ada/"), owned("ada"), owned("engine-7"));
        let mut text = text.to_owned();
        private.scrub(&mut text);
        text
    }

    #[test]
    fn a_home_a_user_and_a_host_are_left_out() {
        for (text, expected) in [
            ("/places/ada/results", "~/results"),
            ("--out=/places/ada", "--out=~"),
            ("/places/ada: no such file", "~: no such file"),
            ("/mnt/ada/x and /mnt/ada", "/mnt/USER/x and /mnt/USER"),
            ("C:\\Users\\ada\\x", "C:\\Users\\USER\\x"),
            ("ada@engine-7: refused", "USER@HOST: refused"),
            ("on engine-7.example: refused", "on HOST.example: refused"),
        ] {
            assert_eq!(scrubbed(text), expected);
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            "/places/adam/x",
            "/elsewhere/places/adamant",
            "an adage of ada",
            "/mnt/ada-2/x",
            "engine-75 and my-engine-7",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn nothing_is_known_of_a_process_without_a_home() {
        let private = Private::of(Some("/".to_owned()), None, Some("localhost".to_owned()));
        let mut text = "/ and /x on localhost".to_owned();
        private.scrub(&mut text);
        assert_eq!(text, "/ and /x on localhost");
    }
}
