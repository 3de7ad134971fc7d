//! Cuts a cleaned text into words, and remembers of the punctuation what later steps ask for.
//!
//! Apostrophes vanish inside a word, a full stop between single letters joins them (I.B.M., A/S), any other
//! punctuation separates. `&` and `+` between words become the word `and`, as do the words for it in other languages.

use compact_str::CompactString;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::{
    camel,
    facts::Facts,
    fold::{fold, is_romanized},
};

/// One word of a name on its way through the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The comparable form; never empty. In place, as nearly all are short.
    pub(super) text: CompactString,
    /// The case-folded form in its own script, where `text` is a romanization.
    pub(super) original: Option<String>,
    /// The other spelling where umlauts allow two.
    pub(super) variant: Option<String>,
    /// What stands before it.
    pub(super) before: Before,
    /// Number of the bracket that it stands in, counted from 1; 0 outside.
    pub(super) bracket: u8,
    /// Stands in quotation marks.
    pub(super) quoted: bool,
    /// Typed without a lower-case letter.
    pub(super) upper: bool,
    /// Letters joined over a slash: `t/a`, `c/o`, `A/S`.
    pub(super) slashed: bool,
    /// What is known of the text; whoever changes the text forgets it.
    pub(super) facts: Facts,
}

/// What separates a word from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Only full stops: the letters of an abbreviation may follow each other.
    Dot,
    /// Only a slash.
    Slash,
    /// A comma, perhaps with space.
    Comma,
    /// Space, any other punctuation, or nothing because the text starts here.
    Other,
}

impl Word {
    pub(super) fn new(text: CompactString) -> Word {
        let before = Before::Other;
        Word {
            text,
            original: None,
            variant: None,
            before,
            bracket: 0,
            quoted: false,
            upper: false,
            slashed: false,
            facts: Facts::UNKNOWN,
        }
    }

    /// Puts another text in place of the word's.
    pub(super) fn write(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.facts = Facts::UNKNOWN;
    }

    /// Finds out what is known of the text. A word in another script has two: its facts stay unknown.
    pub(super) fn look_up(&mut self) {
        if self.facts == Facts::UNKNOWN && self.original.is_none() {
            self.facts = Facts::of(&self.text);
        }
    }

    /// True for a word that no step takes away or writes in another way, whatever stands beside it.
    pub(super) fn is_settled(&self) -> bool {
        !self.facts.may(Facts::CHANGES) && self.text.len() > 1 && self.text.is_ascii()
    }

    /// What legal forms are compared with: the original script, or Latin in ASCII.
    pub(super) fn key(&self) -> &str {
        self.original.as_deref().unwrap_or(&self.text)
    }

    /// A single letter, as initials are.
    pub(super) fn is_letter(&self) -> bool {
        is_one_letter(&self.text, |c| c.is_ascii() || !is_romanized(c.script()))
            || self.original.as_deref().is_some_and(|original| is_one_letter(original, |_| true))
    }

    /// Writes `next` against this word.
    pub(super) fn append(&mut self, next: &Word) {
        if self.original.is_some() || next.original.is_some() {
            self.original = Some([self.key(), next.key()].concat());
        }
        if self.variant.is_some() || next.variant.is_some() {
            let other = |word: &Word| word.variant.clone().unwrap_or_else(|| word.text.to_string());
            self.variant = Some(other(self) + &other(next));
        }
        self.text.push_str(&next.text);
        self.facts = Facts::UNKNOWN;
    }
}

/// One letter of an alphabet, not a character that is a word.
fn is_one_letter(text: &str, counts: impl Fn(char) -> bool) -> bool {
    if let [byte] = text.as_bytes() {
        return byte.is_ascii_alphabetic() && counts(char::from(*byte));
    }
    // A letter has at most four bytes.
    if text.len() > 4 || text.is_ascii() {
        return false;
    }
    let mut chars = text.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return false };
    let is_word = || matches!(c.script(), Script::Han | Script::Hangul | Script::Hiragana | Script::Katakana);
    c.is_alphabetic() && counts(c) && !is_word()
}

