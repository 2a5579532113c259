//! The Container Runtime Interface, over which Kubernetes talks to containerd, CRI-O and cri-dockerd.

mod info;
mod map;
mod messages;
mod probes;

use prost::Message;
use tokio::net::UnixStream;

pub(crate) use map::describe;

use self::messages::{
    ContainerFilter, ContainerStateValue, ContainerStatusRequest, ImageSpec, ImageStatusRequest,
    ListContainersRequest, ListContainersResponse, ListPodSandboxRequest, ListPodSandboxResponse,
    ListedContainer, PodSandboxFilter, PodSandboxStatusRequest, RUNNING, V1, V1ALPHA2,
    VersionRequest, VersionResponse,
};
pub(crate) use self::messages::{
    ContainerStatusResponse, ImageStatusResponse, PodSandboxStatusResponse,
};
use crate::{
    description::{Description, Engine},
    failure::{Failure, Said},
    grpc::Grpc,
};

/// A conversation with one runtime.
pub(crate) struct Cri {
    grpc: Grpc,
    package: &'static str,
    engine: Engine,
}

/// What a runtime says of a container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Nothing for a sandbox.
    pub(crate) container: ContainerStatusResponse,
    pub(crate) sandbox: PodSandboxStatusResponse,
    pub(crate) image: ImageStatusResponse,
}

impl Cri {
    pub(crate) async fn begin(stream: UnixStream, most_bytes: usize) -> Result<Self, Failure> {
        let grpc = Grpc::begin(stream, most_bytes).await?;
        let mut cri = Self { grpc, package: V1, engine: Engine::Cri };
        let version = match cri.version().await {
            Err(Failure::NoInterface) => {
                cri.package = V1ALPHA2;
                cri.version().await
            }
            version => version,
        }?;
        cri.engine = match version.runtime_name.as_str() {
            "containerd" => Engine::Containerd,
            "cri-o" => Engine::CriO,
            _ => Engine::Cri,
        };
        Ok(cri)
    }

    /// The container, or sandbox of a pod, whose id begins so.
    pub(crate) async fn ask(&mut self, id: &str) -> Said<Description> {
        let filter = ContainerFilter { id: id.to_owned(), state: None };
        let told = match self.list_by(filter).await?.into_iter().next() {
            Some(listed) => self.container(listed).await?,
            None => self.sandbox_alone(id).await?,
        };
        Ok(told.and_then(|told| describe(told, self.engine)))
    }

    /// Ids of the containers that run.
    pub(crate) async fn list(&mut self) -> Result<Vec<String>, Failure> {
        let state = Some(ContainerStateValue { state: RUNNING });
        let filter = ContainerFilter { id: String::new(), state };
        Ok(self.list_by(filter).await?.into_iter().map(|listed| listed.id).collect())
    }

    async fn list_by(&mut self, filter: ContainerFilter) -> Result<Vec<ListedContainer>, Failure> {
        let request = ListContainersRequest { filter: Some(filter) };
        let listed: Option<ListContainersResponse> =
            self.call("RuntimeService/ListContainers", &request).await?;
        Ok(listed.unwrap_or_default().containers)
    }

    async fn container(&mut self, listed: ListedContainer) -> Said<Told> {
        let request = ContainerStatusRequest { container_id: listed.id, verbose: true };
        let container: Option<ContainerStatusResponse> =
            self.call("RuntimeService/ContainerStatus", &request).await?;
        // It ended meanwhile.
        let Some(container) = container else { return Ok(None) };
        let image = self.image(&container).await?;
        let sandbox = self.sandbox(listed.pod_sandbox_id).await?.unwrap_or_default();
        Ok(Some(Told { container, sandbox, image }))
    }

    async fn sandbox_alone(&mut self, id: &str) -> Said<Told> {
        let filter = Some(PodSandboxFilter { id: id.to_owned() });
        let listed: Option<ListPodSandboxResponse> =
            self.call("RuntimeService/ListPodSandbox", &ListPodSandboxRequest { filter }).await?;
        let Some(listed) = listed.and_then(|listed| listed.items.into_iter().next()) else {
            return Ok(None);
        };
        let sandbox = self.sandbox(listed.id).await?;
        Ok(sandbox.map(|sandbox| Told { sandbox, ..Told::default() }))
    }

    async fn sandbox(&mut self, id: String) -> Said<PodSandboxStatusResponse> {
        if id.is_empty() {
            return Ok(None);
        }
        let request = PodSandboxStatusRequest { pod_sandbox_id: id, verbose: true };
        self.call("RuntimeService/PodSandboxStatus", &request).await
    }

    /// The image, where its digest or name is not told with the container.
    async fn image(
        &mut self,
        container: &ContainerStatusResponse,
    ) -> Result<ImageStatusResponse, Failure> {
        let Some(image) = map::unknown_image(container) else { return Ok(Default::default()) };
        let request = ImageStatusRequest { image: Some(ImageSpec { image }) };
        // That it is removed, or not told of, leaves the container what it is.
        let image = self.call("ImageService/ImageStatus", &request).await;
        Ok(image.unwrap_or_default().unwrap_or_default())
    }

    async fn version(&mut self) -> Result<VersionResponse, Failure> {
        let version = self.call("RuntimeService/Version", &VersionRequest {}).await?;
        version.ok_or_else(|| Failure::garbage("no version"))
    }

    async fn call<T: Message + Default>(&mut self, call: &str, message: &impl Message) -> Said<T> {
        self.grpc.call(&format!("/{}.{call}", self.package), message).await
    }
}
