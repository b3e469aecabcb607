//! The terms of a survey's definition: which fields there are, and what each may hold.
//!
//! One table for all: the loader walks it, texts are put into a language by it, and the JSON Schema
//! and the TypeScript types are written from it, so that they cannot disagree about a definition.

/// What a value may be.
#[derive(Debug)]
pub enum Kind {
    /// This text and no other.
    Exactly(&'static str),
    /// This number and no other.
    Version(u32),
    /// A name: letters, digits, `-` and `_`; unlike those beside it.
    Id,
    /// The name of something of this class, by which other parts refer to it; unlike all others.
    New(Class),
    /// The name of something of one of these classes, and the code of what is wrong where it names nothing.
    Ref(Class, &'static str),
    /// A text in one language, as in a pattern or a name.
    Plain,
    /// A text for people: one for all languages, or one for each.
    Texts,
    /// True or false.
    Flag,
    /// A whole number from the first to the second.
    Whole(u32, u32),
    /// One of these whole numbers.
    Points(&'static [u32]),
    /// A text, a number, true or false.
    Literal,
    /// One of these words.
    Word(&'static [&'static str]),
    /// So many, at least and at most, of a kind.
    List(&'static Kind, usize, usize),
    /// Literals by name.
    Names,
    /// Fields.
    Record(&'static Form),
    /// One of several records, told apart by the first field of each.
    Forms(&'static [&'static Form]),
}

/// What names are given to, and what may be referred to: bits.
pub type Class = u8;
/// A question.
pub const ELEMENTS: Class = 1;
/// A variable, or a field that the page fills in.
pub const STORES: Class = 2;
/// A block.
pub const BLOCK_IDS: Class = 4;
/// An end screen.
pub const ENDING_IDS: Class = 8;

/// A record's name, for types, and its fields.
#[derive(Debug)]
pub struct Form {
    /// As in `NpsElement`.
    pub name: &'static str,
    /// In the order in which they are documented.
    pub fields: &'static [Field],
}

/// A field: its name, what it holds, whether it must be there.
#[derive(Debug)]
pub struct Field(pub &'static str, pub Kind, pub bool);

/// Blocks of a survey.
pub const BLOCKS_MAX: usize = 100;
/// Points of a scale.
pub const POINTS_MAX: u32 = 10;
/// Elements of a block.
pub const ELEMENTS_MAX: usize = 30;
/// Choices of a question.
pub const CHOICES_MAX: usize = 60;
/// Languages, triggers, variables, endings, rules, and the like.
pub const FEW_MAX: usize = 30;
/// Characters of a text for people.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// The longest answer in words, in characters.
pub const ANSWER_CHARS_MAX: u32 = 5_000;

// What is said where a reference leads to nothing: codes of `mistake`.
const NO_ELEMENT: &str = "no_element";
const NO_VALUE: &str = "no_value";
const NO_TARGET: &str = "no_target";
const YES: bool = true;
const NO: bool = false;

static CHOICE: Form = Form {
    name: "Choice",
    fields: &[Field("id", Kind::Id, YES), Field("label", Kind::Texts, YES)],
};
static CHOICES: Kind = Kind::Record(&CHOICE);
static OTHER: Form = Form {
    name: "OtherChoice",
    fields: &[
        Field("label", Kind::Texts, YES),
        Field("placeholder", Kind::Texts, NO),
    ],
};
static SCALE: &[&str] = &["star", "emoji", "thumbs", "number"];

macro_rules! element {
    ($static:ident, $name:literal, $kind:literal $(, $field:expr)*) => {
        static $static: Form = Form {
            name: $name,
            fields: &[
                Field("type", Kind::Exactly($kind), YES),
                Field("id", Kind::New(ELEMENTS), YES),
                Field("headline", Kind::Texts, YES),
                Field("description", Kind::Texts, NO),
                Field("required", Kind::Flag, NO),
                $($field),*
            ],
        };
    };
}

element!(
    CSAT,
    "CsatElement",
    "csat",
    Field("scale", Kind::Word(SCALE), YES),
    Field("range", Kind::Points(&[2, 3, 4, 5, 7, 10]), YES),
    Field("lowerLabel", Kind::Texts, NO),
    Field("upperLabel", Kind::Texts, NO)
);
element!(
    NPS,
    "NpsElement",
    "nps",
    Field("lowerLabel", Kind::Texts, NO),
    Field("upperLabel", Kind::Texts, NO)
);
element!(
    CES,
    "CesElement",
    "ces",
    Field("range", Kind::Points(&[5, 7]), YES),
    Field("lowerLabel", Kind::Texts, NO),
    Field("upperLabel", Kind::Texts, NO)
);
element!(
    SINGLE,
    "SingleChoiceElement",
    "singleChoice",
    Field("choices", Kind::List(&CHOICES, 2, CHOICES_MAX), YES),
    Field("shuffle", Kind::Flag, NO),
    Field("other", Kind::Record(&OTHER), NO)
);
static SELECTIONS: Form = Form {
    name: "SelectionRule",
    fields: &[
        Field("min", Kind::Whole(1, CHOICES_MAX as u32), NO),
        Field("max", Kind::Whole(1, CHOICES_MAX as u32), NO),
    ],
};
element!(
    MULTIPLE,
    "MultipleChoiceElement",
    "multipleChoice",
    Field("choices", Kind::List(&CHOICES, 2, CHOICES_MAX), YES),
    Field("shuffle", Kind::Flag, NO),
    Field("other", Kind::Record(&OTHER), NO),
    Field("validation", Kind::Record(&SELECTIONS), NO)
);
static WORDING: Form = Form {
    name: "TextRule",
    fields: &[
        Field(
            "kind",
            Kind::Word(&["text", "email", "url", "phone", "number"]),
            NO,
        ),
        Field("minLength", Kind::Whole(1, ANSWER_CHARS_MAX), NO),
        Field("maxLength", Kind::Whole(1, ANSWER_CHARS_MAX), NO),
    ],
};
element!(
    OPEN_TEXT,
    "OpenTextElement",
    "openText",
    Field("multiline", Kind::Flag, NO),
    Field("placeholder", Kind::Texts, NO),
    Field("validation", Kind::Record(&WORDING), NO)
);
element!(
    BOOLEAN,
    "BooleanElement",
    "boolean",
    Field("yesLabel", Kind::Texts, NO),
    Field("noLabel", Kind::Texts, NO)
);
element!(
    CONSENT,
    "ConsentElement",
    "consent",
    Field("label", Kind::Texts, YES)
);
static POINT: Kind = Kind::Whole(0, 10);
static TAG_SET: Form = Form {
    name: "TagSet",
    fields: &[
        Field("ratings", Kind::List(&POINT, 1, 11), YES),
        Field("choices", Kind::List(&CHOICES, 1, CHOICES_MAX), YES),
    ],
};
static TAG_SETS: Kind = Kind::Record(&TAG_SET);
element!(
    TAGS,
    "TagsElement",
    "tags",
    Field("rating", Kind::Ref(ELEMENTS, NO_ELEMENT), YES),
    Field("sets", Kind::List(&TAG_SETS, 1, 11), YES)
);
/// A question.
pub static ELEMENT: Kind = Kind::Forms(&[
    &CSAT, &NPS, &CES, &SINGLE, &MULTIPLE, &OPEN_TEXT, &BOOLEAN, &CONSENT, &TAGS,
]);

/// What a condition may ask. The last two take no value.
pub static OPERATORS: &[&str] = &[
    "equals",
    "notEquals",
    "less",
    "lessOrEqual",
    "greater",
    "greaterOrEqual",
    "includes",
    "excludes",
    "submitted",
    "skipped",
];
static GROUP: Form = Form {
    name: "ConditionGroup",
    fields: &[
        Field("connector", Kind::Word(&["and", "or"]), YES),
        Field("conditions", Kind::List(&CONDITION, 1, FEW_MAX), YES),
    ],
};
static COMPARISON: Form = Form {
    name: "Comparison",
    fields: &[
        Field("left", Kind::Ref(ELEMENTS | STORES, NO_VALUE), YES),
        Field("operator", Kind::Word(OPERATORS), YES),
        Field("value", Kind::Literal, NO),
    ],
};
static CONDITION: Kind = Kind::Forms(&[&GROUP, &COMPARISON]);
static JUMP: Form = Form {
    name: "JumpAction",
    fields: &[
        Field("type", Kind::Exactly("jump"), YES),
        Field("target", Kind::Ref(BLOCK_IDS | ENDING_IDS, NO_TARGET), YES),
    ],
};
static REQUIRE: Form = Form {
    name: "RequireAction",
    fields: &[
        Field("type", Kind::Exactly("require"), YES),
        Field("element", Kind::Ref(ELEMENTS, NO_ELEMENT), YES),
    ],
};
static CALCULATE: Form = Form {
    name: "CalculateAction",
    fields: &[
        Field("type", Kind::Exactly("calculate"), YES),
        Field("variable", Kind::Ref(STORES, "no_variable"), YES),
        Field(
            "operation",
            Kind::Word(&["assign", "add", "subtract", "multiply", "divide"]),
            YES,
        ),
        Field("value", Kind::Literal, NO),
        Field("from", Kind::Ref(ELEMENTS | STORES, NO_VALUE), NO),
    ],
};
static ACTION: Kind = Kind::Forms(&[&JUMP, &REQUIRE, &CALCULATE]);
static RULE: Form = Form {
    name: "Rule",
    fields: &[
        Field("conditions", CONDITION_FIELD, YES),
        Field("actions", Kind::List(&ACTION, 1, FEW_MAX), YES),
    ],
};
const CONDITION_FIELD: Kind = Kind::Forms(&[&GROUP, &COMPARISON]);
static RULES: Kind = Kind::Record(&RULE);
static BLOCK: Form = Form {
    name: "Block",
    fields: &[
        Field("id", Kind::New(BLOCK_IDS), YES),
        Field("elements", Kind::List(&ELEMENT, 1, ELEMENTS_MAX), YES),
        Field("logic", Kind::List(&RULES, 0, FEW_MAX), NO),
        Field(
            "logicFallback",
            Kind::Ref(BLOCK_IDS | ENDING_IDS, NO_TARGET),
            NO,
        ),
    ],
};
static BLOCKS: Kind = Kind::Record(&BLOCK);
static ENDING_FORM: Form = Form {
    name: "Ending",
    fields: &[
        Field("id", Kind::New(ENDING_IDS), YES),
        Field("headline", Kind::Texts, YES),
        Field("description", Kind::Texts, NO),
    ],
};
/// An end screen.
pub static ENDING: Kind = Kind::Record(&ENDING_FORM);

macro_rules! trigger {
    ($static:ident, $name:literal, $kind:literal $(, $field:expr)*) => {
        static $static: Form = Form {
            name: $name,
            fields: &[Field("type", Kind::Exactly($kind), YES) $(, $field)*],
        };
    };
}
trigger!(
    RESOLVED,
    "ConversationResolvedTrigger",
    "conversationResolved"
);
trigger!(CLOSED, "ConversationClosedTrigger", "conversationClosed");
trigger!(
    REOPENED,
    "ConversationReopenedTrigger",
    "conversationReopened"
);
trigger!(
    EVENT,
    "EventTrigger",
    "event",
    Field("name", Kind::Plain, YES),
    Field("filters", Kind::Names, NO),
    Field("url", Kind::Plain, NO)
);
trigger!(
    DWELL,
    "PageDwellTrigger",
    "pageDwell",
    Field("seconds", Kind::Whole(1, 86_400), YES),
    Field("url", Kind::Plain, NO)
);
trigger!(
    SCROLL,
    "ScrollShareTrigger",
    "scrollShare",
    Field("percent", Kind::Whole(1, 100), YES),
    Field("url", Kind::Plain, NO)
);
trigger!(
    EXIT,
    "ExitIntentTrigger",
    "exitIntent",
    Field("url", Kind::Plain, NO)
);
trigger!(URL, "UrlTrigger", "url", Field("url", Kind::Plain, YES));
trigger!(
    SILENCE,
    "SilenceTrigger",
    "silence",
    Field("minutes", Kind::Whole(1, 10_080), YES)
);
static TRIGGER: Kind = Kind::Forms(&[
    &RESOLVED, &CLOSED, &EVENT, &DWELL, &SCROLL, &EXIT, &URL, &SILENCE,
]);
static CANCEL: Kind = Kind::Forms(&[&REOPENED, &EVENT]);

static DISPLAY: Form = Form {
    name: "Display",
    fields: &[
        Field(
            "displayOption",
            Kind::Word(&[
                "displayOnce",
                "displaySome",
                "displayMultiple",
                "respondMultiple",
            ]),
            NO,
        ),
        Field("displayLimit", Kind::Whole(1, 1_000), NO),
        Field("recontactDays", Kind::Whole(0, 3_650), NO),
        Field("globalCooldownDays", Kind::Whole(0, 3_650), NO),
        Field("displayPercentage", Kind::Whole(0, 100), NO),
        Field("samplingKey", Kind::Word(&["visitor", "conversation"]), NO),
        Field("perSubject", Kind::Flag, NO),
    ],
};
static VARIABLE: Form = Form {
    name: "Variable",
    fields: &[
        Field("id", Kind::New(STORES), YES),
        Field("value", Kind::Literal, YES),
    ],
};
static VARIABLES: Kind = Kind::Record(&VARIABLE);
static HIDDEN: Kind = Kind::New(STORES);
static PLAIN: Kind = Kind::Plain;

/// A whole definition.
pub static DEFINITION: Kind = Kind::Record(&SURVEY);
/// The same, as a form.
pub static SURVEY: Form = Form {
    name: "SurveyDefinition",
    fields: &[
        Field("$schema", Kind::Plain, NO),
        Field("schemaVersion", Kind::Version(1), YES),
        Field("id", Kind::Id, YES),
        Field("version", Kind::Whole(1, 1_000_000), YES),
        Field("name", Kind::Plain, NO),
        Field("languages", Kind::List(&PLAIN, 1, FEW_MAX), YES),
        Field("triggers", Kind::List(&TRIGGER, 0, FEW_MAX), NO),
        Field("cancelOn", Kind::List(&CANCEL, 0, FEW_MAX), NO),
        Field("delaySeconds", Kind::Whole(0, 2_592_000), NO),
        Field("expiresAfterHours", Kind::Whole(1, 87_600), NO),
        Field("display", Kind::Record(&DISPLAY), NO),
        Field("hiddenFields", Kind::List(&HIDDEN, 0, FEW_MAX), NO),
        Field("variables", Kind::List(&VARIABLES, 0, FEW_MAX), NO),
        Field("blocks", Kind::List(&BLOCKS, 1, BLOCKS_MAX), YES),
        Field("endings", Kind::List(&ENDING, 0, FEW_MAX), NO),
        Field("allowEdit", Kind::Flag, NO),
    ],
};
