//! Certificates: whom to trust, and who we are.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::Error;

/// Which certificates are trusted and shown. Files are in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Trusted authorities, in place of the system's.
    pub ca: Option<PathBuf>,
    /// More trusted authorities.
    pub also: Vec<PathBuf>,
    /// Whether servers have to show who they are.
    pub peer: Peer,
    /// Our own certificate, if the server asks for one.
    pub client: Option<Client>,
}

/// Whether servers have to show who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Peer {
    /// By a certificate of an authority that is trusted.
    #[default]
    Verified,
    /// Any certificate will do, so that nobody knows who answers.
    Unverified,
}

/// Our own certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The certificate, and those between it and the authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where systems keep the authorities that they trust.
const SYSTEM: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Largest file of certificates, bytes.
const LARGEST: u64 = 16 << 20;

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// If they can't be read, or have no certificates or not the key that belongs to them.
    pub fn config(&self) -> Result<TlsConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let client = self.client.as_ref().map(|client| client.read(&provider)).transpose()?;
        Ok(TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&self.authorities()?))
            .client_cert(client)
            .disable_verification(self.peer == Peer::Unverified)
            .unversioned_rustls_crypto_provider(provider)
            .build())
    }

    fn authorities(&self) -> Result<Vec<Certificate<'static>>, Error> {
        let system = || SYSTEM.iter().map(Path::new).find(|path| path.exists());
        let mut all = match self.ca.as_deref().or_else(system) {
            Some(path) => certificates(path)?,
            None if !self.also.is_empty() || self.peer == Peer::Unverified => Vec::new(),
            None => {
                return Err(Error::Certificates {
                    path: SYSTEM[0].into(),
                    reason:
                        "not there, nor are the files of other systems; install ca-certificates, or \
                         name a file of those to trust: 'tls.ca' of an output, --ca-file of a scan"
                            .to_owned(),
                });
            }
        };
        for path in &self.also {
            all.extend(certificates(path)?);
        }
        Ok(all)
    }
}

impl Client {
    fn read(&self, provider: &Arc<CryptoProvider>) -> Result<ClientCert, Error> {
        let chain = certificates(&self.cert)?;
        let key = PrivateKey::from_pem(&read(&self.key)?)
            .map_err(|error| wrong(&self.key, format!("no private key in PEM: {error}")))?;
        self.check(provider, &chain)?;
        Ok(ClientCert::new_with_certs(&chain, key))
    }

    /// That the key belongs to the certificate, which is taken for granted later.
    fn check(
        &self,
        provider: &Arc<CryptoProvider>,
        chain: &[Certificate<'static>],
    ) -> Result<(), Error> {
        let wrong = |error: String| wrong(&self.key, format!("cannot be used: {error}"));
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|error| wrong(error.to_string()))?;
        let chain = chain.iter().map(|cert| CertificateDer::from(cert.der().to_vec())).collect();
        ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(RootCertStore::empty()))
            .and_then(|builder| builder.with_client_auth_cert(chain, key))
            .map(drop)
            .map_err(|error| wrong(error.to_string()))
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, Error> {
    let pem = read(path)?;
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    };
    let all: Result<Vec<_>, _> = parse_pem(&pem).filter_map(certificate).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(wrong(path, "no certificates in PEM in it".to_owned())),
        Err(error) => Err(wrong(path, error.to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let at = |source| Error::File { path: path.to_owned(), source };
    if path.metadata().map_err(at)?.len() > LARGEST {
        return Err(at(io::Error::other("is larger than 16 MiB, which no certificates are")));
    }
    fs::read(path).map_err(at)
}

fn wrong(path: &Path, reason: String) -> Error {
    Error::Certificates { path: path.to_owned(), reason }
}
