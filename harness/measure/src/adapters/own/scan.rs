//! Which workload a file has. The program that is made around it must name it, and the compiler would tell too late.
//!
//! Only what stands at the top level can be named from outside, so the contents of every pair of brackets are passed
//! over: modules, functions, and macros with all that they may write.

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
    // Where brackets do not match the compiler says so, and better than we would.
    let words = top_level(&words).unwrap_or(words);
    let mut found: Vec<&str> = Vec::new();
    for at in 0..words.len() {
        if words[at..].starts_with(&["Workload", "for"]) {
            let name = implementor(&words[at + 2..])?;
            // Two under opposite conditions are one.
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    let name = match found[..] {
        [name] => name,
        [] => {
            return Err("there is no `impl Workload for ...` in it, outside of modules and macros: `harness new workload NAME` writes a file that has one".to_owned());
        }
        ref several => {
            return Err(format!(
                "{} workloads are in it ({}): keep one, and put the others into files of their own",
                several.len(),
                several.join(", ")
            ));
        }
    };
    let defined = words.windows(2).position(|pair| {
        matches!(pair[0], "struct" | "enum" | "union" | "type") && pair[1] == name
    });
    let Some(at) = defined else {
        return Err(format!(
            "`{name}` is not defined in it, outside of modules and macros: write `pub struct {name};`"
        ));
    };
    if at == 0 || words[at - 1] != "pub" {
        return Err(format!(
            "`{name}` is private: write `pub {} {name}`",
            words[at]
        ));
    }
    if words.get(at + 2) == Some(&"<") {
        return Err(with_parameters(name));
    }
    Ok(Workload {
        name: name.to_owned(),
        is_unit: words[at..].starts_with(&["struct", name, ";"]),
    })
}

/// The type that it is implemented for, whose path begins these words.
fn implementor<'a>(words: &[&'a str]) -> Result<&'a str, String> {
    let is_path = |word: &&&str| (is_name(word) && **word != "where") || **word == "::";
    let path: Vec<&str> = words.iter().take_while(is_path).copied().collect();
    let names: Vec<&str> = path.iter().copied().filter(|word| *word != "::").collect();
    let names = match names[..] {
        ["crate" | "self", ref names @ ..] => names,
        ref names => names,
    };
    match *names {
        [] => Err("`impl Workload for` what? A type of this file is expected, such as `pub struct Handler;`".to_owned()),
        [name] if words.get(path.len()) == Some(&"<") => Err(with_parameters(name)),
        [name] => Ok(name),
        [.., name] => Err(format!(
            "`{name}` is in a module: define it outside of any, with its `impl Workload`"
        )),
    }
}

fn with_parameters(name: &str) -> String {
    format!("`{name}` has parameters: implement `Workload` for a type without any")
}

