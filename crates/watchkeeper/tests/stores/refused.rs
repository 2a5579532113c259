//! What can't be had, and why.

use std::path::Path;

use crate::fixture::Fixture;

fn refused(arguments: &[&str], environment: &[(&str, &Path)]) -> String {
    let output = Fixture::new().scan(arguments, environment);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    errors
}

#[test]
fn where_no_engine_is_that_is_told() {
    let nowhere = ("DOCKER_HOST", Path::new("tcp://127.0.0.1:1"));
    for (name, why) in [
        ("podman:app:1.2", "there is no store of Podman in "),
        ("containerd:app:1.2", "no containerd answers at "),
        ("docker:app:1.2", "nobody answers at "),
        ("podman:7", "write library/podman:7"),
    ] {
        let errors = refused(&[name], &[]);
        assert!(errors.contains(why), "{name}: {errors}");
    }
    let errors = refused(&["docker:app:1.2"], &[nowhere]);
    assert!(errors.contains("only sockets of this machine"), "{errors}");
}

#[test]
fn the_disk_of_another_machine_has_stores_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().to_str().unwrap();
    let errors = refused(&["podman:app:1.2", "--root", root], &[]);
    assert!(errors.contains("there is no store of Podman"), "{errors}");
    let errors = refused(&["./app.tar", "--root", root], &[]);
    assert!(errors.contains("--root is for images of stores"), "{errors}");
}
