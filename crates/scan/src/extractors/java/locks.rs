//! Lock files of Gradle (`group:artifact:version=configurations` lines) and of sbt (JSON, as
//! sbt-dependency-lock writes it).

use serde::Deserialize;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// What Gradle locked.
pub(crate) const GRADLE: Extractor = Extractor {
    name: "gradle-lock",
    about: "packages that Gradle locked",
    setting: Setting::Declared,
    files: &[Pattern::Suffix("gradle.lockfile")],
    extract: gradle,
};

/// What sbt locked.
pub(crate) const SBT: Extractor = Extractor {
    name: "sbt-lock",
    about: "packages that sbt locked",
    setting: Setting::Declared,
    files: &[Pattern::Name("build.sbt.lock")],
    extract: sbt,
};

fn gradle(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    input.lines(|_, line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let parts: Vec<&str> = line.split(':').collect();
        if let [group, artifact, rest] = parts[..] {
            let version = rest.split('=').next().unwrap_or_default();
            found.packages.push(Package::new(Kind::Maven, format!("{group}:{artifact}"), version));
        }
        Ok(())
    })
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    org: String,
    name: String,
    version: String,
    #[serde(default)]
    configurations: Vec<String>,
}

fn sbt(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = serde_json::from_slice(&input.bytes()?)
        .map_err(|error| Error::malformed("lock file of sbt", error))?;
    let is_needed = |it: &&Dependency| {
        it.configurations.iter().any(|name| matches!(name.as_str(), "compile" | "runtime"))
    };
    found.packages.extend(lock.dependencies.iter().filter(is_needed).map(|it| {
        Package::new(Kind::Maven, format!("{}:{}", it.org, it.name), it.version.as_str())
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn packages_of_gradle_are_listed() {
        let text = "# This is a Gradle generated file\ncom.example:a:1.2=classpath,runtime\norg.b:c:3\nempty=annotationProcessor\na:b:c:d\n";
        let expected = ["com.example:a 1.2", "org.b:c 3"];
        assert_eq!(listed(&GRADLE, "buildscript-gradle.lockfile", text), expected);
    }

    #[test]
    fn packages_of_sbt_are_listed_that_a_program_needs() {
        let text = r#"{"lockVersion":1,"dependencies":[
            {"org":"a","name":"b","version":"1","artifacts":[],"configurations":["compile","test"]},
            {"org":"a","name":"c","version":"2","configurations":["test"]},
            {"org":"a","name":"d","version":"3","configurations":["runtime"]}]}"#;
        assert_eq!(listed(&SBT, "build.sbt.lock", text), ["a:b 1", "a:d 3"]);
        let error = found(&SBT, "build.sbt.lock", "[").unwrap_err();
        assert!(error.to_string().starts_with("is no lock file of sbt: EOF"));
    }
}