/// The words of `text` in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    // Room for nearly all names.
    let mut reader = Reader { words: Vec::with_capacity(6), ..Reader::default() };
    let mut previous = ' ';
    let mut rest = text;
    loop {
        // Nearly all of a name is such runs, in which nothing has to be asked of a character.
        let run = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (plain, behind) = rest.split_at(run);
        previous = plain.bytes().next_back().map_or(previous, char::from);
        let mut chars = behind.chars();
        let Some(c) = chars.next() else {
            reader.end_word(plain);
            break;
        };
        rest = chars.as_str();
        if !c.is_ascii() && is_word_char(c) {
            reader.raw.push_str(plain);
            reader.raw.push(c);
        } else if is_apostrophe(c, previous)
            && is_word_char(previous)
            && begins_word(chars.next().unwrap_or(' '))
        {
            reader.raw.push_str(plain);
        } else {
            reader.end_word(plain);
            reader.separator(c);
        }
        previous = c;
    }
    unify_and(&mut reader.words);
    reader.words
}

/// Letters, digits, and marks (which stay with the letter before).
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

/// Letters and digits: a mark needs one before it.
fn begins_word(c: char) -> bool {
    c.is_alphanumeric() && (c.is_ascii() || !is_combining_mark(c))
}

/// Characters that vanish inside a word; a double quote does so after a Hebrew letter (בע"מ).
fn is_apostrophe(c: char, previous: char) -> bool {
    match c {
        '\'' | '`' | '’' | '‘' | 'ʼ' | 'ʹ' | '′' | '´' | '׳' | '״' => true,
        '"' | '”' => previous.script() == Script::Hebrew,
        _ => false,
    }
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    /// What was read of a word that is not one plain run.
    raw: String,
    gap: Gap,
    brackets_seen: u8,
    bracket: u8,
    quoted: bool,
    and_pending: bool,
    initials_so_far: bool,
}

/// The separators since the last word.
#[derive(Default)]
struct Gap {
    dot: bool,
    slash: bool,
    comma: bool,
    other: bool,
}

impl Gap {
    fn before(&self) -> Before {
        match self {
            Gap { comma: true, .. } => Before::Comma,
            Gap { dot: true, slash: false, other: false, .. } => Before::Dot,
            Gap { dot: false, slash: true, other: false, .. } => Before::Slash,
            _ => Before::Other,
        }
    }
}

impl Reader {
    /// Ends the word of which `plain` is the last run, or all of it.
    fn end_word(&mut self, plain: &str) {
        if self.raw.is_empty() {
            self.add_word(plain);
        } else {
            let mut raw = std::mem::take(&mut self.raw);
            raw.push_str(plain);
            self.add_word(&raw);
        }
    }

    fn add_word(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let mut before = self.gap.before();
        let glued = if camel::is_glued(raw) { camel::parts(raw) } else { Vec::new() };
        let whole = [raw];
        for part in if glued.is_empty() { &whole[..] } else { &glued } {
            let Some(mut word) = fold(part) else { continue };
            if self.and_pending {
                let mut and = Word::new(CompactString::const_new("and"));
                (and.bracket, and.quoted) = (self.bracket, self.quoted);
                self.words.push(and);
                (self.and_pending, before) = (false, Before::Other);
            }
            (word.before, word.bracket, word.quoted) = (before, self.bracket, self.quoted);
            word.upper = match part.is_ascii() {
                true => !part.bytes().any(|byte| byte.is_ascii_lowercase()),
                false => !part.chars().any(char::is_lowercase),
            };
            before = Before::Other;
            let joins = matches!(word.before, Before::Dot | Before::Slash) && word.is_letter();
            match self.words.last_mut() {
                // A/S, I.B.M.: the word so far is all initials exactly if it is a letter or was joined already.
                Some(last) if joins && self.initials_so_far => {
                    last.slashed |= word.before == Before::Slash;
                    last.append(&word);
                }
                _ => {
                    self.initials_so_far = word.is_letter();
                    self.words.push(word);
                }
            }
        }
        self.gap = Gap::default();
    }

