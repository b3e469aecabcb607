//! What is said about files and articles that were not taken in whole.

use serde::{Serialize, Serializer};
use std::fmt;

/// Where in a file something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// A line, counted from 1.
    Line(u32),
    /// An article of a list, counted from 1.
    Item(u32),
}

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The file.
    pub path: String,
    /// Where in the file; the whole of it if nothing is said.
    pub place: Option<Place>,
    /// Why, for programs.
    pub code: Code,
    /// What exactly: a name, an address, what the parser said.
    pub detail: String,
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Plain<'r> {
            path: &'r str,
            #[serde(skip_serializing_if = "Option::is_none")]
            place: Option<Place>,
            code: Code,
            detail: &'r str,
            reason: String,
        }
        Plain {
            path: &self.path,
            place: self.place,
            code: self.code,
            detail: &self.detail,
            reason: self.reason(),
        }
        .serialize(serializer)
    }
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// The file is larger than [`IMPORT_BYTES_MAX`](crate::limits::IMPORT_BYTES_MAX).
    TooLarge,
    /// The file is of no format that is known.
    UnknownFormat,
    /// The bytes are no text, or of an unknown encoding.
    Encoding,
    /// Some bytes are broken; they show as replacement characters.
    BrokenBytes,
    /// The file, or a part of it, does not follow its format.
    Syntax,
    /// A field is not of its kind.
    Field,
    /// A question list without a column for the question or for the answer.
    NoColumns,
    /// A page without a FAQPage in JSON-LD.
    NoFaqPage,
    /// A list without articles.
    NoArticles,
    /// Without a title.
    NoTitle,
    /// Without an answer.
    NoAnswer,
    /// Not published yet.
    Draft,
    /// Not published any more.
    Archived,
    /// The article asks to be kept out of the search.
    Excluded,
    /// A date that cannot be read.
    Date,
    /// A link that may not be followed; its text stays.
    LinkRefused,
    /// A link to a file that is not there; its text stays.
    LinkBroken,
    /// A picture that may not be loaded.
    PictureRefused,
}

impl Remark {
    /// The reason as a sentence.
    pub fn reason(&self) -> String {
        let detail = &self.detail;
        match self.code {
            Code::TooLarge => "The file is too large.".into(),
            Code::UnknownFormat => {
                "The file is no Markdown, question list, HTML page or help-centre export.".into()
            }
            Code::Encoding => "The text is neither UTF-8, UTF-16 nor GB18030.".into(),
            Code::BrokenBytes => format!("The text has broken bytes, the first at byte {detail}."),
            Code::Syntax => format!("It does not follow its format: {detail}"),
            Code::Field => format!("The field {detail} has a value of another kind."),
            Code::NoColumns => format!("No column for {detail}."),
            Code::NoFaqPage => "The page has no FAQPage in JSON-LD.".into(),
            Code::NoArticles => "There are no articles in it.".into(),
            Code::NoTitle => "It has no title.".into(),
            Code::NoAnswer => format!("\"{detail}\" has no answer."),
            Code::Draft => format!("\"{detail}\" is a draft."),
            Code::Archived => format!("\"{detail}\" is archived."),
            Code::Excluded => format!("\"{detail}\" is excluded from search by its author."),
            Code::Date => format!("The date \"{detail}\" cannot be read."),
            Code::LinkRefused => format!("The link \"{detail}\" may not be followed."),
            Code::LinkBroken => format!("The link \"{detail}\" leads to no file."),
            Code::PictureRefused => format!("The picture \"{detail}\" may not be loaded."),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.place {
            Some(Place::Line(line)) => write!(f, ", line {line}")?,
            Some(Place::Item(item)) => write!(f, ", item {item}")?,
            None => {}
        }
        write!(f, ": {}", self.reason())
    }
}

/// Collects the remarks of one file after the other.
#[derive(Default)]
pub(super) struct Reporter {
    path: String,
    pub skipped: Vec<Remark>,
    pub warnings: Vec<Remark>,
}

/// A detail is a hint, no copy of the file.
const DETAIL_CHARS_MAX: usize = 200;

impl Reporter {
    /// Turns to another file.
    pub fn enter(&mut self, path: &str) {
        self.path = path.into();
    }

    /// A file or an article is left out.
    pub fn skip(&mut self, place: Option<Place>, code: Code, detail: impl AsRef<str>) {
        let remark = self.remark(place, code, detail.as_ref());
        self.skipped.push(remark);
    }

    /// A part is left out.
    pub fn warn(&mut self, place: Option<Place>, code: Code, detail: impl AsRef<str>) {
        let remark = self.remark(place, code, detail.as_ref());
        self.warnings.push(remark);
    }

    fn remark(&self, place: Option<Place>, code: Code, detail: &str) -> Remark {
        let detail = detail.chars().map(|c| {
            if c == '\n' {
                ' '
            } else {
                crate::richtext::neutral(c)
            }
        });
        Remark {
            path: self.path.clone(),
            place,
            code,
            detail: detail.take(DETAIL_CHARS_MAX).collect(),
        }
    }
}
