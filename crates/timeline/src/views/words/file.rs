//! What was done to a file: one sign, and a few words.

use super::{MAX_TEXT_BYTES, bytes, clip, error};
use crate::model::{Acts, FileActivity, Sensitivity};

/// The sign that stands for the weightiest of the acts: `+` created, `-` deleted, `±` both, `→`
/// renamed or linked, `~` changed, `x` run, `r` read; `✗` if every attempt failed.
pub fn glyph(file: &FileActivity) -> &'static str {
    let acts = file.acts;
    let made = Acts::CREATED | Acts::FOLDER | Acts::SYMLINKED;
    match () {
        () if file.error.is_some() => "✗",
        () if acts.contains(Acts::DELETED) && acts.intersects(made) => "±",
        () if acts.contains(Acts::DELETED) => "-",
        () if acts.intersects(made) => "+",
        () if acts.intersects(Acts::RENAMED | Acts::LINKED) => "→",
        () if acts.change() => "~",
        () if acts.intersects(Acts::EXECUTED | Acts::MAPPED) => "x",
        () => "r",
    }
}

/// The path, and the other one where there are two: `a → b`.
pub fn path(file: &FileActivity) -> String {
    let path = clip(&file.path, MAX_TEXT_BYTES);
    match &file.other {
        Some(other) => format!("{path} → {}", clip(other, MAX_TEXT_BYTES)),
        None => path,
    }
}

/// What was done, in the order in which it usually happens: `created, 48.2 KiB written, mode 0755`.
pub fn did(file: &FileActivity) -> String {
    let mut said: Vec<String> = Vec::new();
    for (act, word) in BEFORE.iter().filter(|(act, _)| file.acts.contains(*act)) {
        if !(*act == Acts::TRUNCATED && file.acts.contains(Acts::CREATED)) {
            said.push((*word).to_owned());
        }
    }
    said.extend(transferred(file));
    said.extend(file.mode.map(|mode| format!("mode {mode:04o}")));
    said.extend(file.owner.map(|(uid, gid)| format!("owner {uid}:{gid}")));
    for (act, word) in AFTER.iter().filter(|(act, _)| file.acts.contains(*act)) {
        let told = (*act == Acts::MODE && file.mode.is_some())
            || (*act == Acts::OWNER && file.owner.is_some());
        if !told {
            said.push((*word).to_owned());
        }
    }
    match file.error {
        Some(errno) => format!("{}: {}", said.join(", "), error(errno)),
        None => said.join(", "),
    }
}

/// What was done beside what the sign tells: `48.2 KiB written, mode 0755`.
pub fn did_beside_sign(file: &FileActivity) -> String {
    let did = did(file);
    match did.split_once(", ") {
        Some(("created", rest)) if glyph(file) == "+" => rest.to_owned(),
        _ => did,
    }
}

const BEFORE: [(Acts, &str); 4] = [
    (Acts::FOLDER, "folder made"),
    (Acts::CREATED, "created"),
    (Acts::SYMLINKED, "symbolic link made"),
    (Acts::TRUNCATED, "emptied"),
];

const AFTER: [(Acts, &str); 9] = [
    (Acts::MODE, "mode changed"),
    (Acts::OWNER, "owner changed"),
    (Acts::TIMES, "times set"),
    (Acts::LISTED, "listed"),
    (Acts::MAPPED, "loaded as code"),
    (Acts::EXECUTED, "run"),
    (Acts::LINKED, "hard link made"),
    (Acts::RENAMED, "renamed"),
    (Acts::DELETED, "deleted"),
];

/// `48.2 KiB written`, `1.2 KiB read`; without bytes only what nothing else says.
fn transferred(file: &FileActivity) -> Vec<String> {
    let mut said = Vec::new();
    match file.bytes_read {
        0 if file.acts == Acts::READ => said.push("read".to_owned()),
        0 => {}
        read => said.push(format!("{} read", bytes(read))),
    }
    match file.bytes_written {
        0 if file.acts - Acts::READ == Acts::WRITTEN => said.push("opened to write".to_owned()),
        0 => {}
        written => said.push(format!("{} written", bytes(written))),
    }
    said
}

/// Why it matters, in a word or two.
pub fn why_sensitive(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Credentials => "credentials",
        Sensitivity::Keys => "keys",
        Sensitivity::Persistence => "runs later",
        Sensitivity::Accounts => "accounts and rights",
        Sensitivity::Programs => "system program",
        Sensitivity::Traces => "logs and histories",
        Sensitivity::Temporary => "anyone may write there",
        Sensitivity::Kernel => "kernel and devices",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn file(acts: Acts) -> FileActivity {
        testing::file("/tmp/.x", acts, 0)
    }

    #[test]
    fn acts_have_one_sign_and_words_in_order() {
        let cases = [
            (Acts::READ, "r", "read"),
            (Acts::LISTED, "r", "listed"),
            (Acts::CREATED | Acts::WRITTEN | Acts::TRUNCATED, "+", "created"),
            (Acts::WRITTEN, "~", "opened to write"),
            (Acts::WRITTEN | Acts::TRUNCATED, "~", "emptied"),
            (Acts::CREATED | Acts::WRITTEN | Acts::DELETED, "±", "created, deleted"),
            (Acts::DELETED, "-", "deleted"),
            (Acts::RENAMED, "→", "renamed"),
            (Acts::SYMLINKED, "+", "symbolic link made"),
            (Acts::FOLDER, "+", "folder made"),
            (Acts::MAPPED | Acts::READ, "x", "loaded as code"),
            (Acts::MODE | Acts::TIMES, "~", "mode changed, times set"),
        ];
        for (acts, sign, words) in cases {
            assert_eq!((glyph(&file(acts)), did(&file(acts)).as_str()), (sign, words));
        }
    }

    #[test]
    fn bytes_modes_owners_and_failures_are_told() {
        let mut dropped = file(Acts::CREATED | Acts::WRITTEN | Acts::MODE | Acts::OWNER);
        dropped.bytes_written = 49_357;
        dropped.mode = Some(0o4755);
        dropped.owner = Some((0, 33));
        assert_eq!(did(&dropped), "created, 48.2 KiB written, mode 4755, owner 0:33");
        assert_eq!(did_beside_sign(&dropped), "48.2 KiB written, mode 4755, owner 0:33");
        assert_eq!(did_beside_sign(&file(Acts::CREATED)), "created");
        let mut refused = file(Acts::READ);
        refused.error = Some(13);
        assert_eq!((glyph(&refused), did(&refused)), ("✗", "read: permission denied".to_owned()));
    }

    #[test]
    fn both_paths_of_a_renaming_are_shown() {
        let mut renamed = file(Acts::RENAMED);
        renamed.other = Some("/tmp/a\nb".into());
        assert_eq!(path(&renamed), r"/tmp/.x → /tmp/a\nb");
    }
}
