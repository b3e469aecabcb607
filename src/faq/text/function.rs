//! Function words: what makes a question of what it is about. "Where is my" begins questions about
//! everything, and among a few articles nothing but the language says so.

const ENGLISH: &str = "a about am an and any are as at be been but by can could did do does for from had has have he her his how \
    i if in into is it its just know long many may me might much must my need of on or our please shall she \
    should so some tell than that the their them then there these they this those to too us want was we were \
    what when where which who whose why will with would you your";
const CHINESE: &str = "的了吗呢吧啊么什怎如何为请问我你您他她它们是在有能可以要想会把被和与及或这那哪里就都也还个多久几";

/// Whether `word`, folded, only asks.
pub fn is_function_word(word: &str) -> bool {
    ENGLISH.split(' ').any(|one| one == word)
}

/// The same of one character of Chinese text.
pub fn is_function_character(character: &str) -> bool {
    character
        .chars()
        .next()
        .is_some_and(|c| CHINESE.contains(c))
}
