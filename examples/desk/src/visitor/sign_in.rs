//! Who a visitor is: known by a token of the desk's own, named by a site's, or new.

use super::Caller;
use crate::auth::VisitorClaims;
use crate::config::Site;
use crate::identity::Identities;
use crate::outbound::Ending;
use crate::refusal::Refusal;
use crate::{Desk, check};
use deskside::limits::SUBS_MAX;
use deskside::protocol::PROTOCOL_VERSION;
use deskside::protocol::command::Connect;
use uuid::Uuid;

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who it is.
    pub claims: VisitorClaims,
    /// As the site's back end says; else empty.
    pub name: String,
    /// A token to keep, where the desk made one.
    pub token: Option<String>,
    /// When the token ends, in milliseconds since 1970, if it does.
    pub expires_at: Option<u64>,
}

impl SignedIn {
    /// How long the token is good for, if it ends.
    pub fn expires_in_ms(&self) -> Option<u32> {
        let left = self.expires_at?.saturating_sub(crate::now_ms());
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }
}

/// Who a `connect` comes from: the bearer of its token, or a new visitor with a token to keep.
pub async fn sign_in(
    desk: &Desk,
    connect: &Connect,
    origin: Option<&str>,
) -> Result<SignedIn, (Refusal, Ending)> {
    let protocol = |refusal| (refusal, Ending::PROTOCOL);
    if connect.version != PROTOCOL_VERSION {
        let spoken = format!("this desk speaks version {PROTOCOL_VERSION}");
        return Err(protocol(Refusal::version(spoken)));
    }
    check::id("site", &connect.site).map_err(protocol)?;
    check::id("clientId", &connect.client_id).map_err(protocol)?;
    if connect.subs.len() > SUBS_MAX {
        let too_many = format!("subs names more than {SUBS_MAX} conversations");
        return Err(protocol(Refusal::invalid(too_many)));
    }
    let site = site(desk, &connect.site, origin).map_err(|r| (r, Ending::FORBIDDEN_SITE))?;
    if let Some(token) = &connect.token {
        let identified = identify(desk, token, Some(&site.id)).await;
        return identified.map_err(|refusal| match refusal.temporary {
            true => (refusal, Ending::UNAVAILABLE),
            false => (refusal, Ending::UNAUTHORIZED),
        });
    }
    let claims = VisitorClaims {
        sub: Uuid::now_v7().to_string(),
        aud: site.id.clone(),
        iat: crate::now_ms(),
    };
    Ok(SignedIn {
        token: Some(desk.visitor_tokens.sign(&claims)),
        claims,
        name: String::new(),
        expires_at: None,
    })
}

/// Who bears a token: a visitor whom the desk knows by a token of its own, or one whom a site names.
pub async fn identify(desk: &Desk, token: &str, site: Option<&str>) -> Result<SignedIn, Refusal> {
    if Identities::is_jwt(token) {
        let verified = desk.identities.verify(token, site, crate::now_ms())?;
        return Ok(SignedIn {
            claims: VisitorClaims {
                sub: desk.store.contact(&verified).await?,
                aud: verified.site,
                iat: crate::now_ms(),
            },
            name: verified.name,
            token: None,
            expires_at: Some(verified.expires_at),
        });
    }
    let claims = desk.visitor_tokens.check(token)?;
    if site.is_some_and(|site| site != claims.aud) {
        return Err(Refusal::unauthorized("the token is of another site"));
    }
    Ok(SignedIn {
        claims,
        name: String::new(),
        token: None,
        expires_at: None,
    })
}

/// Who a fresh token names: the same visitor, or it is refused. A visitor whom nobody named does not
/// become one whom the site names: that is another session, with conversations of its own.
pub async fn refresh(desk: &Desk, caller: &Caller, token: &str) -> Result<SignedIn, Refusal> {
    let fresh = identify(desk, token, Some(&caller.claims.aud)).await?;
    match fresh.claims.sub == caller.claims.sub {
        true => Ok(fresh),
        false => Err(Refusal::unauthorized("the token names another visitor")),
    }
}

/// The site, where pages of that origin may use it.
pub fn site<'a>(desk: &'a Desk, id: &str, origin: Option<&str>) -> Result<&'a Site, Refusal> {
    let site = desk.config.site(id).filter(|site| site.allows(origin));
    site.ok_or_else(|| Refusal::forbidden_site("this site is unknown, or not for this origin"))
}
