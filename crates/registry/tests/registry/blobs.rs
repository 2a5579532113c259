//! Layers: what breaks off, what lies, what never ends.

use serde_json::Value;

use crate::{
    server::{Body, Reply, Server},
    stock::{Names, Stock, files, open, open_with, settings, tar, walked},
};

#[test]
fn layers_are_walked_while_they_come() {
    let stock = Stock::with_app();
    let server = stock.serve();
    let told = std::rc::Rc::new(std::cell::Cell::new(0));
    let observed = std::rc::Rc::clone(&told);
    let observer = registry::Observer::new(move |progress| {
        if let registry::Progress::Bytes(bytes) = progress {
            observed.set(observed.get() + bytes);
        }
    });
    let image = open_with(&server, ":1", registry::Settings { observer, ..settings() }).unwrap();
    assert_eq!(image.names, [format!("{}/team/app:1", server.host)]);
    let size_bytes: Option<u64> = image.layers.iter().map(image::Layer::size_bytes).sum();
    told.set(0);
    assert_eq!(walked(&image).0, ["etc/a", "etc/b"]);
    assert_eq!(Some(told.get()), size_bytes);
    assert_eq!(server.count("/blobs/"), 3);
}

#[test]
fn what_breaks_off_is_gone_on_with() {
    let stock = Stock::with_app();
    let (layer, cut) = (stock.layer(0), 100_000);
    let bytes = stock.blobs[&layer].clone();
    let size = bytes.len();
    let part = |from: usize, to: usize| {
        Reply::new(206, "")
            .header("Content-Range", format!("bytes {from}-{}/{size}", size - 1))
            .body(Body::Cut(bytes[from..to].to_vec(), size - from))
    };
    let first = Reply::new(200, "").body(Body::Cut(bytes[..cut].to_vec(), size));
    let server = stock.serve_after(&layer, vec![first, part(cut, cut + 50_000)]);
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
    let from: Vec<_> = server
        .requests()
        .iter()
        .filter(|request| request.path.contains(&layer))
        .map(|request| request.from())
        .collect();
    assert_eq!(from, [None, Some(cut), Some(cut + 50_000)]);
}

#[test]
fn a_registry_without_ranges_begins_anew() {
    let stock = Stock::with_app();
    let layer = stock.layer(0);
    let bytes = stock.blobs[&layer].clone();
    let cut = |end: usize| Reply::new(200, "").body(Body::Cut(bytes[..end].to_vec(), bytes.len()));
    let replies = vec![cut(70_000), cut(30_000), Reply::new(200, &bytes[..])];
    let server = stock.serve_after(&layer, replies);
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
}

#[test]
fn layers_that_lie_are_told_and_others_are_walked() {
    let lie = |change: &dyn Fn(Vec<u8>) -> Vec<Reply>| {
        let stock = Stock::with_app();
        let layer = stock.layer(0);
        let replies = change(stock.blobs[&layer].clone());
        let server = stock.serve_after(&layer, replies);
        let (names, mut failures) = walked(&open(&server).unwrap());
        assert!(names.contains(&"etc/b".to_owned()));
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.remove(0).replace(&server.host, "HOST").replace(&layer, "LAYER")
    };
    let why = lie(&|bytes| {
        let mut other = crate::stock::gzip(&tar("etc/c"));
        other.resize(bytes.len(), 0);
        vec![Reply::new(200, other)]
    });
    assert!(why.starts_with("its digest is sha256:") || why.contains("cannot be read"), "{why}");
    let why = lie(&|bytes| vec![Reply::new(200, &bytes[..9])]);
    assert!(why.starts_with("HOST: LAYER has 9 bytes, not "), "{why}");
    let why = lie(&|bytes| vec![Reply::new(200, "").body(Body::Endless(bytes))]);
    assert!(why.ends_with("bytes, which were promised"), "{why}");
    let why = lie(&|bytes| {
        let (half, all) = (bytes[..50_000].to_vec(), bytes.len());
        let cut = Reply::new(200, "").body(Body::Cut(half, all));
        vec![cut, Reply::new(206, "").header("Content-Range", "bytes 7-9/10")]
    });
    assert!(why.starts_with("HOST: hands out another part of LAYER"), "{why}");
    let why = lie(&|bytes| {
        let cut = |from: usize| {
            Reply::new(206, "")
                .header("Content-Range", format!("bytes {from}-9/10"))
                .body(Body::Cut(vec![], bytes.len()))
        };
        vec![Reply::new(200, "").body(Body::Cut(bytes[..9].to_vec(), bytes.len())), cut(9), cut(9)]
    });
    assert!(why.starts_with("HOST: LAYER broke off at byte 9: "), "{why}");
    let why = lie(&|_| vec![Reply::new(404, ""); 1]);
    assert_eq!(why, "HOST has no LAYER");
    let why = lie(&|_| vec![Reply::new(503, ""); 3]);
    assert_eq!(why, "HOST: answers 503");
}

#[test]
fn a_manifest_says_how_large_its_parts_are() {
    for (size, expected) in [
        (Value::Null, "does not say how large"),
        (Value::from(u64::MAX), "which is the limit"),
        (Value::from(-1), "is malformed"),
    ] {
        let mut stock = Stock::with_app();
        let mut manifest: Value = serde_json::from_slice(&stock.manifests["1"]).unwrap();
        manifest["config"]["size"] = size;
        stock.tag("1", manifest);
        let why = open(&stock.serve()).err().unwrap().to_string();
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn a_layer_with_hard_links_comes_once() {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(3);
    archive.append_data(&mut header, "a", &b"abc"[..]).unwrap();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Link);
    archive.append_link(&mut header, "b", "a").unwrap();
    let mut stock = Stock::default();
    let manifest = stock.image_of("linux/amd64", &[archive.into_inner().unwrap()]);
    stock.tag("1", manifest);
    let server: Server = stock.serve();
    let image = open(&server).unwrap();
    let mut names = Names::default();
    image.layers[0].walk(&mut names).unwrap();
    assert_eq!(names.0, ["a", "b"]);
    // The configuration and the layer.
    assert_eq!(server.count("/blobs/"), 2);
}
