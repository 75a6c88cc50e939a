//! Standard output: whether it shows colour and how wide it is, decided here and nowhere else.
//!
//! Text for people is always written with its colours. The stream takes them out again where they
//! are not wanted, so that nothing that makes text has to know.

use std::io::{IsTerminal as _, Write as _};

use anstream::ColorChoice;
use anyhow::Context as _;
use owo_colors::{OwoColorize as _, Style};

/// Columns where nobody says how many there are.
const COLUMNS: usize = 100;

/// With fewer columns than this no table can be read, so lines are as long even where the terminal breaks them.
const LEAST_COLUMNS: usize = 60;

/// Decides for the whole process; before that, colour is for terminals that want it.
pub fn choose_colour(choice: ColorChoice) {
    choice.write_global();
}

/// How many columns the terminal has that standard output goes to; `None` where it goes elsewhere.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    let terminal = std::io::stdout().is_terminal();
    let (width, _) = terminal_size::terminal_size().filter(|_| terminal)?;
    Some(usize::from(width.0).max(LEAST_COLUMNS))
}

/// How many columns lines for people may have; what is no terminal has 100.
#[must_use]
pub fn width() -> usize {
    terminal_width().unwrap_or(COLUMNS)
}

/// Writes data to standard output, byte by byte as it is.
///
/// # Errors
///
/// When it cannot be written; a reader that has seen enough (a closed pipe) is no error.
pub fn say(data: &(impl AsRef<[u8]> + ?Sized)) -> anyhow::Result<()> {
    written(std::io::stdout().lock().write_all(data.as_ref()))
}

/// Writes text for people to standard output, without its colours where none are wanted.
///
/// # Errors
///
/// As [`say`].
pub fn show(styled: &str) -> anyhow::Result<()> {
    written(anstream::stdout().lock().write_all(styled.as_bytes()))
}

/// What came of writing to standard output.
///
/// # Errors
///
/// As [`say`].
pub fn written(outcome: std::io::Result<()>) -> anyhow::Result<()> {
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// A text in a style. It must have its final width: escape codes would be counted as columns.
#[must_use]
pub fn painted(text: &str, style: Style) -> String {
    text.style(style).to_string()
}

/// A text without its colours.
#[must_use]
pub fn plain(styled: &str) -> String {
    anstream::adapter::strip_str(styled).to_string()
}

/// Breaks a line at spaces, the rest indented.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let fits = line.chars().count() + 1 + word.chars().count() <= width.max(40);
            if !line.is_empty() && !fits {
                lines.push(std::mem::replace(&mut line, "   ".to_owned()));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_the_text_stays() {
        let styled = format!("{}, or not", painted("red", Style::new().red()));
        assert_eq!(styled, "\u{1b}[31mred\u{1b}[0m, or not");
        assert_eq!(plain(&styled), "red, or not");
    }
}
