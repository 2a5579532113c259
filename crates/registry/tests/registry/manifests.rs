//! Manifests and indices: which image is meant, and what is none.

use image::{Digest, Reference};
use serde_json::json;

use crate::{
    server::{Body, Reply},
    stock::{INDEX, Stock, open, open_with, refused, settings, walked},
};

fn index(manifests: &[serde_json::Value]) -> serde_json::Value {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
}

fn of(mut descriptor: serde_json::Value, os: &str, architecture: &str) -> serde_json::Value {
    descriptor["platform"] = json!({"os": os, "architecture": architecture});
    descriptor
}

#[test]
fn an_index_leads_to_the_image_of_a_platform() {
    let mut stock = Stock::default();
    let attestation = stock.image("unknown/unknown", &["attestation"]);
    let amd64 = stock.image("linux/amd64", &["amd64"]);
    let arm64 = stock.image("linux/arm64", &["arm64"]);
    let listed = [
        of(stock.manifest(&attestation), "unknown", "unknown"),
        of(stock.manifest(&arm64), "linux", "arm64"),
        of(stock.manifest(&amd64), "linux", "amd64"),
    ];
    let inner = stock.manifest(&index(&listed));
    stock.tag("1", index(&[inner]));
    let server = stock.serve();
    let name = Reference::parse(&format!("{}/app:1", server.host)).unwrap();
    let open = |platform: &str| registry::open(&name, Some(&platform.parse().unwrap()), settings());
    assert_eq!(walked(&open("linux/amd64").unwrap()).0, ["amd64"]);
    assert_eq!(walked(&open("linux/arm64").unwrap()).0, ["arm64"]);
    let why = refused(open("linux/s390x"));
    assert!(why.ends_with("choose one with --platform: linux/arm64, linux/amd64"), "{why}");
}

#[test]
fn an_image_for_another_platform_is_refused() {
    let mut stock = Stock::default();
    let arm64 = stock.image("linux/arm64", &["arm64"]);
    stock.tag("1", arm64);
    let why = refused(open(&stock.serve()));
    assert_eq!(why, "there is no image for linux/amd64, only one for linux/arm64");
}

#[test]
fn a_digest_counts_before_the_tag() {
    let mut stock = Stock::with_app();
    let other = stock.image("linux/amd64", &["other"]);
    let descriptor = stock.manifest(&other);
    let digest = descriptor["digest"].as_str().unwrap().to_owned();
    let server = stock.serve();
    let image = open_with(&server, &format!(":1@{digest}"), settings()).unwrap();
    assert_eq!(walked(&image).0, ["other"]);
    assert_eq!(image.manifest, Digest::parse(&digest));
}

#[test]
fn manifests_that_lie_are_refused() {
    let stock = Stock::with_app();
    let manifest = stock.manifests["1"].clone();
    let digest = Digest::of(&manifest).to_string();
    let other = || Reply::new(200, [&manifest[..], b" "].concat());
    let server = stock.clone().serve_after("/manifests/", vec![other()]);
    let why = refused(open_with(&server, &format!("@{digest}"), settings()));
    assert!(why.contains("damaged or changed"), "{why}");
    let told = other().header("Docker-Content-Digest", digest);
    let why = refused(open(&stock.serve_after("/manifests/", vec![told])));
    assert!(why.contains("damaged or changed"), "{why}");
}

#[test]
fn what_is_no_image_is_said() {
    let of = |reply: Reply| {
        let server = Stock::with_app().serve_after("/manifests/", vec![reply; 3]);
        refused(open(&server)).replace(&server.host, "HOST")
    };
    let json = |json: serde_json::Value| of(Reply::new(200, json.to_string()));
    assert!(json(json!({"schemaVersion": 1, "fsLayers": []})).contains("schema 1"));
    let both = json!({"manifests": [], "layers": [], "config": {}});
    assert!(json(both).ends_with("it is both an index and a manifest"));
    assert!(json(json!({})).ends_with("it is neither an index nor a manifest of an image"));
    let chart = json!({"config": {"mediaType": "application/vnd.x.chart", "digest": "", "size": 1}, "layers": []});
    assert_eq!(
        json(chart),
        "it is no image: its configuration is of the type 'application/vnd.x.chart'"
    );
    assert!(of(Reply::new(200, "<html>")).starts_with("the image's manifest is malformed"));
    assert_eq!(of(Reply::new(404, "")), "HOST has no team/app:1");
    assert_eq!(
        of(Reply::new(400, r#"{"errors": [{"code": "X", "message": "no\u001b[0m"}]}"#)),
        "HOST: answers 400: no\\u{1b}[0m"
    );
    for endless in [Body::Endless(vec![]), Body::Whole(vec![b' '; 5 << 20])] {
        let why = of(Reply::new(200, "").body(endless));
        assert!(why.ends_with("has more than 4194304 bytes, which is the limit"), "{why}");
    }
}

#[test]
fn indices_within_each_other_end() {
    let mut stock = Stock::with_app();
    let mut inner = json!({"schemaVersion": 2});
    for _ in 0..5 {
        inner = index(&[stock.manifest(&inner)]);
    }
    stock.tag("1", inner);
    let why = refused(open(&stock.serve()));
    assert!(why.ends_with("there are more than 4 indices in each other"), "{why}");
}
