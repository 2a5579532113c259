//! Forms of what a scan tells.

use advisories::report;
use clap::ValueEnum;

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// For programs: an object with findings, or with packages, layers and problems.
    Json,
    /// CycloneDX 1.6, as JSON, with vulnerabilities.
    Cyclonedx,
    /// SPDX 2.3, as JSON; packages alone.
    Spdx,
    /// SPDX 3.0.1, as JSON-LD; packages alone.
    Spdx3,
    /// SARIF 2.1.0, as GitHub's code scanning takes it; findings alone.
    Sarif,
    /// JUnit's XML; findings alone.
    Junit,
    /// Annotations of GitHub's workflows; findings alone.
    Github,
    /// One page that opens offline; findings alone.
    Html,
    /// OpenVEX 0.2.0; findings alone.
    Openvex,
}

impl Format {
    /// The form of a list of packages; in words why there is none.
    pub(super) fn of_packages(self) -> Result<Option<scan::Form>, &'static str> {
        Ok(Some(match self {
            Self::Table => return Ok(None),
            Self::Json => scan::Form::Json,
            Self::Cyclonedx => scan::Form::CycloneDx,
            Self::Spdx => scan::Form::Spdx,
            Self::Spdx3 => scan::Form::Spdx3,
            _ => return Err("this format is of findings: leave --list-packages out"),
        }))
    }

    /// The form of findings; in words why there is none.
    pub(super) fn of_findings(self) -> Result<Option<report::Form>, &'static str> {
        Ok(Some(match self {
            Self::Table => return Ok(None),
            Self::Json => report::Form::Json,
            Self::Cyclonedx => report::Form::CycloneDx,
            Self::Sarif => report::Form::Sarif,
            Self::Junit => report::Form::Junit,
            Self::Github => report::Form::Github,
            Self::Html => report::Form::Html,
            Self::Openvex => report::Form::OpenVex,
            Self::Spdx | Self::Spdx3 => {
                return Err("lists of packages have this format: give --list-packages");
            }
        }))
    }
}
