//! SPDX 2.2 and 2.3 as JSON.

use serde::Deserialize;

use super::{
    super::{
        Document,
        gather::Gathered,
        json::{Raw, Text, Words},
    },
    packages::{About, Listed},
};
use crate::Error;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Whole<'a> {
    spdx_version: Words,
    #[serde(borrow)]
    creation_info: Option<Raw<'a>>,
    #[serde(borrow)]
    packages: Option<Raw<'a>>,
    #[serde(borrow)]
    files: Option<Raw<'a>>,
    #[serde(borrow)]
    relationships: Option<Raw<'a>>,
    #[serde(borrow)]
    document_describes: Option<Raw<'a>>,
    #[serde(borrow)]
    has_extracted_licensing_infos: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Creation {
    created: Words,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct File {
    #[serde(rename = "SPDXID")]
    id: Words,
    file_name: Words,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: Words,
    relationship_type: Words,
    related_spdx_element: Words,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Licence {
    license_id: Words,
    name: Words,
    extracted_text: Words,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Package<'a> {
    #[serde(rename = "SPDXID")]
    id: Words,
    name: Words,
    version_info: Words,
    primary_package_purpose: Words,
    license_declared: Words,
    license_concluded: Words,
    source_info: Words,
    #[serde(borrow)]
    external_refs: Option<Raw<'a>>,
    #[serde(borrow)]
    annotations: Option<Raw<'a>>,
    #[serde(borrow)]
    attribution_texts: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Reference {
    reference_type: Words,
    reference_locator: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Annotation {
    comment: Words,
}

/// Reads a document.
///
/// # Errors
/// If its lists are none, or too long.
pub(in super::super) fn read<'a>(text: Text<'a>, raw: Raw<'a>) -> Result<Document, Error> {
    let malformed = |why| Error::malformed("SPDX document", why);
    let whole: Whole<'_> = text.typed(raw).map_err(malformed)?;
    let version = whole.spdx_version.0.trim_start_matches("SPDX-").to_owned();
    let mut out = Gathered::new(format!("SPDX {version}, as JSON"));
    let about = about(text, &whole, &mut out)?;
    out.created(about.created.clone());
    text.each("packages", whole.packages, &mut |at, raw| {
        let place = format!("packages[{at}]");
        let read = text.typed::<Package<'_>>(raw);
        let read = read.and_then(|it| listed(text, it, place.clone()).map_err(|it| it.to_string()));
        match read {
            Ok(listed) => about.add(&mut out, listed),
            Err(why) => {
                out.trouble(&place, format!("is no package: {why}"));
                Ok(())
            }
        }
    })?;
    Ok(out.finish())
}

/// What stands beside packages, and has to be known before them.
fn about<'a>(text: Text<'a>, whole: &Whole<'a>, out: &mut Gathered) -> Result<About, Error> {
    let mut about = About::default();
    let creation = whole.creation_info.and_then(|raw| text.typed::<Creation>(raw).ok());
    about.created = creation.and_then(|creation| creation.created.some());
    text.each("files", whole.files, &mut |_, raw| {
        let File { id, file_name } = text.typed(raw).unwrap_or_default();
        about.files.insert(id.0, file_name.0);
        Ok(())
    })?;
    text.each("hasExtractedLicensingInfos", whole.has_extracted_licensing_infos, &mut |_, raw| {
        let licence: Licence = text.typed(raw).unwrap_or_default();
        let words = licence.name.some().or(licence.extracted_text.some());
        about.licences.insert(licence.license_id.0, words.unwrap_or_default());
        Ok(())
    })?;
    text.each("documentDescribes", whole.document_describes, &mut |_, raw| {
        about.described.extend(text.typed::<Words>(raw).ok().and_then(Words::some));
        Ok(())
    })?;
    text.each("relationships", whole.relationships, &mut |_, raw| {
        let it: Relationship = text.typed(raw).unwrap_or_default();
        let (from, to) = (&it.spdx_element_id.0, &it.related_spdx_element.0);
        about.relate(out, from, &it.relationship_type.0, to);
        Ok(())
    })?;
    Ok(about)
}

fn listed<'a>(text: Text<'a>, package: Package<'a>, place: String) -> Result<Listed, Error> {
    let mut listed = Listed {
        place,
        id: package.id.0,
        name: package.name.0,
        version: package.version_info.0,
        purpose: package.primary_package_purpose.0,
        declared: package.license_declared.0,
        concluded: package.license_concluded.0,
        source_info: package.source_info.0,
        ..Listed::default()
    };
    text.each("externalRefs", package.external_refs, &mut |_, raw| {
        let reference: Reference = text.typed(raw).unwrap_or_default();
        if reference.reference_type.0 == "purl" && listed.purl.is_empty() {
            listed.purl = reference.reference_locator.0;
        }
        Ok(())
    })?;
    text.each("annotations", package.annotations, &mut |_, raw| {
        listed.lines.push(text.typed::<Annotation>(raw).unwrap_or_default().comment.0);
        Ok(())
    })?;
    text.each("attributionTexts", package.attribution_texts, &mut |_, raw| {
        listed.lines.extend(text.typed::<Words>(raw).ok().and_then(Words::some));
        Ok(())
    })?;
    Ok(listed)
}
