//! SPDX 2.2 and 2.3 as tags with values: a line each, or several between `<text>` and `</text>`.

use super::{
    super::{Document, gather::Gathered},
    packages::{About, Listed},
};
use crate::Error;

/// Reads a document.
///
/// # Errors
/// If it has too many packages, or a text has no end.
pub(in super::super) fn read(bytes: &[u8]) -> Result<Document, Error> {
    let text = String::from_utf8_lossy(bytes);
    let (mut version, mut about) = (String::new(), About::default());
    let mut relationships = Vec::new();
    // Files and licences may stand behind packages, so that these are read in a second run.
    let (mut file, mut licence) = (String::new(), String::new());
    each(&text, &mut |_, tag, value| {
        let value_of = || value.to_owned();
        match tag {
            "SPDXVersion" => version = value.trim_start_matches("SPDX-").to_owned(),
            "Created" => about.created = Some(value_of()),
            "FileName" => file = value_of(),
            "PackageName" => file.clear(),
            "SPDXID" if !file.is_empty() => {
                about.files.insert(value_of(), std::mem::take(&mut file));
            }
            "LicenseID" => licence = value_of(),
            "LicenseName" | "ExtractedText" if !licence.is_empty() => {
                about.licences.entry(licence.clone()).or_insert_with(value_of);
            }
            "Relationship" => relationships.push(value),
            _ => {}
        }
        Ok(())
    })?;
    let mut out = Gathered::new(format!("SPDX {version}, as tags with values"));
    out.created(about.created.clone());
    for relationship in relationships {
        let mut words = relationship.split_whitespace();
        if let (Some(from), Some(kind), Some(to)) = (words.next(), words.next(), words.next()) {
            about.relate(&mut out, from, kind, to);
        }
    }
    packages(&text, &about, &mut out)?;
    Ok(out.finish())
}

fn packages(text: &str, about: &About, out: &mut Gathered) -> Result<(), Error> {
    let mut open: Option<Listed> = None;
    each(text, &mut |line, tag, value| {
        match tag {
            "PackageName" => {
                let new = Listed {
                    place: format!("line {line}"),
                    name: value.to_owned(),
                    ..Listed::default()
                };
                if let Some(whole) = open.replace(new) {
                    about.add(out, whole)?;
                }
            }
            "FileName" | "LicenseID" | "SnippetSPDXID" => {
                if let Some(whole) = open.take() {
                    about.add(out, whole)?;
                }
            }
            _ => {
                if let Some(listed) = &mut open {
                    field(listed, tag, value);
                }
            }
        }
        Ok(())
    })?;
    open.map_or(Ok(()), |whole| about.add(out, whole))
}

fn field(listed: &mut Listed, tag: &str, value: &str) {
    let value_of = || value.to_owned();
    match tag {
        "SPDXID" => listed.id = value_of(),
        "PackageVersion" => listed.version = value_of(),
        "PrimaryPackagePurpose" => listed.purpose = value_of(),
        "PackageLicenseDeclared" => listed.declared = value_of(),
        "PackageLicenseConcluded" => listed.concluded = value_of(),
        "PackageSourceInfo" => listed.source_info = value_of(),
        "PackageAttributionText" | "AnnotationComment" => listed.lines.push(value_of()),
        "ExternalRef" if listed.purl.is_empty() => {
            let mut words = value.split_whitespace().skip(1);
            if words.next() == Some("purl") {
                listed.purl = words.next().unwrap_or_default().to_owned();
            }
        }
        _ => {}
    }
}

/// Calls `take` with each tag, the number of its line and its value.
fn each<'a>(
    text: &'a str,
    take: &mut dyn FnMut(usize, &'a str, &'a str) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut rest, mut number) = (text, 0);
    while !rest.is_empty() {
        number += 1;
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let Some((tag, value)) = line.split_once(':') else { continue };
        if tag.starts_with('#') {
            continue;
        }
        let (tag, value) = (tag.trim(), value.trim());
        let Some(inner) = value.strip_prefix("<text>") else {
            take(number, tag, value)?;
            continue;
        };
        if let Some((inner, _)) = inner.split_once("</text>") {
            take(number, tag, inner.trim())?;
            continue;
        }
        let start = (inner.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let whole = text.get(start..).unwrap_or_default();
        let why = || Error::Line { line: number, why: "its <text> has no end".to_owned() };
        let (inner, _) = whole.split_once("</text>").ok_or_else(why)?;
        take(number, tag, inner.trim())?;
        let lines = inner.matches('\n').count();
        number += lines;
        for _ in 0..lines {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }
    Ok(())
}
