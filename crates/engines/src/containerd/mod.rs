//! containerd's own API, for containers that neither Kubernetes nor Docker started: those of `ctr`
//! and `nerdctl`. It knows the others as well, but less of them.

mod map;
mod messages;

use std::path::PathBuf;

use tokio::net::UnixStream;

use self::messages::{
    GetImageRequest, Image, ListContainersRequest, ListContainersResponse, ListImagesRequest,
    ListImagesResponse, ListNamespacesRequest, ListNamespacesResponse, ListTasksRequest,
    ListTasksResponse, PluginsRequest, PluginsResponse,
};
pub(crate) use self::{
    map::describe,
    messages::{Container, GetImageResponse},
};
use crate::{
    description::Description,
    failure::{Failure, Said},
    grpc::Grpc,
    images::ListedImage,
};

/// More namespaces are not looked into.
const MOST_NAMESPACES: usize = 64;

/// A conversation.
pub(crate) struct Containerd {
    grpc: Grpc,
}

impl Containerd {
    pub(crate) async fn begin(stream: UnixStream, most_bytes: usize) -> Result<Self, Failure> {
        Ok(Self { grpc: Grpc::begin(stream, most_bytes).await? })
    }

    /// The container whose id begins so, in whichever namespace.
    pub(crate) async fn ask(&mut self, id: &str) -> Said<Description> {
        // Ids are letters, digits, '.', '_' and '-', of which the dot means something else here.
        let filters = vec![format!("id~=\"^{}\"", id.replace('.', "[.]"))];
        for namespace in self.namespaces().await? {
            self.grpc.in_namespace(&namespace)?;
            let request = ListContainersRequest { filters: filters.clone() };
            let listed: Option<ListContainersResponse> = self
                .grpc
                .call("/containerd.services.containers.v1.Containers/List", &request)
                .await?;
            if let Some(container) = listed.and_then(|listed| listed.containers.into_iter().next())
            {
                let image = self.image(&container).await?;
                return Ok(Some(describe(container, image)));
            }
        }
        Ok(None)
    }

    /// Ids of the containers that run.
    pub(crate) async fn list(&mut self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        for namespace in self.namespaces().await? {
            self.grpc.in_namespace(&namespace)?;
            let tasks: Option<ListTasksResponse> = self
                .grpc
                .call("/containerd.services.tasks.v1.Tasks/List", &ListTasksRequest {})
                .await?;
            ids.extend(tasks.unwrap_or_default().tasks.into_iter().map(|task| task.id));
        }
        Ok(ids)
    }

    /// The images of a namespace, one for each name.
    pub(crate) async fn images(&mut self, namespace: &str) -> Result<Vec<ListedImage>, Failure> {
        self.grpc.in_namespace(namespace)?;
        let listed: Option<ListImagesResponse> = self
            .grpc
            .call("/containerd.services.images.v1.Images/List", &ListImagesRequest {})
            .await?;
        let images = listed.unwrap_or_default().images.into_iter();
        Ok(images.map(Image::listed).collect())
    }

    /// The folder of its content store.
    pub(crate) async fn contents(&mut self) -> Said<PathBuf> {
        let filters = vec!["type==io.containerd.content.v1".to_owned()];
        let plugins: Option<PluginsResponse> = self
            .grpc
            .call(
                "/containerd.services.introspection.v1.Introspection/Plugins",
                &PluginsRequest { filters },
            )
            .await?;
        let mut plugins = plugins.unwrap_or_default().plugins.into_iter();
        Ok(plugins.find_map(|mut plugin| plugin.exports.remove("root")).map(PathBuf::from))
    }

    pub(crate) async fn namespaces(&mut self) -> Result<Vec<String>, Failure> {
        let listed: Option<ListNamespacesResponse> = self
            .grpc
            .call("/containerd.services.namespaces.v1.Namespaces/List", &ListNamespacesRequest {})
            .await?;
        let namespaces = listed.unwrap_or_default().namespaces.into_iter();
        Ok(namespaces.take(MOST_NAMESPACES).map(|namespace| namespace.name).collect())
    }

    async fn image(&mut self, container: &Container) -> Result<GetImageResponse, Failure> {
        if container.image.is_empty() {
            return Ok(GetImageResponse::default());
        }
        let request = GetImageRequest { name: container.image.clone() };
        let image = self.grpc.call("/containerd.services.images.v1.Images/Get", &request).await;
        // That it is removed, or not told of, leaves the container what it is.
        Ok(image.unwrap_or_default().unwrap_or_default())
    }
}

impl Image {
    fn listed(self) -> ListedImage {
        let digest = self.target.unwrap_or_default().digest;
        ListedImage { id: digest.clone(), names: vec![self.name], digests: vec![digest] }
    }
}
