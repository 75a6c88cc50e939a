//! Making a stranger's text fit to print.

/// Without escape sequences and control characters, but with line ends and tabs.
pub fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour or the like: ESC [ … letter.
            if chars.next_if_eq(&'[').is_some() {
                while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
            }
        } else if c == '\n' || c == '\t' || !c.is_control() {
            out.push(c);
        }
    }
    out
}

/// As one line of so many characters at most.
pub fn one_line(text: &str, most: usize) -> String {
    let clean = without_controls(text);
    let mut words = clean.split_whitespace().fold(String::new(), |mut out, w| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(w);
        out
    });
    if let Some((cut, _)) = words.char_indices().nth(most) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_bells_go() {
        assert_eq!(
            without_controls("\u{1b}[1;31mred\u{1b}[0m\u{7}\r\n\tend\u{1b}"),
            "red\n\tend"
        );
    }

    #[test]
    fn one_line_is_one_line_and_short() {
        assert_eq!(one_line(" a\nb\t c ", 80), "a b c");
        assert_eq!(one_line("ééééé", 3), "ééé…");
    }
}
