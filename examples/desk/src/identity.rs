//! Visitors whom the site's own back end names, by a JWT that it signs. The algorithm and the key are
//! the site's configuration; what the token says of either counts for nothing.

use crate::config::{ConfigError, Site};
use crate::limits::{
    ID_BYTES_MAX, JWT_LEEWAY_S, JWT_VALID_S_MAX, TITLE_BYTES_MAX, TOKEN_BYTES_MAX,
};
use crate::refusal::Refusal;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// How a site signs, in `desk.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityConfig {
    /// The one that is taken.
    pub algorithm: Pinned,
    /// HS256: a secret of 32 bytes or more. ES256, RS256: a public key, PEM.
    #[serde(default)]
    pub key: Option<String>,
    /// A file with the key, relative to `desk.json`.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// What `aud` must say; the site's id where nothing is said here.
    #[serde(default)]
    pub audience: Option<String>,
}

/// The algorithms that a site may choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Pinned {
    /// A secret that the site and the desk share.
    #[serde(rename = "HS256")]
    Hs256,
    /// An elliptic curve, P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA.
    #[serde(rename = "RS256")]
    Rs256,
}

impl IdentityConfig {
    /// Reads the key's file.
    pub fn read(&mut self, folder: &Path) -> Result<(), String> {
        if let Some(file) = &self.key_file {
            let path = folder.join(file);
            let key = std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            self.key = Some(key.trim().to_owned());
        }
        Ok(())
    }
}

/// Checks the tokens of all sites.
pub struct Identities {
    sites: Vec<Verifier>,
}

struct Verifier {
    site: String,
    audience: String,
    validation: Validation,
    key: DecodingKey,
}

/// Whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The site's id.
    pub site: String,
    /// The site's name for them.
    pub subject: String,
    /// What agents see; may be empty.
    pub name: String,
    /// What agents see.
    pub email: Option<String>,
    /// Milliseconds since 1970.
    pub expires_at: u64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: Option<String>,
}

#[derive(Deserialize)]
struct Audience {
    aud: Aud,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Aud {
    One(String),
    Many(Vec<String>),
}

impl Identities {
    /// As the sites say.
    pub fn new(sites: &[Site]) -> Result<Self, ConfigError> {
        let mut verifiers: Vec<Verifier> = Vec::new();
        for (at, site) in sites.iter().enumerate() {
            let Some(identity) = &site.identity else {
                continue;
            };
            let verifier = Verifier::new(site, identity)
                .map_err(|problem| ConfigError::new(format!("sites[{at}].identity: {problem}")))?;
            if verifiers
                .iter()
                .any(|other| other.audience == verifier.audience)
            {
                return Err(ConfigError::new(format!(
                    "sites[{at}].identity: another site has the audience {:?}",
                    verifier.audience
                )));
            }
            verifiers.push(verifier);
        }
        Ok(Self { sites: verifiers })
    }

    /// Whether it looks like a token of a site, and not of the desk.
    pub fn is_jwt(token: &str) -> bool {
        token.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Whom the token names, where a site signed it and it is of that site.
    pub fn verify(&self, token: &str, site: Option<&str>, now: u64) -> Result<Verified, Refusal> {
        let refuse = |why: String| Refusal::unauthorized(format!("the token is refused: {why}"));
        if token.len() > TOKEN_BYTES_MAX {
            return Err(refuse("it is too long".to_owned()));
        }
        let verifier = match site {
            Some(site) => self.sites.iter().find(|verifier| verifier.site == site),
            // Which site's key to check with; what it is for is checked with that key.
            None => self.named_in(token),
        };
        let verifier =
            verifier.ok_or_else(|| refuse("this site names nobody by a token".to_owned()))?;
        let checked = jsonwebtoken::decode::<Claims>(token, &verifier.key, &verifier.validation);
        let claims = checked.map_err(|error| refuse(error.to_string()))?.claims;
        if claims.exp > now / 1_000 + JWT_VALID_S_MAX + JWT_LEEWAY_S {
            return Err(refuse(format!(
                "it is valid for more than {JWT_VALID_S_MAX} s"
            )));
        }
        if claims.sub.is_empty() || claims.sub.len() > ID_BYTES_MAX {
            return Err(refuse(format!("sub has not 1 to {ID_BYTES_MAX} bytes")));
        }
        let fits = |text: &String| text.len() <= TITLE_BYTES_MAX;
        Ok(Verified {
            site: verifier.site.clone(),
            subject: claims.sub,
            name: Some(claims.name).filter(fits).unwrap_or_default(),
            email: claims.email.filter(fits),
            expires_at: (claims.exp + JWT_LEEWAY_S) * 1_000,
        })
    }

    fn named_in(&self, token: &str) -> Option<&Verifier> {
        let said: Audience = dangerous::insecure_decode_claims(token).ok()?;
        let named = match said.aud {
            Aud::One(one) => vec![one],
            Aud::Many(many) => many,
        };
        self.sites
            .iter()
            .find(|site| named.contains(&site.audience))
    }
}

impl Verifier {
    fn new(site: &Site, identity: &IdentityConfig) -> Result<Self, String> {
        const SECRET_BYTES_MIN: usize = 32;
        let key = identity
            .key
            .as_deref()
            .ok_or("key and keyFile are missing")?;
        let no_key = |error: jsonwebtoken::errors::Error| format!("key is no public key: {error}");
        let (algorithm, key) = match identity.algorithm {
            Pinned::Hs256 if key.len() < SECRET_BYTES_MIN => {
                return Err(format!("key has fewer than {SECRET_BYTES_MIN} bytes"));
            }
            Pinned::Hs256 => (Algorithm::HS256, DecodingKey::from_secret(key.as_bytes())),
            Pinned::Es256 => {
                let key = DecodingKey::from_ec_pem(key.as_bytes()).map_err(no_key)?;
                (Algorithm::ES256, key)
            }
            Pinned::Rs256 => {
                let key = DecodingKey::from_rsa_pem(key.as_bytes()).map_err(no_key)?;
                (Algorithm::RS256, key)
            }
        };
        let audience = identity.audience.as_ref().unwrap_or(&site.id).clone();
        let mut validation = Validation::new(algorithm);
        validation.leeway = JWT_LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_audience(&[&audience]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        Ok(Self {
            site: site.id.clone(),
            audience,
            validation,
            key,
        })
    }
}
