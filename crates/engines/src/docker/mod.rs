//! Docker's HTTP API, which Podman has as well.
//!
//! Paths have no version in them: that asks for the newest that the engine knows, and none of what is
//! read here has ever changed.

mod inspect;

use serde::Deserialize;
use tokio::net::UnixStream;

pub(crate) use inspect::{Image, Inspected};

use crate::{
    description::{Description, Engine},
    failure::{Failure, Said},
    http::Http,
    lenient::{lenient, read},
};

/// A conversation with one engine.
pub(crate) struct Docker {
    http: Http,
    engine: Engine,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    #[serde(deserialize_with = "lenient", rename = "Id")]
    id: String,
}

impl Docker {
    pub(crate) async fn begin(
        stream: UnixStream,
        engine: Engine,
        most_bytes: usize,
    ) -> Result<Self, Failure> {
        Ok(Self { http: Http::begin(stream, most_bytes).await?, engine })
    }

    /// The container whose id begins so.
    pub(crate) async fn ask(&mut self, id: &str) -> Said<Description> {
        let Some(mut container) = self.inspect(id).await? else { return Ok(None) };
        // What else is not told leaves the container what it is.
        let image = match container.image_id() {
            Some(id) => self.get::<Image>(&format!("/images/{id}/json")).await.unwrap_or_default(),
            None => None,
        };
        // A container in the network of another has that one's address.
        if let Some(other) = container.network_of()
            && let Ok(Some(other)) = self.inspect(&other).await
        {
            container.take_address_of(&other);
        }
        Ok(Some(container.describe(self.engine, &image.unwrap_or_default())))
    }

    /// Ids of the containers that run.
    pub(crate) async fn list(&mut self) -> Result<Vec<String>, Failure> {
        let listed: Vec<Listed> = self.get("/containers/json").await?.unwrap_or_default();
        Ok(listed.into_iter().map(|listed| listed.id).collect())
    }

    async fn inspect(&mut self, id: &str) -> Said<Inspected> {
        self.get(&format!("/containers/{id}/json")).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Said<T> {
        match self.http.get(path).await? {
            Some(json) => read(&json).map(Some).map_err(Failure::garbage),
            None => Ok(None),
        }
    }
}
