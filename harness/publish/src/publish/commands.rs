//! The sections of docs/COMMANDS.md: what each command can be asked, as its own help has it.

use clap::{Arg, CommandFactory as _};
use harness::cli::Cli;

use harness_report::md::fenced;

/// More possible values than these are the program's to say.
const MOST_VALUES: usize = 8;

/// The options of a command, a line each, and what its help ends with; of the bare call where none is named.
pub(super) fn options(name: &str) -> Result<String, String> {
    let all = Cli::command();
    let command = match name {
        "" => &all,
        _ => all
            .find_subcommand(name)
            .ok_or_else(|| format!("no command is called `{name}`"))?,
    };
    let lines: Vec<String> = command.get_arguments().map(line).collect();
    let end = command.get_after_help().map(ToString::to_string);
    let end = end.map(|end| fenced(end.trim()));
    let parts = [lines.join("\n")].into_iter().chain(end);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    Ok(parts.join("\n\n"))
}

/// ``- `--rounds N`: Rounds [default: 7]``
fn line(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let values = values.iter().map(ToString::to_string);
    let value = values.collect::<Vec<_>>().join(" ");
    let name = match (arg.get_long(), arg.get_action().takes_values()) {
        (None, _) => value,
        (Some(long), true) => format!("--{long} {value}"),
        (Some(long), false) => format!("--{long}"),
    };
    let help = arg.get_long_help().or(arg.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let paragraphs = help
        .split("\n\n")
        .map(|one| one.trim().trim_end_matches('.').replace('\n', " "));
    let mut text = paragraphs.collect::<Vec<_>>().join(". ");
    let said = if arg.get_action().takes_values() {
        arg.get_possible_values()
    } else {
        Vec::new()
    };
    if (1..=MOST_VALUES).contains(&said.len()) {
        let names: Vec<&str> = said.iter().map(|value| value.get_name()).collect();
        text.push_str(&format!("; one of {}", names.join(", ")));
    }
    let defaults = arg.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        text.push_str(&format!(" [default: {}]", defaults.join(",")));
    }
    format!("- `{name}`: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_section_in_the_document() {
        let document = include_str!("../../../../docs/COMMANDS.md");
        let all = Cli::command();
        let names = all.get_subcommands().map(|one| one.get_name());
        for name in names.filter(|name| *name != "help") {
            let named = match name {
                // Its options are those of the bare call.
                "run" => "<!-- BEGIN options -->".to_owned(),
                _ => format!("<!-- BEGIN options {name} -->"),
            };
            assert!(document.contains(&named), "docs/COMMANDS.md lacks {named}");
            assert!(
                document.contains(&format!("## {name}\n")),
                "no heading {name}"
            );
        }
    }

    #[test]
    fn an_option_is_a_line() {
        insta::assert_snapshot!(options("timeline").unwrap(), @r"
        - `CELL`: The cells, for example smol/digest/spawn; what is left out of a name may be anything
        - `--from DIR`: The folder of the run [default: the newest in the folder `results`]
        ");
        let bare = options("").unwrap();
        let default = |line: &&str| {
            line.starts_with("- `--results DIR`: ") && line.ends_with(" [default: results]")
        };
        assert!(bare.lines().any(|line| default(&line)), "{bare}");
        assert!(bare.ends_with("```"), "{bare}");
        insta::assert_snapshot!(options("lst").unwrap_err(), @"no command is called `lst`");
    }
}
