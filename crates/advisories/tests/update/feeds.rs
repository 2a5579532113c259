//! Feeds as they are published: in one file, in many, with lists of changes and hashes.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};

use advisories::update::States;

use crate::Fixture;

const OSV: &str = "/osv-vulnerabilities.storage.googleapis.com";
const VEX: &str = "/security.access.redhat.com/data/csaf/v2/vex";

/// A record of OSV that is mended in a version.
fn record(id: &str, ecosystem: &str, modified: &str, fixed: &str) -> String {
    json!({
        "id": id, "modified": modified,
        "affected": [{"package": {"ecosystem": ecosystem, "name": "left"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
    })
    .to_string()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Archives of real feeds, and then records that changed.
#[test]
fn archives_of_osv_are_fetched_once_and_then_what_changed() {
    let Some(data) = testkit::data() else { return };
    let fixture = Fixture::new();
    for (ecosystem, count) in [("PyPI", 2661), ("Go", 4291), ("AlmaLinux", 5637)] {
        let zip = fs::read(data.join(format!("advisories/osv/{ecosystem}/all.zip"))).unwrap();
        fixture.server.publish(&format!("{OSV}/{ecosystem}/all.zip"), zip);
        let list = "2024-10-02T00:00:00Z,X-1\n2024-10-01T00:00:00Z,X-2\n";
        fixture.server.publish(&format!("{OSV}/{ecosystem}/modified_id.csv"), list);
        assert_eq!(fixture.updated(&format!("osv:{ecosystem}")), (1, 0));
        let part = format!("osv-{}", ecosystem.to_lowercase());
        let there = fixture.advisories(&part).unwrap();
        assert!(there > count / 2 && there <= count, "{there}");
    }
    let before = fixture.advisories("osv-pypi").unwrap();
    fixture.server.requests();
    assert_eq!(fixture.updated("osv:PyPI"), (0, 1));
    assert_eq!(fixture.server.requests().len(), 1, "the list alone");
    let list = "2026-01-02T00:00:00Z,X-9\n2026-01-01T00:00:00Z,X-8\n2024-10-02T00:00:00Z,X-1\n";
    fixture.server.publish(&format!("{OSV}/PyPI/modified_id.csv"), list);
    let new = record("X-9", "PyPI", "2026-01-02T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/PyPI/X-9.json"), new);
    fixture.server.requests();
    let updated = fixture.update("osv:PyPI");
    assert_eq!((updated.changed, updated.failed.len()), (1, 0), "{updated:?}");
    let asked =
        || -> Vec<String> { fixture.server.requests().into_iter().map(|it| it.path).collect() };
    let paths = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{OSV}/PyPI/{name}")).collect()
    };
    assert_eq!(asked(), paths(&["modified_id.csv", "X-9.json", "X-8.json"]));
    assert_eq!(fixture.advisories("osv-pypi"), Some(before + 1));
    let [told] = &*updated.left_out else { panic!("{updated:?}") };
    assert!(told.contains("X-8.json: answers 404"), "{told}");
    // What is not there yet, or is broken, is asked for until it is.
    fixture.server.publish(&format!("{OSV}/PyPI/X-8.json"), "{\"id\": ");
    let updated = fixture.update("osv:PyPI");
    assert!(updated.left_out[0].contains("X-8.json"), "{updated:?}");
    assert!(asked().contains(&format!("{OSV}/PyPI/X-8.json")));
    let late = record("X-8", "PyPI", "2026-01-01T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/PyPI/X-8.json"), late);
    let updated = fixture.update("osv:PyPI");
    assert_eq!((updated.left_out.len(), fixture.advisories("osv-pypi")), (0, Some(before + 2)));
    asked();
    fixture.update("osv:PyPI");
    assert_eq!(asked(), paths(&["modified_id.csv"]), "nothing is asked for again");
}

#[test]
fn a_file_by_itself_succeeds_by_itself_and_what_a_mirror_lacks_is_told() {
    let fixture = Fixture::new();
    let first = record("X-1", "npm", "2026-01-01T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/npm/all.zip"), zip(&[("X-1.json".to_owned(), first)]));
    assert_eq!(fixture.updated("osv:npm"), (1, 0));
    let state = fixture.state("osv:npm");
    assert_eq!((state.tried.is_empty(), &*state.succeeded), (false, &*state.tried));
    let checked = || States::read(fixture.folder()).unwrap().checked("osv-npm").map(str::to_owned);
    assert_eq!(checked().as_deref(), Some("2026-11-27T00:00:00Z"));
    fixture.fails("osv:PyPI", "/PyPI/all.zip: is not there");
    let updated = fixture.update("osv");
    assert_eq!((updated.changed, updated.unchanged, updated.failed.len()), (0, 1, 0));
    assert!(updated.absent.len() > 10 && updated.absent.contains(&"PyPI".to_owned()));
    let missing = fixture.state("osv").missing();
    assert!(
        missing[0].starts_with("AlmaLinux, ") && missing[0].ends_with(" more: not there"),
        "{missing:?}"
    );
    let states = States::read(fixture.folder()).unwrap();
    assert!(
        states.feeds().all(|(name, _)| !name.contains(':')),
        "all of it tells that of each, too"
    );
}

