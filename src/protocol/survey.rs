//! Surveys on the wire: what is asked for, what was answered, and the definitions behind both.

use macro_rules_attribute::apply;

use super::event::Participant;
use crate::plain;
use crate::plain::Value;
use crate::typescript::{protocol_ts, protocol_ts_optional};

/// The desk asks how it went.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// Names the response to come; answering twice under it is one response.
    pub response_id: String,
    /// Which survey.
    pub survey_id: String,
    /// Points of its first rating.
    pub scale: u8,
    /// Who is rated: whoever had the conversation now, whoever has it later.
    pub agent: Option<Participant>,
    /// How often the conversation had been resolved.
    pub resolution_cycle: u32,
}

/// A response as far as it has come. Each one says everything; the highest revision counts.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct SurveyResponse {
    /// From the invitation; made by the device where the desk did not invite.
    pub response_id: String,
    /// Which survey.
    pub survey_id: String,
    /// Counts the states of this response, from 1, which says that it was shown.
    pub revision: u32,
    /// The first rating.
    pub rating: Option<u8>,
    /// The first answer in words.
    pub comment: Option<String>,
    /// Whether the visitor is done.
    pub finished: bool,
    /// The definition's version.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>"))]
    pub survey_version: u32,
    /// The highest point of the first rating; 0 where there is none.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u8>"))]
    pub scale: u8,
    /// Whether the visitor waved it away before they were done.
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>"))]
    pub dismissed: bool,
    /// The end screen.
    pub ending_id: Option<String>,
    /// BCP 47: in which it was asked.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub language: String,
    /// Blocks that were submitted.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>"))]
    pub steps: u32,
    /// Answers by element.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [element: string]: unknown }", optional)
    )]
    pub data: Value,
    /// Variables, as calculated from the answers.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [variable: string]: unknown }", optional)
    )]
    pub variables: Value,
    /// Fields that the page filled in.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [field: string]: unknown }", optional)
    )]
    pub hidden: Value,
    /// Milliseconds spent on each element.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [element: string]: number }", optional)
    )]
    pub ttc: Value,
    /// Where it was shown: `widget`, `inline` or `headless`.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub source: String,
    /// The page, without query and fragment.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub url: String,
    /// When it was offered. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub created_at: u64,
    /// When it last changed. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub updated_at: u64,
}

/// The surveys of a site.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurveySet {
    /// Changes when a definition does; sent with `connect`, so that they come only then.
    pub digest: String,
    /// As they were written.
    #[cfg_attr(feature = "typescript", ts(type = "unknown[]"))]
    pub definitions: Vec<Value>,
}

plain!(struct Invitation { response_id, survey_id, scale, agent, resolution_cycle });
plain!(struct SurveyResponse { response_id, survey_id, revision, rating, comment, finished; survey_version, scale, dismissed, ending_id, language, steps, data, variables, hidden, ttc, source, url, created_at, updated_at });
plain!(struct SurveySet { digest, definitions });
