//! Which workload a file has. The program that is made around it must name it, and the compiler would tell too late.

/// The one workload of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Workload {
    /// The name of its type.
    pub(super) name: String,
    /// Whether the type's name is its only value.
    pub(super) is_unit: bool,
}

/// Finds it.
///
/// # Errors
///
/// One line: there is none, there are several, or it cannot be named from outside.
pub(super) fn workload(code: &str) -> Result<Workload, String> {
    let code = without_comments(code);
    let words = words(&code);
    let mut found: Vec<&str> = Vec::new();
    for at in words
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| (pair == ["Workload", "for"]).then_some(at))
    {
        let is_end = |word: &&&str| !is_name(word) && **word != "::";
        let path: Vec<&&str> = words[at + 2..]
            .iter()
            .take_while(|word| !is_end(word) && **word != "where")
            .collect();
        let Some(&&name) = path.last() else {
            return Err("`impl Workload for` what? A type of this file is expected, such as `pub struct Handler;`".to_owned());
        };
        if words.get(at + 2 + path.len()) == Some(&"<") {
            return Err(format!(
                "`{name}` has parameters: implement `Workload` for a type without any"
            ));
        }
        found.push(name);
    }
    let name = match found[..] {
        [name] => name,
        [] => {
            return Err("there is no `impl Workload for ...` in it: `harness new workload NAME` writes a file that has one".to_owned());
        }
        ref several => {
            return Err(format!(
                "{} workloads are in it ({}): keep one, and put the others into files of their own",
                several.len(),
                several.join(", ")
            ));
        }
    };
    let defined = words
        .windows(2)
        .position(|pair| matches!(pair[0], "struct" | "enum") && pair[1] == name);
    let is_public = |at: usize| at > 0 && words[at - 1] == "pub";
    match defined {
        Some(at) if is_public(at) => Ok(Workload {
            name: name.to_owned(),
            is_unit: words.get(at + 2) == Some(&";"),
        }),
        Some(at) => Err(format!(
            "`{name}` is private: write `pub {} {name}`",
            words[at]
        )),
        None => Err(format!(
            "`{name}` is not defined in it: write `pub struct {name};`"
        )),
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, and what stands between them: `::` as one, all else a character each.
fn words(code: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_name(rest) || first.is_numeric() {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            end.unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    words
}

/// The code with a space in the place of each comment, text and character.
fn without_comments(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    // What came before, to tell `r"` from the end of a name, as in `bar"`.
    let mut last = ' ';
    while let Some(first) = rest.chars().next() {
        let in_name = last.is_alphanumeric() || last == '_';
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n'),
            '/' if rest.starts_with("/*") => Some(comment(rest)),
            '"' => Some(text(rest)),
            'r' if !in_name && raw(rest).is_some() => raw(rest),
            'b' | 'c' if !in_name && rest[1..].starts_with('"') => Some(1 + text(&rest[1..])),
            'b' | 'c' if !in_name && rest[1..].starts_with('r') && raw(&rest[1..]).is_some() => {
                raw(&rest[1..]).map(|length| length + 1)
            }
            '\'' => character(rest),
            _ => {
                out.push(first);
                last = first;
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        // What is not closed goes to the end; a lifetime's mark is one character.
        let length = skipped.unwrap_or(if first == '\'' { 1 } else { rest.len() });
        out.push(' ');
        last = ' ';
        rest = &rest[length..];
    }
    out
}

/// The length of a comment between `/*` and `*/`, with those that are nested in it.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a text in quotes.
fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a raw text, if this is one.
fn raw(rest: &str) -> Option<usize> {
    let marks = rest[1..].chars().take_while(|&c| c == '#').count();
    let inside = rest[1 + marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(2 + marks + length)
}

/// The length of a character in quotes, if this is one and no lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut inside = rest[1..].chars();
    match inside.next()? {
        '\\' => {
            let end = rest.char_indices().skip(3).find(|(_, c)| *c == '\'');
            end.map(|(at, _)| at + 1)
        }
        c => (inside.next() == Some('\'')).then_some(2 + c.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> (String, bool) {
        let found = workload(code).unwrap();
        (found.name, found.is_unit)
    }

    #[test]
    fn the_one_workload_is_found() {
        let unit = "#[derive(Clone, Copy)]\npub struct Handler;\nimpl Workload for Handler {}";
        assert_eq!(of(unit), ("Handler".to_owned(), true));
        let fields = "pub struct H { n: u32 }\nimpl workload_api::Workload for crate::H {}";
        assert_eq!(of(fields), ("H".to_owned(), false));
        let tuple = "pub struct H(u32); impl Workload for self::H where {}";
        assert_eq!(of(tuple), ("H".to_owned(), false));
    }

    #[test]
    fn comments_and_texts_are_no_code() {
        let code = r####"
            // impl Workload for A {}
            /* impl /* Workload */ for B: impl Workload for B */
            const T: &str = "impl Workload for C \" impl Workload for D";
            const R: &str = r#"impl Workload for "E"#;
            const B: &[u8] = br"impl Workload for F\";
            const C: [char; 3] = ['"', '\'', '\u{22}'];
            fn bar<'a>(x: &'a str) -> &'a str { x }
            pub struct Real;
            impl Workload for Real {}
        "####;
        assert_eq!(of(code), ("Real".to_owned(), true));
        // Not closed.
        assert!(workload("\"impl Workload for A").is_err());
        assert!(workload("/* impl Workload for A").is_err());
        assert!(workload("r#\"impl Workload for A").is_err());
        assert!(workload("'").is_err());
    }

    #[test]
    fn what_cannot_be_named_is_said() {
        let why = |code: &str| workload(code).unwrap_err();
        assert!(why("fn main() {}").contains("`harness new workload NAME`"));
        let two = "pub struct A; pub struct B; impl Workload for A {} impl Workload for B {}";
        assert!(
            why(two).starts_with("2 workloads are in it (A, B)"),
            "{}",
            why(two)
        );
        assert!(why("struct A; impl Workload for A {}").contains("`pub struct A`"));
        assert!(why("pub(crate) struct A; impl Workload for A {}").contains("private"));
        assert!(why("impl Workload for A {}").contains("not defined"));
        assert!(why("pub struct A<T>(T); impl<T> Workload for A<T> {}").contains("parameters"));
        assert!(why("impl Workload for {}").contains("what?"));
    }
}