#[test]
fn what_is_listed_and_never_there_is_missing_and_no_failure_for_ever() {
    let fixture = Fixture::new();
    let publish = |list: &str| fixture.server.publish(&format!("{OSV}/npm/modified_id.csv"), list);
    let first = record("X-1", "npm", "2026-01-01T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/npm/all.zip"), zip(&[("X-1.json".to_owned(), first)]));
    publish("2026-01-01T00:00:00Z,X-1\n");
    fixture.updated("osv:npm");
    publish("2026-01-02T00:00:00Z,X-2\n2026-01-01T00:00:00Z,X-1\n");
    for _ in 0..2 {
        let updated = fixture.update("osv:npm");
        assert!(updated.left_out[0].contains("X-2.json: answers 404"), "{updated:?}");
        assert_eq!(fixture.state("osv").missing(), Vec::<String>::new());
    }
    for times in [3, 4] {
        let updated = fixture.update("osv:npm");
        assert_eq!((updated.changed, updated.unchanged, updated.left_out.len()), (0, 1, 0));
        let missing = fixture.state("osv").missing();
        assert!(missing[0].contains("X-2.json: answers 404"), "{missing:?}");
        assert!(missing[0].ends_with(&format!("for {times} updates, though it is listed")));
        assert!(fixture.state("osv:npm").failed.is_empty());
    }
    // What is there, and broken, is a failure each time.
    fixture.server.publish(&format!("{OSV}/npm/X-2.json"), "{\"id\": ");
    for _ in 0..4 {
        assert_eq!(fixture.update("osv:npm").left_out.len(), 1);
    }
    let second = record("X-2", "npm", "2026-01-02T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/npm/X-2.json"), second);
    assert_eq!(fixture.updated("osv:npm"), (1, 0));
    assert_eq!((fixture.state("osv").missing().len(), fixture.advisories("osv-npm")), (0, Some(2)));
}

#[test]
fn a_feed_that_takes_back_all_of_its_records_is_not_believed() {
    let fixture = Fixture::new();
    let publish = |withdrawn: &str| {
        let all = (0..60).map(|at| {
            let text = record(&format!("X-{at}"), "npm", "2026-01-01T00:00:00Z", "1.0");
            (format!("X-{at}.json"), text.replacen('{', &format!("{{{withdrawn}"), 1))
        });
        fixture.server.publish(&format!("{OSV}/npm/all.zip"), zip(&all.collect::<Vec<_>>()));
    };
    publish("");
    assert_eq!(fixture.updated("osv:npm"), (1, 0));
    publish("\"withdrawn\": \"2026-01-02T00:00:00Z\", ");
    fixture.fails("osv:npm", "has 0 statements on packages, and there were 60");
    let entries = |fixture: &Fixture| fixture.database().parts()[0].header().entries;
    assert_eq!(entries(&fixture), 60);
}

