//! Sections between markers in a text that people write: `<!-- BEGIN name -->` to `<!-- END name -->`, each
//! alone on its line. What stands between them is made, and the rest is left as it is.

const BEGIN: &str = "<!-- BEGIN ";
const END: &str = "<!-- END ";
const CLOSE: &str = " -->";

/// The kinds of sections that a text has. A section's name is its kind, and what it is about if that is open:
/// `shows smol`.
pub(super) type Kinds = &'static [&'static str];

/// Puts every section in its place. Each of the kinds must be there, and every name once.
///
/// The error says where, beginning with `, line 3: ` or `: `, so that it can follow the file's name.
pub(super) fn splice(
    text: &str,
    kinds: Kinds,
    mut make: impl FnMut(&str) -> Result<String, String>,
) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut names: Vec<&str> = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let at = |what: String| format!(", line {number}: {what}");
        match (marker(line, BEGIN), marker(line, END), open) {
            (Some(name), _, None) => {
                if !kinds.contains(&kind(name)) {
                    return Err(at(format!(
                        "nothing makes a section `{name}`; there are {}",
                        kinds.join(", ")
                    )));
                }
                if names.contains(&name) {
                    return Err(at(format!("the section `{name}` begins a second time")));
                }
                names.push(name);
                open = Some((name, number));
                out.push_str(line);
            }
            (Some(name), _, Some((before, _))) => {
                return Err(at(format!(
                    "the section `{name}` begins before `{before}` has its end"
                )));
            }
            (None, Some(name), Some((begun, _))) if name == begun => {
                let made = make(name).map_err(at)?;
                if made
                    .lines()
                    .any(|l| marker(l, BEGIN).or(marker(l, END)).is_some())
                {
                    return Err(at(format!("the section `{name}` would hold a marker")));
                }
                out.push('\n');
                out.push_str(made.trim_end());
                out.push_str("\n\n");
                out.push_str(line);
                open = None;
            }
            (None, Some(name), _) => {
                return Err(at(format!("the section `{name}` ends and has not begun")));
            }
            (None, None, Some(_)) => {}
            (None, None, None) => out.push_str(line),
        }
    }
    if let Some((name, number)) = open {
        return Err(format!(
            ", line {number}: the section `{name}` begins and has no end: add `{END}{name}{CLOSE}`"
        ));
    }
    match kinds
        .iter()
        .find(|k| names.iter().all(|name| kind(name) != **k))
    {
        Some(missing) => Err(format!(
            ": it has no section `{missing}`: add `{BEGIN}{missing}{CLOSE}` and `{END}{missing}{CLOSE}`, each on a line of its own"
        )),
        None => Ok(out),
    }
}

/// The name of a marker that is all of a line.
fn marker<'a>(line: &'a str, which: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix(which)?.strip_suffix(CLOSE)
}

fn kind(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: Kinds = &["one", "two"];

    fn spliced(text: &str) -> Result<String, String> {
        splice(text, KINDS, |name| Ok(format!("made of {name}\n")))
    }

    const GOOD: &str = "a\n<!-- BEGIN one -->\nold\n<!-- END one -->\nb\n<!-- BEGIN two x -->\n<!-- END two x -->\n";

    #[test]
    fn what_lies_between_markers_is_made_and_the_rest_is_left() {
        let once = spliced(GOOD).unwrap();
        assert_eq!(
            once,
            "a\n<!-- BEGIN one -->\n\nmade of one\n\n<!-- END one -->\nb\n\
             <!-- BEGIN two x -->\n\nmade of two x\n\n<!-- END two x -->\n"
        );
        assert_eq!(
            spliced(&once).unwrap(),
            once,
            "a second time changes nothing"
        );
        // No line end at the end, and no marker that is not alone on its line.
        let text = format!("{GOOD}say `<!-- END one -->`");
        assert!(
            spliced(&text)
                .unwrap()
                .ends_with("\nsay `<!-- END one -->`")
        );
    }

    #[test]
    fn a_marker_that_is_not_right_is_one_line() {
        let wrong = |from: &str, to: &str| {
            assert!(GOOD.contains(from));
            spliced(&GOOD.replacen(from, to, 1)).unwrap_err()
        };
        insta::assert_snapshot!(wrong("<!-- BEGIN one -->\nold\n<!-- END one -->\n", ""), @": it has no section `one`: add `<!-- BEGIN one -->` and `<!-- END one -->`, each on a line of its own");
        insta::assert_snapshot!(wrong("<!-- BEGIN one -->\n", ""), @", line 3: the section `one` ends and has not begun");
        insta::assert_snapshot!(wrong("<!-- END one -->\n", ""), @", line 5: the section `two x` begins before `one` has its end");
        insta::assert_snapshot!(wrong("<!-- END two x -->\n", ""), @", line 6: the section `two x` begins and has no end: add `<!-- END two x -->`");
        insta::assert_snapshot!(wrong("two x", "one"), @", line 6: the section `one` begins a second time");
        insta::assert_snapshot!(wrong("BEGIN two x", "BEGIN three"), @", line 6: nothing makes a section `three`; there are one, two");
        insta::assert_snapshot!(wrong("END two x", "END two y"), @", line 7: the section `two y` ends and has not begun");
        let holds = splice(GOOD, KINDS, |_| Ok("<!-- END one -->".to_owned()));
        insta::assert_snapshot!(holds.unwrap_err(), @", line 4: the section `one` would hold a marker");
        let fails = splice(GOOD, KINDS, |name| Err(format!("{name} cannot be made")));
        insta::assert_snapshot!(fails.unwrap_err(), @", line 4: one cannot be made");
    }
}
