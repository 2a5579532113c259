//! Images of engines.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
};

use engines::images::{
    ContainerdImages, ImagesError, ListedImage, export_docker, list_containerd, list_docker,
};
use serde_json::json;

use crate::{
    cri::message,
    grpc::{GrpcServer, NOT_FOUND, Reply as Called, UNIMPLEMENTED},
    http::{HttpServer, Reply},
};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    (folder, socket)
}

fn image(id: &str, names: &[&str], digests: &[&str]) -> ListedImage {
    let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    ListedImage { id: id.to_owned(), names: own(names), digests: own(digests) }
}

#[test]
fn docker_lists_images_and_hands_them_out() {
    let (_folder, socket) = folder();
    let listed = json!([
        {"Id": "sha256:1", "RepoTags": ["app:1"], "RepoDigests": ["team/app@sha256:d"], "Size": 7},
        {"Id": "sha256:2", "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"]},
        {"Id": "sha256:3", "RepoTags": null, "RepoDigests": 7},
    ]);
    let server = HttpServer::start(socket.clone(), move |path, _| match path {
        "/images/json" => Reply::Json(listed.to_string().into_bytes()),
        "/images/team/app:1/get" => Reply::Chunked(vec![b'x'; 1000]),
        _ => Reply::NotFound,
    });
    let want = [
        image("sha256:1", &["app:1", "team/app@sha256:d"], &["sha256:d"]),
        image("sha256:2", &[], &[]),
        image("sha256:3", &[], &[]),
    ];
    assert_eq!(list_docker(&socket).unwrap(), want);
    let mut bytes = Vec::new();
    export_docker(&socket, "team/app:1", 1000, &mut bytes).unwrap();
    assert_eq!(bytes, [b'x'; 1000]);
    let too_many = export_docker(&socket, "team/app:1", 999, &mut Vec::new()).unwrap_err();
    assert!(matches!(too_many, ImagesError::Kept(_)), "{too_many}");
    let gone = export_docker(&socket, "app:2", 1000, &mut Vec::new()).unwrap_err();
    assert!(gone.to_string().contains("has no such image"), "{gone}");
    let before = server.requests().len();
    let odd = export_docker(&socket, "app?names=other", 1000, &mut Vec::new()).unwrap_err();
    assert!(odd.to_string().contains("what no image is called"), "{odd}");
    assert_eq!(server.requests().len(), before);
}

#[test]
fn what_is_no_docker_is_told() {
    let (_folder, socket) = folder();
    let list = || list_docker(&socket).unwrap_err().to_string();
    assert!(matches!(list_docker(&socket), Err(ImagesError::Absent(_))));
    for (reply, why) in [
        (Reply::Fails, "500"),
        (Reply::Json(b"[".to_vec()), "not understood"),
        (Reply::Bytes(b"hello"), "broke off"),
    ] {
        let _server = HttpServer::start(socket.clone(), move |_, _| reply.clone());
        assert!(list().contains(why), "{why}: {}", list());
    }
    // A socket that nobody listens at any more.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(matches!(list_docker(&socket), Err(ImagesError::Absent(_))));
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o000)).unwrap();
    match list_docker(&socket) {
        Err(ImagesError::Denied(_)) => {}
        // Root may.
        Err(ImagesError::Absent(_)) if fs::metadata(&socket).unwrap().uid() == 0 => {}
        other => panic!("{other:?}"),
    }
}

/// A message of messages, by field.
fn nested(fields: &[(u8, &[u8])]) -> Vec<u8> {
    let field = |(number, bytes): &(u8, &[u8])| {
        [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], *bytes].concat()
    };
    fields.iter().flat_map(field).collect()
}

#[test]
fn containerd_lists_images_of_its_namespaces_and_tells_where_contents_are() {
    let (_folder, socket) = folder();
    let _server = GrpcServer::start(socket.clone(), |call| {
        let image = |name: &str| {
            let named = message(&[(1, name)]);
            [named, nested(&[(3, &message(&[(2, "sha256:d")]))])].concat()
        };
        match (call.path.rsplit('/').nth(1), call.namespace.as_str()) {
            (Some("containerd.services.namespaces.v1.Namespaces"), _) => {
                let names = [message(&[(1, "default")]), message(&[(1, "k8s.io")])];
                Called::Message(nested(&[(1, &names[0]), (1, &names[1])]))
            }
            (Some("containerd.services.introspection.v1.Introspection"), _) => {
                assert_eq!(call.message, message(&[(1, "type==io.containerd.content.v1")]));
                let export = message(&[(1, "root"), (2, "/data/content")]);
                Called::Message(nested(&[(1, &nested(&[(5, &export)]))]))
            }
            (Some("containerd.services.images.v1.Images"), "k8s.io") => {
                let images = [image("example.org/app:1"), image("example.org/app:2")];
                Called::Message(nested(&[(1, &images[0]), (1, &images[1])]))
            }
            (Some("containerd.services.images.v1.Images"), _) => Called::Message(Vec::new()),
            _ => Called::Status(NOT_FOUND),
        }
    });
    let of = |name| ("k8s.io".to_owned(), image("sha256:d", &[name], &["sha256:d"]));
    let want = ContainerdImages {
        contents: Some("/data/content".into()),
        images: vec![of("example.org/app:1"), of("example.org/app:2")],
    };
    assert_eq!(list_containerd(&socket, None).unwrap(), want);
    assert_eq!(list_containerd(&socket, Some("k8s.io")).unwrap(), want);
    assert_eq!(list_containerd(&socket, Some("default")).unwrap().images, []);
}

#[test]
fn what_is_no_containerd_is_told() {
    let (_folder, socket) = folder();
    assert!(matches!(list_containerd(&socket, None), Err(ImagesError::Absent(_))));
    let _server = GrpcServer::start(socket.clone(), |_| Called::Status(UNIMPLEMENTED));
    let error = list_containerd(&socket, None).unwrap_err().to_string();
    assert!(error.contains("has no such interface"), "{error}");
}