#[test]
fn changes_to_come_do_not_hide_those_that_come_first() {
    let fixture = Fixture::new();
    let publish = |list: &str| fixture.server.publish(&format!("{OSV}/npm/modified_id.csv"), list);
    let first = record("X-1", "npm", "2026-01-01T00:00:00Z", "1.0");
    fixture.server.publish(&format!("{OSV}/npm/all.zip"), zip(&[("X-1.json".to_owned(), first)]));
    publish("9999-12-31T00:00:00Z,X-1\n");
    fixture.update("osv:npm");
    let second = record("X-2", "npm", "2026-11-28T00:00:00Z", "1.0");
    fixture.server.publish(
        &format!("{OSV}/npm/X-1.json"),
        record("X-1", "npm", "2026-01-01T00:00:00Z", "1.0"),
    );
    fixture.server.publish(&format!("{OSV}/npm/X-2.json"), second);
    publish("9999-12-31T00:00:00Z,X-1\n2026-11-28T00:00:00Z,X-2\n");
    fixture.update("osv:npm");
    assert_eq!(fixture.advisories("osv-npm"), Some(2));
}

#[test]
fn where_much_changed_all_is_fetched() {
    let fixture = Fixture::new();
    let publish = |count: usize| {
        let mut archive = Vec::new();
        let mut list = String::new();
        for at in 0..count {
            let time = format!("2026-01-01T00:{:02}:{:02}Z", at / 60, at % 60);
            list += &format!("{time},X-{at}\n");
            archive.push((format!("X-{at}.json"), record(&format!("X-{at}"), "npm", &time, "1.0")));
        }
        fixture.server.publish(&format!("{OSV}/npm/all.zip"), zip(&archive));
        fixture.server.publish(&format!("{OSV}/npm/modified_id.csv"), list);
    };
    publish(3);
    assert_eq!(fixture.updated("osv:npm"), (1, 0));
    publish(600);
    fixture.server.requests();
    assert_eq!(fixture.updated("osv:npm"), (1, 0));
    assert_eq!(fixture.server.requests().len(), 2);
    assert_eq!(fixture.advisories("osv-npm"), Some(600));
}

