//! The manifest at the top of a file, between two lines of dashes, as `cargo -Zscript` reads it and RFC 3503 describes it.
//!
//! The stable compiler does not take it, so it is taken out, and its lines are left empty: every other line keeps its number.

use std::fmt::Write as _;

/// A file in its two parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The manifest's lines, each with its number; `None` where there is no manifest.
    pub(super) manifest: Option<Vec<(usize, String)>>,
    /// The code: the whole file, with empty lines for those of the manifest.
    pub(super) code: String,
}

/// Takes a file apart.
///
/// # Errors
///
/// The number of a line and what is wrong with it.
pub(super) fn apart(text: &str) -> Result<Parts, (usize, String)> {
    let whole = || Parts {
        manifest: None,
        code: text.to_owned(),
    };
    let lines: Vec<&str> = text.lines().collect();
    let interpreted = |line: &&str| line.starts_with("#!") && !line.starts_with("#![");
    let skipped = usize::from(lines.first().is_some_and(interpreted));
    let blank = lines[skipped..]
        .iter()
        .take_while(|line| line.trim().is_empty());
    let opening = skipped + blank.count();
    let Some(first) = lines.get(opening).filter(|line| line.starts_with("---")) else {
        return Ok(whole());
    };
    let word = first.trim_start_matches('-');
    let dashes = &first[..first.len() - word.len()];
    match word.trim() {
        "" | "cargo" => {}
        other => {
            let why =
                format!("`{other}` stands after the dashes, where nothing or `cargo` is expected");
            return Err((opening + 1, why));
        }
    }
    let inside = &lines[opening + 1..];
    let Some(length) = inside.iter().position(|line| line.trim_end() == dashes) else {
        let why = format!("the manifest that begins here has no end: a line `{dashes}`");
        return Err((opening + 1, why));
    };
    let mut code = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        let of_manifest = (opening..=opening + 1 + length).contains(&index);
        let _ = writeln!(code, "{}", if of_manifest { "" } else { line });
    }
    let numbered = inside[..length].iter().enumerate();
    let manifest = numbered.map(|(index, line)| (opening + 2 + index, (*line).to_owned()));
    Ok(Parts {
        manifest: Some(manifest.collect()),
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_code_keep_their_numbers() {
        let text = "#!/usr/bin/env cargo\n\n---cargo\n[dependencies]\na = \"1\"\n---\nfn f() {}\n";
        let parts = apart(text).unwrap();
        let lines = [(4, "[dependencies]"), (5, "a = \"1\"")];
        let lines = lines.map(|(number, line)| (number, line.to_owned()));
        assert_eq!(parts.manifest.unwrap(), lines);
        assert_eq!(parts.code, "#!/usr/bin/env cargo\n\n\n\n\n\nfn f() {}\n");
    }

    #[test]
    fn without_a_manifest_the_file_is_as_it_was() {
        for text in ["", "fn f() {}", "#![allow(unused)]\n---\n", "// ---\n---\n"] {
            let parts = apart(text).unwrap();
            assert_eq!((parts.manifest, parts.code.as_str()), (None, text));
        }
    }

    #[test]
    fn longer_dashes_end_at_dashes_as_long() {
        let parts = apart("-----\n---\n-----\n").unwrap();
        assert_eq!(parts.manifest.unwrap(), [(2, "---".to_owned())]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let (line, why) = apart("\n---\n[dependencies]\n").unwrap_err();
        assert_eq!(line, 2);
        assert!(why.contains("no end"), "{why}");
        let (line, why) = apart("---json\n---\n").unwrap_err();
        assert_eq!(line, 1);
        assert!(why.contains("`json`"), "{why}");
    }
}
