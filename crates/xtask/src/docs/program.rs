//! Pages that the program prints about itself.

use std::{error::Error, process::Command};

use crate::root;

/// The page of fields.
pub(super) fn fields() -> Result<String, Box<dyn Error>> {
    watchkeeper(&["fields", "--format", "markdown"])
}

/// The page of the configuration file.
pub(super) fn configuration() -> Result<String, Box<dyn Error>> {
    watchkeeper(&["config", "keys", "--format", "markdown"])
}

/// The page of the command line: the help of every command, depth first.
pub(super) fn command_line() -> Result<String, Box<dyn Error>> {
    let mut page = "# Command line\n".to_owned();
    let mut left: Vec<Vec<String>> = vec![vec![]];
    while let Some(command) = left.pop() {
        let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
        args.push("--help");
        let help = watchkeeper(&args)?;
        let name = ["watchkeeper"].into_iter().chain(command.iter().map(String::as_str));
        let name = name.collect::<Vec<_>>().join(" ");
        let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        page += &format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n"));
        let below = commands(&help).map(|verb| [&command[..], &[verb.to_owned()]].concat());
        left.extend(below.collect::<Vec<_>>().into_iter().rev());
    }
    Ok(page)
}

/// The commands that a help text lists.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  "))
        // Deeper lines go on with the words of the one before.
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
}

/// What the program prints for these arguments.
fn watchkeeper(args: &[&str]) -> Result<String, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "watchkeeper", "--"])
        .args(args)
        .current_dir(root())
        .env("COLUMNS", "100")
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("watchkeeper {}: {}", args.join(" "), said.trim_end()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_a_help_text_are_found() {
        let help = "Usage: x <COMMAND>\n\nCommands:\n  replay  Replay it\n          whole\n  help    Print\n\nOptions:\n  -q  Quiet\n";
        assert_eq!(commands(help).collect::<Vec<_>>(), ["replay"]);
        assert_eq!(commands("Usage: x\n").count(), 0);
    }
}
