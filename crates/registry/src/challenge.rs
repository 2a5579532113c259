//! How a registry wants to be told who asks: the header `WWW-Authenticate` (RFC 9110, section 11.6.1), as
//! registries use it (distribution, "Token Authentication Specification").

/// Most parameters of one challenge that are kept.
const MOST_PARAMETERS: usize = 32;

/// A way to say who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Challenge {
    /// By name and password.
    Basic,
    /// By a token, which somebody else hands out.
    Bearer(Bearer),
}

/// Who hands out tokens.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bearer {
    /// The URL to ask.
    pub realm: String,
    /// For which registry.
    pub service: Option<String>,
    /// For what.
    pub scope: Option<String>,
}

impl Challenge {
    /// Reads the challenges of a header. Ways that registries do not use are left out, and so is what is
    /// malformed.
    pub fn parse(header: &str) -> Vec<Self> {
        let mut reader = Reader { rest: header };
        let mut found = Vec::new();
        while let Some(scheme) = reader.scheme() {
            let parameters = reader.parameters();
            let get = |name: &str| {
                let mut named = parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                named.next().map(|(_, value)| value.clone())
            };
            match scheme.to_ascii_lowercase().as_str() {
                "basic" => found.push(Self::Basic),
                "bearer" => found.extend(get("realm").map(|realm| {
                    Self::Bearer(Bearer { realm, service: get("service"), scope: get("scope") })
                })),
                _ => {}
            }
        }
        found
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn scheme(&mut self) -> Option<&'a str> {
        self.skip_separators();
        match self.token() {
            "" => None,
            scheme => Some(scheme),
        }
    }

    /// `name=value` or `name="value"`, with commas between them.
    fn parameters(&mut self) -> Vec<(&'a str, String)> {
        let mut found = Vec::new();
        loop {
            self.skip_separators();
            let before = self.rest;
            let name = self.token();
            let Some(rest) = self.rest.trim_start().strip_prefix('=').filter(|_| !name.is_empty())
            else {
                // The next scheme, or the end.
                self.rest = before;
                return found;
            };
            self.rest = rest.trim_start();
            let value = self.value();
            if found.len() < MOST_PARAMETERS {
                found.push((name, value));
            }
        }
    }

    fn skip_separators(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
    }

    /// What may stand in a token (RFC 9110, section 5.6.2).
    fn token(&mut self) -> &'a str {
        let is_of_token =
            |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(char);
        let end = self.rest.find(|char| !is_of_token(char)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    fn value(&mut self) -> String {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            // Base64, as other ways have it, ends with '='.
            let end = self.rest.find([',', ' ']).unwrap_or(self.rest.len());
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            return value.to_owned();
        };
        let mut value = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.rest = quoted.get(at + 1..).unwrap_or_default();
                    return value;
                }
                '\\' => value.extend(chars.next().map(|(_, char)| char)),
                char => value.push(char),
            }
        }
        self.rest = "";
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (realm, service, scope) = (realm.to_owned(), owned(service), owned(scope));
        Challenge::Bearer(Bearer { realm, service, scope })
    }

    #[test]
    fn challenges_are_read() {
        let token = "https://auth.example/token";
        for (header, expected) in [
            (r#"Basic realm="Registry""#, vec![Challenge::Basic]),
            ("basic", vec![Challenge::Basic]),
            (
                r#"Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull,push""#,
                vec![bearer(token, Some("r"), Some("repository:a/b:pull,push"))],
            ),
            (
                r#"BEARER  Realm = "https://auth.example/token" , error="invalid_token""#,
                vec![bearer(token, None, None)],
            ),
            (
                r#"Negotiate abc==, Basic realm="a, b", Bearer realm=https://auth.example/token"#,
                vec![Challenge::Basic, bearer(token, None, None)],
            ),
            (r#"Bearer realm="a\"b\\c""#, vec![bearer(r#"a"b\c"#, None, None)]),
            (r#"Bearer service="r""#, vec![]),
            (r#"Bearer realm="never ends"#, vec![bearer("never ends", None, None)]),
            ("", vec![]),
            (",,, ,", vec![]),
            ("=", vec![]),
            ("\"\"", vec![]),
            ("é", vec![]),
        ] {
            assert_eq!(Challenge::parse(header), expected, "{header}");
        }
    }
}
