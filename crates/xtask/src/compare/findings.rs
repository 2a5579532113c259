//! What is known to be wrong, beside Trivy: the same targets, with the same advisories in both databases.
//!
//! `findings.py` makes Trivy's database of the real feeds at hand, and what to scan beside what
//! `scripts/targets` made.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{
    targets::{Kind, Target},
    tell,
    tools::Tool,
};
use crate::{
    Outcome,
    bench::{self, Run},
    root,
};

/// The folders of both databases.
struct Databases {
    ours: PathBuf,
    trivy: PathBuf,
}

/// Compares on every target, in `runs` turns; tells our own database. Where the real feeds are not at hand
/// nothing is compared, and there is none.
///
/// # Errors
/// If a tool fails.
pub(super) fn compare(
    targets: &[Target],
    runs: usize,
    scratch: &Path,
) -> Result<Option<PathBuf>, Box<dyn std::error::Error>> {
    let Some(data) = testkit::data().filter(|_| Tool::Trivy.is_there()) else {
        return Ok(None);
    };
    println!("\n**What is known to be wrong, by the same advisories**");
    let made = scratch.join("findings");
    let databases = databases(&data, &made, scratch)?;
    let list = Target::of(Kind::List, made.join("alma9.cdx.json"), "179 packages of AlmaLinux 9");
    let lock = |name| Target::of(Kind::Tree, made.join(name), name);
    let more = [list, lock("aya"), lock("quickwit"), lock("uv"), lock("vector")];
    for target in targets.iter().chain(&more) {
        one(target, &databases, runs, scratch)?;
    }
    Ok(Some(databases.ours))
}

fn databases(
    data: &Path,
    made: &Path,
    scratch: &Path,
) -> Result<Databases, Box<dyn std::error::Error>> {
    let python = bench::cache("tools")?.join("bin/python");
    let mut make = Command::new(python);
    make.arg(root().join("crates/xtask/src/compare/findings.py")).arg(data).arg(made);
    bench::measure(make)?;
    let databases = Databases { ours: scratch.join("advisories"), trivy: made.join("trivy") };
    let mut import = Command::new(Tool::Watchkeeper.program());
    import.args(["--quiet", "db", "import", "--db"]).arg(&databases.ours);
    for feed in ["osv", "rustsec-advisory-db.tar.gz"] {
        import.arg(data.join("advisories").join(feed));
    }
    import.arg(made.join("tracker.json"));
    bench::measure(import)?;
    Ok(databases)
}

fn one(target: &Target, databases: &Databases, runs: usize, scratch: &Path) -> Outcome {
    const TOOLS: [Tool; 2] = [Tool::Watchkeeper, Tool::Trivy];
    let mut results: Vec<Vec<Run>> = vec![Vec::new(); TOOLS.len()];
    // The first turn has everything read from the disk.
    for turn in 0..=runs {
        for (tool, results) in TOOLS.into_iter().zip(&mut results) {
            let output = File::create(scratch.join(tool.name()))?;
            let run = bench::measure_into(find(tool, target, databases)?, output)?;
            results.extend((turn > 0).then_some(run));
        }
    }
    let names = TOOLS.map(Tool::name);
    print!("{}", bench::table(&target.to_string(), "program", "ratio", &names, results));
    let [ours, theirs] = TOOLS.map(|tool| found(&scratch.join(tool.name())));
    differences(&ours?, &theirs?);
    Ok(())
}

/// A command that tells what is wrong with a target as JSON, with nothing remembered but the database.
fn find(tool: Tool, target: &Target, databases: &Databases) -> io::Result<Command> {
    let mut command = Command::new(tool.program());
    command.arg("--quiet");
    if tool == Tool::Watchkeeper {
        command.args(["scan", target.kind.ours(), "--format", "json", "--db"]).arg(&databases.ours);
    } else {
        match fs::remove_dir_all(databases.trivy.join("fanal")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (what, before) = target.kind.trivys();
        command.arg("--cache-dir").arg(&databases.trivy).arg(what);
        command.args(["--scanners", "vuln", "--format", "json", "--offline-scan"]);
        command.args(["--skip-db-update", "--skip-java-db-update", "--skip-files", "**/*.jar"]);
        command.args(before);
    }
    command.arg(&target.path);
    Ok(command)
}

/// What either writes: ours is a list of findings, Trivy's one of results with lists.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default, rename = "Results")]
    results: Vec<Results>,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default, rename = "Vulnerabilities")]
    findings: Vec<Theirs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Theirs {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    pkg_name: String,
    installed_version: String,
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    package: Package,
    #[serde(default)]
    nature: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

fn found(output: &Path) -> Result<Vec<Finding>, Box<dyn std::error::Error>> {
    let said: Said = serde_json::from_reader(BufReader::new(File::open(output)?))
        .map_err(|e| format!("{}: {e}", output.display()))?;
    let theirs = said.results.into_iter().flat_map(|result| result.findings).map(|it| Finding {
        id: it.id,
        aliases: Vec::new(),
        package: Package { name: it.pkg_name, version: it.installed_version },
        nature: String::new(),
    });
    Ok(said.findings.into_iter().chain(theirs).collect())
}

/// A flaw is the same by any of its names.
fn differences(ours: &[Finding], theirs: &[Finding]) {
    let key = |finding: &Finding, id: &str| {
        let version = finding.package.version.trim_start_matches("0:");
        format!("{} {version} {id}", finding.package.name)
    };
    let own = |finding: &Finding| key(finding, &finding.id);
    let all_of_ours: BTreeSet<String> = ours
        .iter()
        .flat_map(|it| it.aliases.iter().chain([&it.id]).map(move |id| key(it, id)))
        .collect();
    let all_of_theirs: BTreeSet<String> = theirs.iter().map(own).collect();
    println!("\n- watchkeeper: {} findings\n- trivy: {} findings", ours.len(), theirs.len());
    let only: BTreeSet<String> = ours
        .iter()
        .filter(|it| {
            !it.aliases.iter().chain([&it.id]).any(|id| all_of_theirs.contains(&key(it, id)))
        })
        .map(|it| format!("{} ({})", own(it), it.nature))
        .collect();
    tell("watchkeeper", "trivy", only.iter().collect());
    tell("trivy", "watchkeeper", all_of_theirs.difference(&all_of_ours).collect());
}
