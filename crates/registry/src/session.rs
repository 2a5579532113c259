//! One registry, asked as long as it takes: who asks is shown when it wants to know, and what is passing
//! is waited for, so many times.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use client::{
    Peer,
    redirect::{host_of, origin},
};
use image::hub;
use ureq::{
    Body, ResponseExt,
    http::{Response, StatusCode, Uri, header},
};

use crate::{
    Error, Secret, Settings,
    answer::check,
    challenge::Challenge,
    config::{Place, Speech},
    credentials::{self, Credential},
    http::{Ask, Failure, Http},
    patience::Waits,
    token,
};

/// A registry that is asked for one image.
pub(crate) struct Session {
    pub(crate) place: Place,
    settings: Rc<Settings>,
    http: Http,
    credential: OnceCell<Option<Credential>>,
    /// What shows who asks, once that was asked for.
    authorization: RefCell<Option<Secret>>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// Its path within the repository: `manifests/latest`.
    pub(crate) path: String,
    /// How to call it in messages.
    pub(crate) what: &'a str,
    pub(crate) accept: Option<&'a str>,
    pub(crate) from: u64,
}

impl Session {
    pub(crate) fn new(place: Place, settings: Rc<Settings>) -> Self {
        let unverified =
            (place.speech == Speech::Tls(Peer::Unverified)).then(|| place.host().to_owned());
        Self {
            http: Http::new(Rc::clone(&settings), unverified),
            place,
            settings,
            credential: OnceCell::new(),
            authorization: RefCell::default(),
        }
    }

    pub(crate) fn host(&self) -> &str {
        self.place.host()
    }

    /// Pauses between attempts, of which who watches is told.
    pub(crate) fn waits(&self) -> Waits {
        self.settings.patience.begin(self.settings.observer.clone())
    }

    /// Asks until there is an answer, or no hope of one.
    pub(crate) fn get(&self, wanted: &Wanted<'_>) -> Result<Response<Body>, Error> {
        let uri = self.uri(&wanted.path)?;
        let mut waits = self.waits();
        let mut shown = Shown::Before;
        loop {
            match self.once(&uri, wanted, &mut shown) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing { error, after }) => {
                    waits.next(after, error)?;
                    // What showed who asks may run out meanwhile.
                    shown = Shown::Before;
                }
            }
        }
    }

    /// Asks once; nothing is for now where it had to be shown who asks.
    fn once(
        &self,
        uri: &Uri,
        wanted: &Wanted<'_>,
        shown: &mut Shown,
    ) -> Result<Option<Response<Body>>, Failure> {
        let ask = Ask {
            uri: uri.clone(),
            accept: wanted.accept,
            authorization: self.authorization.borrow().clone(),
            from: wanted.from,
        };
        let answer = self.http.get(ask)?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            if *shown == Shown::Now {
                return Err(Failure::Lasting(self.unauthorized()));
            }
            self.check_who_wants_to_know(uri, answer.get_uri())?;
            self.show(uri, &answer)?;
            *shown = Shown::Now;
            return Ok(None);
        }
        check(self.host(), wanted.what, answer).map(Some)
    }

    /// Only the registry itself may say who hands out tokens: whoever it leads to could name itself, and
    /// would be shown a password that is not for it.
    fn check_who_wants_to_know(&self, asked: &Uri, answered: &Uri) -> Result<(), Failure> {
        if origin(asked) == origin(answered) {
            return Ok(());
        }
        let why = format!(
            "it wants to know who asks, and {} led here; that is told to nobody else",
            self.host()
        );
        Err(Failure::Lasting(Error::host(host_of(answered), why)))
    }

    fn uri(&self, path: &str) -> Result<Uri, Error> {
        let scheme = match self.place.speech {
            Speech::Tls(_) => "https",
            Speech::Plain => "http",
        };
        let repository = self.place.reference.repository();
        format!("{scheme}://{}/v2/{repository}/{path}", self.host())
            .parse()
            .map_err(|_| Error::host(self.host(), "is no host"))
    }

    /// Finds out how to show who asks.
    fn show(&self, uri: &Uri, answer: &Response<Body>) -> Result<(), Failure> {
        let headers = answer.headers().get_all(header::WWW_AUTHENTICATE);
        let texts = headers.iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<Challenge> = texts.flat_map(Challenge::parse).collect();
        let credential = self.credential().map_err(Failure::Lasting)?;
        let bearer = challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer(bearer) => Some(bearer),
            Challenge::Basic => None,
        });
        let authorization = match bearer {
            Some(bearer) => {
                let repository = self.place.reference.repository();
                token::get(&self.http, uri, bearer, repository, credential)?
            }
            None => credential
                .filter(|_| challenges.contains(&Challenge::Basic))
                .and_then(basic)
                .ok_or_else(|| Failure::Lasting(self.unauthorized()))?,
        };
        self.authorization.replace(Some(authorization));
        Ok(())
    }

    /// What is known of who asks. Files are not read before somebody wants to know.
    fn credential(&self) -> Result<Option<&Credential>, Error> {
        if let Some(known) = self.credential.get() {
            return Ok(known.as_ref());
        }
        let reference = &self.place.reference;
        let files = &self.settings.files.credentials;
        let found = credentials::find(files, reference.registry(), reference.repository())?;
        Ok(self.credential.get_or_init(|| found).as_ref())
    }

    fn unauthorized(&self) -> Error {
        let (host, repository) = (self.host().to_owned(), self.place.reference.repository());
        let registry = self.place.reference.registry();
        let login = if registry == hub::NAME {
            "docker login"
        } else {
            &format!("docker login {registry}")
        };
        let why = match self.credential.get() {
            Some(Some(_)) => {
                format!("does not let you have {repository} with the credentials at hand")
            }
            _ => format!(
                "does not let everybody have {repository}, if there is one; log in with '{login}'"
            ),
        };
        Error::Unauthorized { host, why }
    }
}

/// Whether it was shown within this request who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shown {
    Before,
    Now,
}

/// The header's value that shows a name and a password.
pub(crate) fn basic(credential: &Credential) -> Option<Secret> {
    let Credential::Password { user, password } = credential else { return None };
    let text = STANDARD.encode(format!("{user}:{}", password.reveal()));
    Some(Secret::new(format!("Basic {text}")))
}
