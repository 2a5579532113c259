//! Which file system belongs where (fstab(5)).

use crate::tidy;

/// A line of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mount {
    /// What is mounted: `UUID=…`, `LABEL=…`, `/dev/mapper/…`.
    pub(crate) what: String,
    /// Where, from the root of the tree.
    pub(crate) path: Vec<u8>,
}

/// Reads its lines; those that are none are left out.
pub(crate) fn parse(text: &[u8]) -> Vec<Mount> {
    String::from_utf8_lossy(text).lines().filter_map(mount).collect()
}

fn mount(line: &str) -> Option<Mount> {
    let mut fields = line.split_whitespace().filter(|_| !line.trim_start().starts_with('#'));
    let (what, place) = (unescape(fields.next()?), unescape(fields.next()?));
    let mut path = Vec::new();
    let is_place = place.starts_with('/') && tidy(place.as_bytes(), &mut path).is_ok();
    is_place.then(|| Mount { what: what.replace('"', ""), path })
}

/// Blanks are written as `\040`, tabs as `\011`.
fn unescape(field: &str) -> String {
    field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_belongs_where() {
        let text = b"# comment\nUUID=ab-12 / ext4 errors=remount-ro 0 1\n\nLABEL=\"my\\040data\" /srv/a\\040b xfs defaults\nUUID=x none swap sw 0 0\nproc\n/dev/mapper/vg-var /var/ ext4\nx /../etc ext4\n";
        let found: Vec<(String, String)> = parse(text)
            .into_iter()
            .map(|it| (it.what, String::from_utf8(it.path).unwrap()))
            .collect();
        let expected =
            [("UUID=ab-12", ""), ("LABEL=my data", "srv/a b"), ("/dev/mapper/vg-var", "var")];
        assert_eq!(found, expected.map(|(what, path)| (what.to_owned(), path.to_owned())));
    }
}
