//! Making a stranger's text fit to print.

use std::borrow::Cow;

/// What stands for a character that does not belong on a screen.
const MARK: char = '\u{fffd}';

/// Whether a character belongs on no screen: it would move the cursor, change what a terminal does, or turn around in
/// which order the others are read. Line ends and tabs are none of them.
#[must_use]
pub fn is_unfit(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// A text in one line, whatever is in it: what does not belong there stands as one would write it in a program.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unfit(c) || matches!(c, '\n' | '\t') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The same JSON, but that a mark stands in its texts for every character that does not belong on a screen. It is what
/// strangers' texts go through when they come in, records and what adapters say, so that nobody who prints one has to
/// think of it.
#[must_use]
pub fn fit(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Vec<u8> = Vec::new();
    // What has been taken over.
    let (mut taken, mut at) = (0, 0);
    while let Some(found) = json[at..].iter().position(|byte| is_suspect(*byte)) {
        at += found;
        let (length, unfit) = character(&json[at..]);
        if unfit {
            out.extend_from_slice(&json[taken..at]);
            out.extend_from_slice(MARK.encode_utf8(&mut [0; 4]).as_bytes());
            taken = at + length;
        }
        at += length;
    }
    if taken == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(&json[taken..]);
    Cow::Owned(out)
}

/// What an escape of JSON begins with, or a character that may be unfit: DEL, and those of two and three bytes.
fn is_suspect(byte: u8) -> bool {
    matches!(byte, b'\\' | 0x7f | 0xc2 | 0xe2)
}

/// How many bytes the character has that begins here, and whether it is unfit.
fn character(json: &[u8]) -> (usize, bool) {
    let of = |text: &[u8]| {
        str::from_utf8(text)
            .ok()
            .and_then(|text| text.chars().next())
    };
    match json {
        [b'\\', b'u', digits @ ..] => {
            let digits = digits.get(..4).and_then(of_hexadecimal);
            let c = digits.and_then(char::from_u32);
            (
                if digits.is_some() { 6 } else { 2 },
                c.is_some_and(is_unfit),
            )
        }
        [b'\\', b'b' | b'f' | b'r', ..] => (2, true),
        // Two backslashes are one.
        [b'\\', _, ..] => (2, false),
        [0x7f, ..] => (1, true),
        [0xc2, _, ..] => (2, of(&json[..2]).is_some_and(is_unfit)),
        [0xe2, _, _, ..] => (3, of(&json[..3]).is_some_and(is_unfit)),
        _ => (1, false),
    }
}

fn of_hexadecimal(digits: &[u8]) -> Option<u32> {
    let is_digit = digits.iter().all(u8::is_ascii_hexdigit);
    let text = str::from_utf8(digits).ok().filter(|_| is_digit)?;
    u32::from_str_radix(text, 16).ok()
}

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
    fn what_is_shown_is_one_line_that_does_nothing() {
        assert_eq!(
            shown("a\nb\u{1b}[2J\u{202e}é\u{9b}"),
            "a\\nb\\u{1b}[2J\\u{202e}é\\u{9b}"
        );
    }

    fn text_of(json: &str) -> String {
        let fit = fit(json.as_bytes()).into_owned();
        serde_json::from_slice(&fit).unwrap()
    }

    #[test]
    fn what_belongs_on_no_screen_is_marked_in_json() {
        for (json, text) in [
            (r#""red \u001b[31m""#, "red \u{fffd}[31m"),
            (r#""\u001B\u001b""#, "\u{fffd}\u{fffd}"),
            (r#""a\rb\bc\fd""#, "a\u{fffd}b\u{fffd}c\u{fffd}d"),
            (r#""\u009b\u202E""#, "\u{fffd}\u{fffd}"),
            (
                "\"raw \u{7f}\u{9b}\u{2066}\"",
                "raw \u{fffd}\u{fffd}\u{fffd}",
            ),
        ] {
            assert_eq!(text_of(json), text, "{json}");
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for json in [
            r#""a\nb\tc\"\/\\\u0041""#,
            // A backslash, and then letters.
            r#""C:\\u001b\\r""#,
            // A pair that is one character beyond the others.
            r#""\ud83d\ude00""#,
            "\"½ é … ‘x’ × 😀\"",
            // No JSON: whoever reads it says so.
            r#""\u00"#,
            "\"\\",
        ] {
            assert!(matches!(fit(json.as_bytes()), Cow::Borrowed(_)), "{json}");
        }
        // Bytes that are no text, cut short.
        assert_eq!(*fit(b"\xc2\x80 \xe2\x80"), b"\xef\xbf\xbd \xe2\x80"[..]);
    }

    #[test]
    fn one_line_is_one_line_and_short() {
        assert_eq!(one_line(" a\nb\t c ", 80), "a b c");
        assert_eq!(one_line("ééééé", 3), "ééé…");
    }
}