/// The words outside of all brackets, of which those that open one are left; `None` where they do not match. What is
/// for tests alone is left out.
fn top_level<'a>(words: &[&'a str]) -> Option<Vec<&'a str>> {
    const FOR_TESTS: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut top: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut is_for_tests = false;
    for (at, word) in words.iter().enumerate() {
        if open.is_empty() && words[at..].starts_with(&FOR_TESTS) {
            is_for_tests = true;
        }
        if open.is_empty() && !is_for_tests {
            top.push(word);
        }
        match *word {
            "{" => open.push("}"),
            "(" => open.push(")"),
            "[" => open.push("]"),
            "}" | ")" | "]" if open.pop() != Some(*word) => return None,
            _ => {}
        }
        // An item ends with one of these.
        if open.is_empty() && matches!(*word, ";" | "}") {
            is_for_tests = false;
        }
    }
    open.is_empty().then_some(top)
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
    fn what_only_looks_like_a_workload_is_none() {
        // Each beside a real one, before it and after it.
        let beside = [
            "#[cfg(test)] mod tests { pub struct Fake; impl Workload for Fake {} }",
            "mod inner { pub struct Fake; impl workload_api::Workload for Fake {} }",
            "#[cfg(test)] pub struct Fake; #[cfg(test)] impl Workload for Fake { fn f() {} }",
            "#[cfg(test)] use a::{B, C}; #[cfg(test)] const D: [u8; 2] = [1; { 2 }];",
            "macro_rules! each { ($n:ident) => { pub struct $n; impl Workload for $n {} } }",
            "each!(Fake); other! { impl Workload for Fake {} } third![impl Workload for Fake {}];",
            "fn f() { struct Fake; impl Workload for Fake {} }",
            "const _: () = { struct Fake; impl Workload for Fake {} };",
            "impl<T: Workload> Other for Wrapped<T> where T: Workload {}",
            "fn run(w: impl Workload) -> impl Workload { w }",
            "fn run<W>(w: W) where W: Workload, for<'a> &'a W: Copy {}",
            "pub struct Realm; pub struct Unreal; impl WorkloadOf for Realm {}",
            "/// impl Workload for Fake {}\n//! impl Workload for Fake {}\n/** impl Workload for Fake */",
            "#[doc = \"impl Workload for Fake {}\"] struct Doc;",
            "const A: &str = \"a\\\\\"; const B: &str = \"\\\"impl Workload for Fake {}\"; ",
            "const A: &str = r##\"\"# impl Workload for Fake { \"##; const B: &CStr = c\"}\";",
            "const A: &CStr = cr#\"impl Workload for Fake { \"\"#; const B: &[u8] = br\"{\";",
            "const A: [char; 4] = ['{', '\\'', '\"', '\\\\']; const B: [u8; 3] = [b'{', b'\\'', b'\"'];",
            "fn f<'r, 'b>(r: &'r str, b: &'b str) -> &'r str { 'l: loop { break 'l r; } }",
            "fn f() { let _ = 1.max(2) / 3; /* /* { */ } // } */ let _ = 1..2; }",
            "fn f() { let r#type = b'}'; let _ = r#type; }",
            "struct r#Real; enum Other { Workload, For }",
        ];
        let real = "#[derive(Clone, Copy)]\npub struct Real;\nimpl Workload for Real {}\n";
        for other in beside {
            for code in [format!("{other}\n{real}"), format!("{real}{other}\n")] {
                assert_eq!(of(&code), ("Real".to_owned(), true), "{code}");
            }
        }
    }

    #[test]
    fn what_can_be_named_is_found() {
        let found = |code: &str, unit: bool| {
            assert_eq!(of(code), ("H".to_owned(), unit), "{code}");
        };
        found(
            "#!/usr/bin/env -S cargo '{'\npub struct H;\nimpl Workload for H {}",
            true,
        );
        found("impl Workload for H {}\n\npub struct H;", true);
        found("pub enum H { A }\nimpl Workload for H {}", false);
        found(
            "type Not = u8; pub type H = Other; struct Other; impl Workload for H {}",
            false,
        );
        found(
            "pub struct H\n(\nu8\n);\nimpl Workload\n/* of */ for // mine\nH\n{\n}",
            false,
        );
        // As one may have one for each system.
        let either = "#[cfg(unix)] pub struct H; #[cfg(not(unix))] pub struct H; \
                      #[cfg(unix)] impl Workload for H {} #[cfg(not(unix))] impl Workload for H {}";
        found(either, true);
        // The compiler says what is wrong here.
        found(
            "fn f() { if true {\n}\npub struct H;\nimpl Workload for H {}",
            true,
        );
        found("fn f() { (] }\npub struct H;\nimpl Workload for H {}", true);
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
        assert!(why("enum A {} impl Workload for A {}").contains("`pub enum A`"));
        assert!(why("pub(crate) struct A; impl Workload for A {}").contains("private"));
        assert!(why("pub(in a::b) struct A; impl Workload for A {}").contains("private"));
        assert!(why("impl Workload for A {}").contains("not defined"));
        assert!(why("mod m { pub struct A; } impl Workload for A {}").contains("not defined"));
        assert!(why("pub struct A<T>(T); impl<T> Workload for A<T> {}").contains("parameters"));
        assert!(why("pub struct A<T>(T); impl Workload for A {}").contains("parameters"));
        assert!(why("impl Workload for {}").contains("what?"));
        assert!(why("impl Workload for &A {}").contains("what?"));
        assert!(why("impl Workload for (A, B) {}").contains("what?"));
        let inner = "pub mod m { pub struct A; } impl Workload for m::A {}";
        assert!(
            why(inner).starts_with("`A` is in a module"),
            "{}",
            why(inner)
        );
        let hidden = "mod m { pub struct A; impl Workload for A {} }";
        assert!(why(hidden).contains("outside of modules and macros"));
    }
}
