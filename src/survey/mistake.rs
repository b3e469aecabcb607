//! What the loader finds wrong with a definition: where, as a code, and in words.

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// As in `$.blocks[2].elements[0].range`.
    pub path: String,
    /// Of [`OF_FORM`] or [`OF_MEANING`]: what is wrong, for programs and for texts in other languages.
    pub code: &'static str,
    /// What the sentence names in braces.
    pub values: Vec<(&'static str, String)>,
}

/// A code, and the sentence that follows the path.
pub type Sentence = (&'static str, &'static str);

/// What is wrong with the form of a field: the JSON Schema refuses it as well.
pub const OF_FORM: &[Sentence] = &[
    ("missing", "is missing"),
    ("unknown_field", "is not a field that is known here"),
    ("object", "must be an object"),
    (
        "schema_version",
        "must be 1, the version of definitions that is known here",
    ),
    ("name", "must be a name of 1 to 64 letters, digits, - or _"),
    ("text", "must be a text of 1 to 2000 characters"),
    ("flag", "must be true or false"),
    ("literal", "must be a text, a number, true or false"),
    (
        "literals",
        "must be an object of texts, numbers, true or false",
    ),
    ("one_of", "must be one of {wanted}"),
    ("type", "must be an object of one of the types {wanted}"),
    ("whole", "must be a whole number from {min} to {max}"),
    ("list", "must be a list of {min} to {max}"),
];

/// What is wrong with what the fields say to each other, which no schema can tell.
pub const OF_MEANING: &[Sentence] = &[
    ("language", "is not one of the survey's languages"),
    (
        "first_language",
        "has no text in the first language, which stands in for the others",
    ),
    ("taken", "has a name that something else has already"),
    ("no_element", "is not an element"),
    ("no_variable", "is not a variable"),
    ("no_value", "is neither an element nor a variable"),
    ("no_target", "is neither a block nor an ending"),
    (
        "cycle",
        "leads back to itself: a survey must come to an end",
    ),
    ("thumbs", "thumbs have a range of 2"),
    ("too_much", "asks for more than can be given"),
    ("no_rating", "is not a rating"),
    ("off_scale", "have a rating that is not on the scale"),
    ("value_or_from", "needs either a value or a from"),
    ("not_compared", "is not compared by this operator"),
    ("nothing_compared", "needs a value to compare with"),
    ("no_answer", "is nothing that can be answered there"),
];

impl Mistake {
    /// What is wrong, in English.
    pub fn sentence(&self) -> String {
        let known = OF_FORM
            .iter()
            .chain(OF_MEANING)
            .find(|(code, _)| *code == self.code);
        let mut sentence = known.map_or(self.code, |(_, sentence)| sentence).to_owned();
        for (name, value) in &self.values {
            sentence = sentence.replace(&["{", name, "}"].concat(), value);
        }
        sentence
    }

    /// The place and the sentence.
    pub fn to_text(&self) -> String {
        [&self.path, " ", &*self.sentence()].concat()
    }
}
