//! Lists of packages, of every form: what is read of one, and written in each form that is written, can be
//! read again.

use scan::{Form, Purpose, Subject, sbom};

/// As a document, whose form its begin says.
pub(crate) fn run(data: &[u8]) {
    let document = match sbom::read(&mut &*data) {
        Ok(document) => document,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let subject = Subject {
        name: "fuzz".to_owned(),
        purpose: Purpose::Container,
        version: None,
        ids: Vec::new(),
        created: None,
        tool_version: "0".to_owned(),
    };
    for form in [Form::Json, Form::CycloneDx, Form::Spdx, Form::Spdx3] {
        let mut bytes = Vec::new();
        scan::write(form, &document.inventory, &subject, &mut bytes).expect("memory takes all");
        let again = sbom::read(&mut &*bytes).expect("what is written can be read");
        let (had, has) = (&document.inventory.packages, &again.inventory.packages);
        assert!(has.len() <= had.len(), "{form:?} has more packages");
        let is_told = !again.inventory.troubles.is_empty();
        assert!(had.is_empty() || !has.is_empty() || is_told, "{form:?} has lost packages");
    }
}