    fn separator(&mut self, c: char) {
        match c {
            '.' | '·' => self.gap.dot = true,
            '/' | '\\' => self.gap.slash = true,
            ',' | '、' | '،' | ';' => self.gap.comma = true,
            '&' | '+' => {
                self.gap.other = true;
                self.and_pending = self.words.last().is_some_and(|word| word.text != "and");
            }
            '(' | '[' | '{' | '【' | '〔' => {
                self.gap.other = true;
                self.brackets_seen = self.brackets_seen.saturating_add(1);
                self.bracket = self.brackets_seen;
            }
            ')' | ']' | '}' | '】' | '〕' => {
                self.gap.other = true;
                self.bracket = 0;
            }
            '"' | '“' => {
                self.gap.other = true;
                self.quoted = !self.quoted;
            }
            '„' | '«' | '‹' | '「' | '『' => {
                self.gap.other = true;
                self.quoted = true;
            }
            '”' | '»' | '›' | '」' | '』' => {
                self.gap.other = true;
                self.quoted = false;
            }
            _ => self.gap.other = true,
        }
    }
}

/// Words for "and" in other languages, but for single letters and other scripts.
pub(super) const AND_WORDS: [&str; 7] = ["und", "et", "og", "och", "oraz", "en", "kai"];

/// Words for "and" between two others become one. Single letters (y, e) count only between whole words, since they
/// may be initials; the first and the last word of a name are names themselves (ET Solar). True if any was.
pub(super) fn unify_and(words: &mut [Word]) -> bool {
    let mut changed = false;
    for i in 1..words.len().saturating_sub(1) {
        // None of them is longer.
        if words[i].text.len() > "oraz".len() {
            continue;
        }
        let is_joined = |word: &Word| !word.is_letter() && word.text != "and";
        let is_and = match words[i].text.as_str() {
            "y" | "e" | "i" if words[i].text == "i" && words[i].original.is_none() => false,
            "y" | "e" | "i" => is_joined(&words[i - 1]) && is_joined(&words[i + 1]),
            text => AND_WORDS.contains(&text) || matches!(words[i].key(), "та" | "և"),
        };
        if is_and {
            words[i].write("and");
            words[i].original = None;
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let words = words(text);
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn punctuation_separates_and_apostrophes_vanish() {
        check("Coca-Cola", &["coca", "cola"]);
        check("McDonald's Corp.", &["mcdonalds", "corp"]);
        check("L’Oréal", &["loreal"]);
        check("'Foo'", &["foo"]);
        check("Amazon.com, Inc.", &["amazon", "com", "inc"]);
    }

    #[test]
    fn dotted_and_slashed_letters_join() {
        check("I.B.M.", &["ibm"]);
        check("U.S. Bank", &["us", "bank"]);
        check("a.b.c.def", &["abc", "def"]);
        check("Foo A/S", &["foo", "as"]);
        check("TR.L.L.C.", &["tr", "llc"]);
        check("Sp. z o.o.", &["sp", "z", "oo"]);
    }

    #[test]
    fn every_and_is_one_word() {
        for name in ["Smith & Jones", "Smith+Jones", "Smith and Jones", "Smith und Jones", "Smith Y Jones"] {
            check(name, &["smith", "and", "jones"]);
        }
        check("AT&T", &["at", "and", "t"]);
        check("Disney+", &["disney"]);
        check("& Sons", &["sons"]);
        check("ET Solar", &["et", "solar"]);
        check("A Y B", &["a", "y", "b"]);
    }

    #[test]
    fn brackets_and_quotes_are_remembered() {
        let words = words("UAB „Foo“ (Bar) Baz");
        let seen: Vec<_> = words.iter().map(|word| (word.quoted, word.bracket)).collect();
        assert_eq!(seen, [(false, 0), (true, 0), (false, 1), (false, 0)]);
    }
}
