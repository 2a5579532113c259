//! What runs when somebody begins to watch.

use std::time::Duration;

use engines::Api;

use crate::{
    common::{DOCKER_ID, Machine, PATIENCE, container, data},
    cri::{self, runtime},
    http::{HttpServer, Reply},
    storage::fill,
};

/// A Docker that lists its container and answers questions about it with `reply`.
fn docker(machine: &mut Machine, reply: Reply) -> HttpServer {
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    HttpServer::start(socket, move |path, _| match path {
        "/containers/json" => Reply::Json(format!(r#"[{{"Id":"{DOCKER_ID}"}}]"#).into_bytes()),
        path if path.starts_with("/containers/") => reply.clone(),
        _ => Reply::NotFound,
    })
}

#[test]
fn every_engine_lists_what_it_runs() {
    let mut machine = Machine::new();
    let container_json = Reply::Json(data("docker/container.json"));
    let _docker = docker(&mut machine, container_json);
    machine.engine(Api::Storage, "/var/lib/containers/storage");
    fill(&machine, "/var/lib/containers/storage");
    machine.engine(Api::Podman, "/run/podman/podman.sock");
    let told = machine.start().engines.all(PATIENCE);
    let name = |answer| (container(answer)["name"].clone(), answer.id.as_str());
    let names: Vec<_> = told.iter().map(name).collect();
    let want = [("web", "89108fb2711e"), ("web", "8943bc48a2b4")];
    assert_eq!(names, want.map(|(name, id)| (name.into(), id)));
}

#[test]
fn an_engine_that_hangs_holds_no_other_back() {
    let mut machine = Machine::new();
    machine.settings.limits.answer = Duration::from_secs(1);
    let _docker = docker(&mut machine, Reply::Hang);
    let _cri = runtime(machine.engine(Api::Cri, "/run/cri.sock"), "containerd", "runtime.v1");
    let told = machine.start().engines.all(PATIENCE);
    let ids: Vec<_> = told.iter().map(|answer| answer.id.as_str()).collect();
    assert_eq!(ids, ["537fcee91c69"]);
}

#[test]
fn of_a_container_that_several_know_the_best_is_told() {
    let mut machine = Machine::new();
    let of_cri = |machine: &mut Machine, path| {
        runtime(machine.engine(Api::Cri, path), "cri-o", "runtime.v1")
    };
    let _one = of_cri(&mut machine, "/run/one.sock");
    let _other = of_cri(&mut machine, "/run/other.sock");
    machine.engine(Api::Storage, "/var/lib/containers/storage");
    let list = format!(r#"[{{"id":"{}"}}]"#, cri::CONTAINER);
    machine.write("/var/lib/containers/storage/overlay-containers/containers.json", list);
    let told = machine.start().engines.all(PATIENCE);
    let names: Vec<_> = told.iter().map(|answer| container(answer)["name"].clone()).collect();
    assert_eq!(names, ["nginx"]);
}
