//! Texts of strangers within Markdown: what a record says of its machine, its command and its failures is shown, and
//! does nothing.

/// As text: no HTML, no link, no picture, no code that ends elsewhere, and in one line.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A name in backticks, as compilers and panics write it, ends where it began. What does not would take in what
    // follows, or let out what stands in backticks there.
    let in_pairs = longest_run(text) == 1 && text.matches('`').count().is_multiple_of(2);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '`' if in_pairs => out.push(c),
            '\\' | '<' | '&' | '`' => out.extend(['\\', c]),
            // Of a link or a picture; an interval in brackets stays as it is.
            '(' | '[' if before == ']' => out.extend(['\\', c]),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// As a cell of a table.
#[must_use]
pub fn cell(stranger: &str) -> String {
    text(stranger).replace('|', "\\|")
}

/// As a piece of code within a line, whatever is in it.
#[must_use]
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    match longest_run(&text) {
        0 => format!("`{text}`"),
        run => {
            let fence = "`".repeat(run + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// As a block of code, whatever is in it.
#[must_use]
pub fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c: char| c != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_does_nothing() {
        for (stranger, shown) in [
            ("<img src=x>", "\\<img src=x>"),
            ("&lt;b&gt;", "\\&lt;b\\&gt;"),
            ("a\n\n# b\tc", "a  # b c"),
            ("![p](http://x)", "![p]\\(http://x)"),
            ("[a][b]", "[a]\\[b]"),
            ("a\\<b", "a\\\\\\<b"),
            ("`<b>", "\\`\\<b>"),
            ("``<b>` `", "\\`\\`\\<b>\\` \\`"),
        ] {
            assert_eq!(text(stranger), shown, "{stranger}");
        }
        for ours in [
            "1.02 times as long [0.99, 1.05] (n = 12), at most 2; Intel(R) Xeon(R) @ 2.20GHz",
            "panics: without calling `set` first",
        ] {
            assert_eq!(text(ours), ours);
        }
        assert_eq!(cell("a|<b"), "a\\|\\<b");
    }

    #[test]
    fn code_is_code_whatever_is_in_it() {
        assert_eq!(code("harness run"), "`harness run`");
        assert_eq!(code("a `b`\n\n<c>"), "`` a `b`  <c> ``");
        assert_eq!(fenced("```\n<b>"), "````text\n```\n<b>\n````");
    }
}
