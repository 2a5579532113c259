//! A client that makes a pod with one container, as a kubelet would: it runs in the guest, for Debian
//! has no program that does.

use std::env;

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::UnixStream;

use messages::*;

/// Name of the variable with the socket's path; without it there is nothing to do.
pub(crate) const SOCKET: &str = "CRI_SOCKET";

/// The image of both containers, and what the pod's own container runs.
const IMAGE: &str = "localhost/box:1";
const SCRIPT: &str = include_str!("work.sh");

#[test]
#[ignore = "it is a program for the guest"]
fn a_pod_runs() {
    let socket = env::var_os(SOCKET).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut client = Client::connect(socket.as_ref()).await;
        let pod = pod();
        let sandbox: SandboxId =
            client.call("RunPodSandbox", &RunSandbox { config: Some(pod.clone()) }).await;
        let create = Create { sandbox: sandbox.id, config: Some(container()), pod: Some(pod) };
        let container: ContainerId = client.call("CreateContainer", &create).await;
        let _: Nothing = client.call("StartContainer", &container).await;
        println!("container {}", container.id);
    });
}

fn map(pairs: &[(&str, &str)]) -> std::collections::HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn pod() -> Pod {
    let name = |text: &str| text.to_owned();
    Pod {
        metadata: Some(PodName {
            name: name("shop-7d4"),
            uid: name("3e41dc6b-0001"),
            namespace: name("market"),
        }),
        labels: map(&[
            ("io.kubernetes.pod.name", "shop-7d4"),
            ("io.kubernetes.pod.namespace", "market"),
            ("io.kubernetes.pod.uid", "3e41dc6b-0001"),
            ("app", "shop"),
        ]),
        linux: Some(PodLinux {
            security: Some(Security {
                namespaces: Some(Namespaces { network: NODE }),
                privileged: true,
            }),
        }),
    }
}

fn container() -> Container {
    Container {
        metadata: Some(ContainerName { name: "till".to_owned() }),
        image: Some(Image { image: IMAGE.to_owned() }),
        command: ["/bin/sh", "-c", SCRIPT].map(str::to_owned).to_vec(),
        mounts: vec![Mount {
            container_path: "/data".to_owned(),
            host_path: "/tmp".to_owned(),
            readonly: true,
        }],
        labels: map(&[("team", "sales")]),
        linux: Some(ContainerLinux { security: Some(ContainerSecurity { privileged: true }) }),
    }
}

/// A connection to the runtime.
struct Client(http2::SendRequest<Full<Bytes>>);

impl Client {
    async fn connect(socket: &std::path::Path) -> Self {
        let stream = TokioIo::new(UnixStream::connect(socket).await.unwrap());
        let builder = http2::Builder::new(TokioExecutor::new());
        let (sender, connection) = builder.handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// A call of `RuntimeService`: one message there and one back, with five bytes in front.
    async fn call<T: Message + Default>(&mut self, method: &str, message: &impl Message) -> T {
        let message = message.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap();
        let body = [&[0][..], &length.to_be_bytes(), &message].concat();
        let request = Request::post(format!("http://localhost/runtime.v1.RuntimeService/{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::new(body.into()))
            .unwrap();
        let answer = self.0.send_request(request).await.unwrap();
        let head = answer.headers().clone();
        let body = answer.into_body().collect().await.unwrap();
        let said = format!("{method}: {head:?} {:?}", body.trailers());
        let bytes = body.to_bytes();
        T::decode(bytes.get(5..).unwrap_or_else(|| panic!("{said}"))).unwrap()
    }
}

/// The fields that are needed, with their numbers in `api.proto` of Kubernetes' `cri-api`.
mod messages {
    use std::collections::HashMap;

    use prost::Message;

    /// Of the host.
    pub(super) const NODE: i32 = 2;

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Nothing {}

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct RunSandbox {
        #[prost(message, optional, tag = "1")]
        pub(super) config: Option<Pod>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Pod {
        #[prost(message, optional, tag = "1")]
        pub(super) metadata: Option<PodName>,
        #[prost(map = "string, string", tag = "6")]
        pub(super) labels: HashMap<String, String>,
        #[prost(message, optional, tag = "8")]
        pub(super) linux: Option<PodLinux>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct PodName {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(string, tag = "2")]
        pub(super) uid: String,
        #[prost(string, tag = "3")]
        pub(super) namespace: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct PodLinux {
        #[prost(message, optional, tag = "2")]
        pub(super) security: Option<Security>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Security {
        #[prost(message, optional, tag = "1")]
        pub(super) namespaces: Option<Namespaces>,
        #[prost(bool, tag = "6")]
        pub(super) privileged: bool,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Namespaces {
        #[prost(int32, tag = "1")]
        pub(super) network: i32,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct SandboxId {
        #[prost(string, tag = "1")]
        pub(super) id: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Create {
        #[prost(string, tag = "1")]
        pub(super) sandbox: String,
        #[prost(message, optional, tag = "2")]
        pub(super) config: Option<Container>,
        #[prost(message, optional, tag = "3")]
        pub(super) pod: Option<Pod>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Container {
        #[prost(message, optional, tag = "1")]
        pub(super) metadata: Option<ContainerName>,
        #[prost(message, optional, tag = "2")]
        pub(super) image: Option<Image>,
        #[prost(string, repeated, tag = "3")]
        pub(super) command: Vec<String>,
        #[prost(message, repeated, tag = "7")]
        pub(super) mounts: Vec<Mount>,
        #[prost(map = "string, string", tag = "9")]
        pub(super) labels: HashMap<String, String>,
        #[prost(message, optional, tag = "15")]
        pub(super) linux: Option<ContainerLinux>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct ContainerName {
        #[prost(string, tag = "1")]
        pub(super) name: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Image {
        #[prost(string, tag = "1")]
        pub(super) image: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Mount {
        #[prost(string, tag = "1")]
        pub(super) container_path: String,
        #[prost(string, tag = "2")]
        pub(super) host_path: String,
        #[prost(bool, tag = "3")]
        pub(super) readonly: bool,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct ContainerLinux {
        #[prost(message, optional, tag = "2")]
        pub(super) security: Option<ContainerSecurity>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct ContainerSecurity {
        #[prost(bool, tag = "2")]
        pub(super) privileged: bool,
    }

    /// An answer to one call and the question of the next.
    #[derive(Clone, PartialEq, Message)]
    pub(super) struct ContainerId {
        #[prost(string, tag = "1")]
        pub(super) id: String,
    }
}