/// A ZIP archive without compression (APPNOTE 4.3).
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut table) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let mut common = Vec::new();
        for number in [20_u16, 0, 0, 0, 0x21] {
            common.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), text.len() as u32, text.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        table.extend(b"PK\x01\x02\x14\x00");
        table.extend(&common);
        table.extend([0; 10]);
        table.extend((out.len() as u32).to_le_bytes());
        table.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&table);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((table.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn a_hash_that_is_not_the_published_one_is_refused() {
    let fixture = Fixture::new();
    let base = "/nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-2024";
    let page = json!({"format": "NVD_CVE", "version": "2.0", "timestamp": "2026-01-01T00:00:00.000",
        "vulnerabilities": [{"cve": {"id": "CVE-2024-1", "descriptions": [], "lastModified": "2026-01-01T00:00:00.000"}}]})
    .to_string();
    let meta = |hash: &str| format!("lastModifiedDate:2026\r\nsize:9\r\nsha256:{hash}\r\n");
    fixture.server.publish(&format!("{base}.json.gz"), gz(page.as_bytes()));
    fixture.server.publish(&format!("{base}.meta"), meta(&"0".repeat(64)));
    fixture.fails("nvd:nvdcve-2.0-2024", "its SHA-256 is");
    assert_eq!(fixture.advisories("nvd"), None);
    let hash = sha256(page.as_bytes()).to_uppercase();
    fixture.server.publish(&format!("{base}.meta"), meta(&hash));
    assert_eq!(fixture.updated("nvd:nvdcve-2.0-2024"), (1, 0));
    assert_eq!(fixture.advisories("nvd"), Some(1));
    fixture.server.requests();
    assert_eq!(fixture.updated("nvd:nvdcve-2.0-2024"), (0, 1));
    assert_eq!(fixture.server.requests().len(), 1, "the hash alone");
    fixture.server.publish(&format!("{base}.meta"), "nothing");
    fixture.fails("nvd:nvdcve-2.0-2024", "has no SHA-256");
    assert_eq!(fixture.advisories("nvd"), Some(1));
}

/// Red Hat's form, as far as it is read.
fn vex(cve: &str, day: &str) -> String {
    let cpe = "cpe:/o:redhat:enterprise_linux:9";
    json!({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": cve,
            "publisher": {"name": "Red Hat Product Security"},
            "tracking": {"id": cve, "initial_release_date": day, "current_release_date": day}},
        "product_tree": {
            "branches": [{"category": "product_name", "name": "RHEL 9", "product": {"product_id": "9",
                "name": "RHEL 9", "product_identification_helper": {"cpe": cpe}}}],
            "relationships": []},
        "vulnerabilities": [{"cve": cve, "product_status": {}}],
    })
    .to_string()
}

fn archive(files: &[(&str, String)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    zstd::encode_all(tar.into_inner().unwrap().as_slice(), 1).unwrap()
}

#[test]
fn red_hats_archive_is_checked_and_what_changed_since_is_taken() {
    let fixture = Fixture::new();
    let day = "2026-11-20T00:00:00+00:00";
    let all = archive(&[
        ("2026/cve-2026-1.json", vex("CVE-2026-1", day)),
        ("2026/cve-2026-2.json", vex("CVE-2026-2", day)),
    ]);
    let name = "csaf_vex_2026-11-22.tar.zst";
    fixture.server.publish(&format!("{VEX}/archive_latest.txt"), format!("{name}\n"));
    fixture
        .server
        .publish(&format!("{VEX}/{name}.sha256"), format!("{}  {name}", sha256(b"other")));
    fixture.server.publish(&format!("{VEX}/{name}"), all.clone());
    let changes = "\"2026/cve-2026-3.json\",\"2026-11-23T10:00:00+00:00\"\n\"2026/cve-2026-1.json\",\"2026-11-20T00:00:00+00:00\"\n";
    fixture.server.publish(&format!("{VEX}/changes.csv"), changes);
    let new = vex("CVE-2026-3", "2026-11-23T10:00:00+00:00");
    fixture.server.publish(&format!("{VEX}/2026/cve-2026-3.json"), new);
    fixture.fails("redhat", "its SHA-256 is");
    assert_eq!(fixture.advisories("redhat"), None);
    fixture.server.publish(&format!("{VEX}/{name}.sha256"), sha256(&all));
    assert_eq!(fixture.updated("redhat"), (1, 0));
    assert_eq!(fixture.advisories("redhat"), Some(3));
    // A newer archive is not fetched where changes do.
    fixture.server.publish(&format!("{VEX}/archive_latest.txt"), "csaf_vex_2026-11-29.tar.zst");
    assert_eq!(fixture.updated("redhat"), (0, 1));
}

/// The feed has one archive under one name; how old it is, its server tells.
#[test]
fn of_red_hats_latest_archive_what_changed_since_it_was_made_is_taken() {
    let fixture = Fixture::new();
    let place = "/security.access.redhat.com/data/csaf/v2/vex-feed";
    let publish = |name: &str, bytes: Vec<u8>| {
        fixture.server.publish(&format!("{place}/{name}"), bytes);
    };
    let day = "2026-11-20T00:00:00+00:00";
    publish("archive_latest.txt", b"vex-archive.tar.zst\n".to_vec());
    let name = |at: usize| format!("2026/cve-2026-{at}.json");
    let statement = |at: usize| vex(&format!("CVE-2026-{at}"), day);
    publish("vex-archive.tar.zst", archive(&[(&name(1), statement(1)), (&name(2), statement(2))]));
    publish(&name(3), statement(3).into());
    let changes =
        [(3, "2026-11-23T10:00:00"), (2, "2026-11-21T23:59:59"), (1, "2026-11-20T00:00:00")];
    let changes = changes.map(|(at, time)| format!("\"{}\",\"{time}+00:00\"\n", name(at)));
    publish("changes.csv", changes.concat().into());
    fixture.server.date("Sun, 22 Nov 2026 00:00:00 GMT");
    fixture.server.requests();
    assert_eq!(fixture.updated("redhat"), (1, 0));
    assert_eq!(fixture.advisories("redhat"), Some(3));
    let asked: Vec<String> = fixture.server.requests().into_iter().map(|it| it.path).collect();
    assert!(!asked.contains(&format!("{place}/{}", name(2))), "{asked:?}");
    assert_eq!(fixture.updated("redhat"), (0, 1));
    // Where it can't be asked for, what there was before is not taken instead.
    publish("archive_latest.txt", b"../elsewhere.tar.zst".to_vec());
    fixture.fails("redhat", "names no archive");
    assert_eq!(fixture.advisories("redhat"), Some(3));
}

fn updateinfo(ids: &[&str]) -> Vec<u8> {
    let update = |id: &&str| {
        format!(
            "<update type=\"security\"><id>{id}</id><title>t</title><severity>medium</severity>\
             <issued date=\"2026-11-01\"/><references><reference type=\"cve\" id=\"CVE-2026-1\"/></references>\
             <pkglist><collection short=\"a\"><package name=\"left\" version=\"1\" release=\"2.amzn2023\" epoch=\"0\" \
             arch=\"x86_64\"/></collection></pkglist></update>"
        )
    };
    let updates: String = ids.iter().map(update).collect();
    gz(format!("<?xml version=\"1.0\"?><updates>{updates}</updates>").as_bytes())
}

#[test]
fn of_amazons_repositories_the_list_of_updates_is_taken() {
    let fixture = Fixture::new();
    let mirrors = "/cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list";
    fixture.fails("amazon", "no release has a list of mirrors");
    fixture.server.publish(mirrors, "\n");
    fixture.fails("amazon", "names no mirror");
    let publish = |place: &str, list: &[u8], hash: &str| {
        let index = format!(
            "<repomd><data type=\"updateinfo\"><checksum type=\"sha256\">{hash}</checksum>\
             <location href=\"repodata/u.xml.gz\"/></data></repomd>"
        );
        let base = format!("/cdn.amazonlinux.com/al2023/core/guids/{place}/x86_64");
        fixture.server.publish(mirrors, format!("https:/{base}/\n"));
        fixture.server.publish(&format!("{base}/repodata/repomd.xml"), index);
        fixture.server.publish(&format!("{base}/repodata/u.xml.gz"), list);
    };
    let first = updateinfo(&["ALAS2023-2026-001", "ALAS2023-2026-002"]);
    publish("a", &first, &sha256(b"other"));
    fixture.fails("amazon", "its SHA-256 is");
    publish("a", &first, &sha256(&first));
    assert_eq!(fixture.updated("amazon"), (1, 0));
    assert_eq!(fixture.advisories("amazon-linux-2023"), Some(2));
    fixture.server.requests();
    assert_eq!(fixture.updated("amazon"), (0, 1));
    let fetched = fixture.server.requests();
    assert!(!fetched.iter().any(|it| it.path.ends_with("u.xml.gz")), "{fetched:?}");
    // The next has another address, and what was known of the one before is not kept.
    let second = updateinfo(&["ALAS2023-2026-001", "ALAS2023-2026-002", "ALAS2023-2026-003"]);
    publish("b", &second, &sha256(&second));
    assert_eq!(fixture.updated("amazon"), (1, 0));
    assert_eq!(fixture.advisories("amazon-linux-2023"), Some(3));
    let state = std::fs::read_to_string(fixture.folder().join(".update/state.json")).unwrap();
    assert!(state.contains("/guids/b/") && !state.contains("/guids/a/"), "{state}");
}

#[test]
fn a_feed_of_many_files_has_those_that_its_page_lists() {
    let fixture = Fixture::new();
    let list = |release: &str, repo: &str| {
        json!({"distroversion": release, "reponame": repo, "urlprefix": "https://dl-cdn.alpinelinux.org/alpine",
            "apkurl": "{{urlprefix}}", "packages": [{"pkg": {"name": "left", "secfixes": {"1.0-r0": ["CVE-1"]}}}]})
        .to_string()
    };
    fixture.fails("alpine", "answers 404");
    let page = r#"<a href="v3.20/">v3.20/</a> <a href="v3.21/">v3.21/</a>"#;
    fixture.server.publish("/secdb.alpinelinux.org/", page);
    fixture.fails("alpine", "none of its files is there");
    for (release, repo) in [("v3.20", "main"), ("v3.20", "community"), ("v3.21", "main")] {
        let path = format!("/secdb.alpinelinux.org/{release}/{repo}.json");
        fixture.server.publish(&path, list(release, repo));
    }
    assert_eq!(fixture.updated("alpine"), (3, 0));
    assert_eq!(fixture.updated("alpine"), (0, 3));
    assert_eq!(fixture.advisories("alpine-v3.21-main"), Some(1));
    assert_eq!(fixture.updated("alpine:v3.20"), (0, 2));
    let updated = fixture.update("alpine:v9");
    assert_eq!(updated.failed, ["has no such file; there are v3.20, v3.21"]);
    let states = States::read(fixture.folder()).unwrap();
    assert!(states.feeds().all(|(name, _)| name != "alpine:v9"), "it is no failure that is kept");
}
