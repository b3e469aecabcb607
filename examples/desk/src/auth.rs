//! Who is who: visitors by tokens that the desk signs, agents by a password and then by a token of
//! which the desk keeps only a hash.

use crate::limits::{PASSWORD_CHECKS_MAX, TOKEN_BYTES_MAX};
use crate::refusal::Refusal;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// The demo account's e-mail address; it can sign in only while the desk runs with `--demo`.
pub const DEMO_EMAIL: &str = "demo@deskside.example";
/// The demo account's password.
pub const DEMO_PASSWORD: &str = "deskside-demo";
/// The demo account's name.
pub const DEMO_NAME: &str = "Robin Vale";

/// Signs and checks visitors' tokens.
pub struct VisitorTokens {
    key: Hmac<Sha256>,
}

/// What a visitor's token says. It does not expire: an anonymous visitor's conversations are found
/// again after any time offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorClaims {
    /// The visitor's id.
    pub sub: String,
    /// The site on which the visitor came.
    pub aud: String,
    /// When it was made, in milliseconds since 1970.
    pub iat: u64,
}

impl VisitorTokens {
    /// With the database's secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        // HMAC takes keys of any length.
        let mut key = match Hmac::<Sha256>::new_from_slice(secret) {
            Ok(key) => key,
            Err(_) => unreachable!("a key of 32 bytes was refused"),
        };
        key.update(b"deskside visitor token\0");
        Self { key }
    }

    /// A token: the claims and their MAC, both base64url.
    pub fn sign(&self, claims: &VisitorClaims) -> String {
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let mut token = URL_SAFE_NO_PAD.encode(claims);
        let mac = self.key.clone().chain_update(&token).finalize();
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(mac.into_bytes(), &mut token);
        token
    }

    /// The claims, where this desk signed them.
    pub fn check(&self, token: &str) -> Result<VisitorClaims, Refusal> {
        let forged = || Refusal::unauthorized("the token was not made by this desk");
        if token.len() > TOKEN_BYTES_MAX {
            return Err(forged());
        }
        let (signed, mac) = token.split_once('.').ok_or_else(forged)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| forged())?;
        let key = self.key.clone().chain_update(signed);
        key.verify_slice(&mac).map_err(|_| forged())?;
        let claims = URL_SAFE_NO_PAD.decode(signed).map_err(|_| forged())?;
        serde_json::from_slice(&claims).map_err(|_| forged())
    }
}

/// A new token for an agent, and the hash to keep.
pub fn agent_token() -> Result<(String, [u8; 32]), Refusal> {
    let token = URL_SAFE_NO_PAD.encode(random()?);
    let hash = token_hash(&token);
    Ok((token, hash))
}

/// The hash under which a token is kept. The token has 256 random bits, so a fast hash will do.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Random bytes of the operating system.
pub fn random() -> Result<[u8; 32], Refusal> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no random bytes");
        Refusal::unavailable()
    })?;
    Ok(bytes)
}

/// Hashes a password: argon2id, 19 MiB, two passes. Takes tens of milliseconds.
pub fn hash_password(password: &str) -> Result<String, Refusal> {
    let failed = |error: argon2::password_hash::Error| {
        tracing::error!(%error, "a password could not be hashed");
        Refusal::unavailable()
    };
    let salt = SaltString::encode_b64(&random()?[..16]).map_err(failed)?;
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map_err(failed)?;
    Ok(hash.to_string())
}

/// Checks passwords, a few at a time.
pub struct Passwords {
    permits: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            permits: Semaphore::new(PASSWORD_CHECKS_MAX),
        }
    }
}

impl Passwords {
    /// Whether the password fits the kept hash. Without one it is hashed all the same, so that the
    /// time does not tell which addresses have an account.
    pub async fn fit(&self, password: String, kept: Option<String>) -> Result<bool, Refusal> {
        let _permit = self.permits.acquire().await;
        let check = tokio::task::spawn_blocking(move || match kept {
            Some(hash) => Ok(verify(&password, &hash)),
            None => hash_password(&password).map(|_| false),
        });
        check.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a password check did not end");
            Err(Refusal::unavailable())
        })
    }
}

fn verify(password: &str, hash: &str) -> bool {
    match PasswordHash::new(hash) {
        Ok(hash) => Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok(),
        Err(error) => {
            tracing::error!(%error, "a kept password cannot be read");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskside::protocol::error_code::UNAUTHORIZED;

    fn claims(site: &str) -> VisitorClaims {
        VisitorClaims {
            sub: "0190a5d0-0000-7000-8000-000000000001".to_owned(),
            aud: site.to_owned(),
            iat: 1,
        }
    }

    #[test]
    fn a_token_comes_back_as_the_claims_that_were_signed() {
        let tokens = VisitorTokens::new(&[7; 32]);
        let token = tokens.sign(&claims("shop"));
        assert_eq!(tokens.check(&token), Ok(claims("shop")));
    }

    #[test]
    fn a_token_of_another_desk_is_refused() {
        let tokens = VisitorTokens::new(&[7; 32]);
        let token = tokens.sign(&claims("shop"));
        let other_desk = VisitorTokens::new(&[8; 32]);
        assert_eq!(other_desk.check(&token).unwrap_err().code, UNAUTHORIZED);
    }

    #[test]
    fn a_token_with_one_changed_byte_is_refused() {
        let tokens = VisitorTokens::new(&[7; 32]);
        let token = tokens.sign(&claims("shop"));
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(tokens.check(&forged).is_err(), "byte {at}");
        }
    }

    #[test]
    fn tokens_without_a_signature_are_refused() {
        let tokens = VisitorTokens::new(&[7; 32]);
        let token = tokens.sign(&claims("shop"));
        let unsigned = token.split('.').next().unwrap();
        let long = "a".repeat(2_000);
        for forged in ["", ".", unsigned, &format!("{unsigned}."), &long] {
            assert!(tokens.check(forged).is_err(), "{forged}");
        }
    }

    #[tokio::test]
    async fn a_password_fits_only_its_own_hash_and_no_account_fits_none() {
        let passwords = Passwords::default();
        let hash = hash_password("correct horse").unwrap();
        let fit = |password: &str, kept: Option<String>| passwords.fit(password.to_owned(), kept);
        assert_eq!(fit("correct horse", Some(hash.clone())).await, Ok(true));
        assert_eq!(fit("correct horses", Some(hash)).await, Ok(false));
        assert_eq!(fit("correct horse", None).await, Ok(false));
    }
}
