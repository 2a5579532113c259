//! Tokens: who hands them out is asked in the place of the registry (distribution, "Token Authentication
//! Specification", and "OAuth2").

use client::redirect::{host_of, is_tls};
use serde::Deserialize;
use ureq::{
    Body,
    http::{Response, StatusCode, Uri},
};

use crate::{
    Error, Secret,
    answer::{check, read_bounded},
    challenge::Bearer,
    credentials::Credential,
    http::{Ask, Failure, Http},
    session::basic,
};

/// Longest answer with a token in it.
const LONGEST_ANSWER_BYTES: u64 = 1 << 20;
/// As whom the program itself asks.
const CLIENT: &str = "watchkeeper";

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

/// Asks for a token to pull from a repository, which is the value of a header then.
pub(crate) fn get(
    http: &Http,
    from: &Uri,
    bearer: &Bearer,
    repository: &str,
    credential: Option<&Credential>,
) -> Result<Secret, Failure> {
    let realm = realm(from, bearer)?;
    let fields = fields(bearer, repository);
    let answer = match credential {
        Some(Credential::RegistryToken(token)) => return Ok(header(token.reveal())),
        Some(Credential::IdentityToken(token)) => {
            let mut fields = fields;
            fields.push(("grant_type", "refresh_token".to_owned()));
            fields.push(("client_id", CLIENT.to_owned()));
            fields.push(("refresh_token", token.reveal().to_owned()));
            http.post(&realm, &Secret::new(encoded(&fields)))?
        }
        password => {
            let mut ask = Ask::new(with_query(&realm, &encoded(&fields))?);
            ask.authorization = password.and_then(basic);
            http.get(ask)?
        }
    };
    token(&realm, answer)
}

/// The URL of who hands out tokens. Nobody shows who they are in plain text because a registry with TLS
/// says so.
fn realm(from: &Uri, bearer: &Bearer) -> Result<Uri, Failure> {
    let wrong = |why: &str| Failure::Lasting(Error::host(host_of(from), why));
    let realm: Uri = bearer.realm.parse().map_err(|_| wrong("its realm of tokens is no URL"))?;
    match realm.scheme_str() {
        Some("https") => {}
        Some("http") if !is_tls(from) => {}
        Some("http") => return Err(wrong("it has tokens handed out in plain text")),
        _ => return Err(wrong("its realm of tokens is no URL")),
    }
    match host_of(&realm).contains('@') {
        true => Err(wrong("its realm of tokens has a name in it")),
        false => Ok(realm),
    }
}

fn fields(bearer: &Bearer, repository: &str) -> Vec<(&'static str, String)> {
    let scope = format!("repository:{repository}:pull");
    let service = bearer.service.iter().map(|service| ("service", service.clone()));
    // A registry may know the repository by another name.
    let other = bearer.scope.iter().filter(|other| **other != scope && !other.is_empty());
    let other = other.map(|other| ("scope", other.clone()));
    service.chain(other).chain([("scope", scope.clone())]).collect()
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, Failure> {
    let mark = if uri.query().is_some() { '&' } else { '?' };
    format!("{uri}{mark}{query}")
        .parse()
        .map_err(|_| Failure::Lasting(Error::host(host_of(uri), "its realm of tokens is too long")))
}

/// Fields of a form (`application/x-www-form-urlencoded`).
fn encoded(fields: &[(&str, String)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn token(realm: &Uri, answer: Response<Body>) -> Result<Secret, Failure> {
    let host = host_of(realm);
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) {
        let why = "hands out no token: the credentials are wrong, or are not enough".to_owned();
        return Err(Failure::Lasting(Error::Unauthorized { host: host.to_owned(), why }));
    }
    let answer = check(host, "token", answer)?;
    let malformed = |why: &str| Failure::Lasting(Error::host(host, why));
    let json = read_bounded(answer, LONGEST_ANSWER_BYTES).map_err(|why| Error::host(host, why))?;
    let answer: Answer = serde_json::from_slice(&json)
        .map_err(|_| malformed("what it hands out is not what those who have tokens do"))?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    token.map(|token| header(&token)).ok_or_else(|| malformed("hands out no token"))
}

fn header(token: &str) -> Secret {
    Secret::new(format!("Bearer {token}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_escaped() {
        let fields = [("a", "x y&z=é/:".to_owned()), ("b", "repository:a/b:pull".to_owned())];
        assert_eq!(encoded(&fields), "a=x%20y%26z%3D%C3%A9%2F%3A&b=repository%3Aa%2Fb%3Apull");
    }

    #[test]
    fn realms_are_urls_that_are_as_safe_as_the_registry() {
        let of = |from: &str, to: &str| {
            let bearer = Bearer { realm: to.to_owned(), ..Bearer::default() };
            realm(&from.parse().unwrap(), &bearer).is_ok()
        };
        assert!(of("https://a.example", "https://b.example/token?x=1"));
        assert!(of("http://a.example", "http://b.example/token"));
        assert!(!of("https://a.example", "http://b.example/token"));
        for wrong in
            ["", "/token", "file:///x", "b.example", "https://me:pw@b.example/", "https://"]
        {
            assert!(!of("https://a.example", wrong), "{wrong}");
        }
    }
}
