//! Company names to match keys.
//!
//! The steps, in order; each is a file of its own:
//! 1. [`clean`]: at most 256 characters, signs and invisible characters dropped, NFKC;
//! 2. [`words`]: punctuation cut, apostrophes and the stops of initials closed up, words for "and" made one, with
//!    [`camel`] for glued forms and [`fold`] for case, marks and romanization;
//! 3. [`readings`]: further names in brackets, after "dba", "formerly", "a division of";
//! 4. for each reading, until nothing changes: [`initials`] joined, [`legal`] forms taken off in front, behind and
//!    inside, the leading article dropped, abbreviations expanded ([`vocabulary`]), [`numbers`] written in digits;
//! 5. kinds of tokens ([`vocabulary`]).
//!
//! Most names need hardly any of it: [`plain`] reads them in one pass.
//!
//! Invariants: only text without a letter or digit has no key; no step leaves a name empty; the key of a key is the
//! key itself.

mod camel;
mod clean;
mod facts;
mod fold;
mod initials;
mod legal;
mod legal_table;
mod numbers;
mod plain;
mod readings;
mod vocabulary;
mod words;

use std::fmt;

use compact_str::CompactString;

use facts::Facts;
use legal_table::LEGAL_FORMS;
use words::Word;

/// What a token of a name contributes as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word that can tell companies apart.
    Word,
    /// A word that stays in the key but carries almost no evidence: group, bank, solutions.
    Generic,
    /// An article, preposition or conjunction: the, of, and, de.
    Function,
    /// Contains a digit: identifies, and tolerates no typo.
    Number,
}

/// One word of a match key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The comparable form: case-folded; ASCII for Latin, Greek and Cyrillic; never empty.
    pub text: CompactString,
    /// The other spelling of the same word, where umlauts allow two (`muller`, `mueller`).
    pub variant: Option<String>,
    /// What it contributes.
    pub kind: TokenKind,
}

/// A legal form found in front of or behind a name: its number among all that are known, since names are held by the
/// million and forms are few.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LegalForm(u16);

impl LegalForm {
    /// Normal form, one for each form of one country: `gmbh`, `inc`, `ooo`.
    pub fn form(self) -> &'static str {
        LEGAL_FORMS.told(self).0
    }

    /// Kind of company across countries: `llc` (GmbH, OOO, Ltd, Sàrl …), `jsc`, `lp` …; empty if unknown.
    pub fn class(self) -> &'static str {
        LEGAL_FORMS.told(self).1
    }

    /// Its number, the same as long as the program is.
    pub(crate) fn number(self) -> u16 {
        self.0
    }

    /// The form of a number; `None` where no form has it.
    pub(crate) fn of_number(number: u16) -> Option<LegalForm> {
        LEGAL_FORMS.has(LegalForm(number)).then_some(LegalForm(number))
    }
}

impl fmt::Debug for LegalForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.form(), self.class())
    }
}

/// The normalized form of one name used for comparison: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKey {
    /// The words in order, without legal forms. 1 to 32.
    pub tokens: Vec<Token>,
    /// The legal forms that were taken off, in reading order.
    pub legal_forms: Vec<LegalForm>,
    /// The key in the original script, where transliteration changed it.
    pub original_script: Option<String>,
}

impl NameKey {
    /// The words joined by one space: the match key.
    pub fn joined(&self) -> String {
        self.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A company name as typed, read in every way it can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyName {
    /// The name as a whole first, then further names it holds ("X dba Y", "X (Y)", "formerly Z"). 1 to 4.
    pub readings: Vec<NameKey>,
    /// True where the text was longer than 256 characters and was cut.
    pub cut: bool,
}

/// The match keys of a company name; `None` for text without a letter or digit.
pub fn company_name(raw: &str) -> Option<CompanyName> {
    if let Some(key) = plain::plain_key(raw) {
        return Some(CompanyName { readings: vec![key], cut: false });
    }
    let (text, cut) = clean::clean(raw);
    let mut readings: Vec<NameKey> = Vec::with_capacity(1);
    for words in readings::readings(words::words(&text)) {
        let key = name_key(words);
        if readings.iter().all(|known| known.tokens != key.tokens) {
            readings.push(key);
        }
        if readings.len() == readings::READINGS_MAX {
            break;
        }
    }
    (!readings.is_empty()).then_some(CompanyName { readings, cut })
}

/// Most words of a key: longer names are sentences.
const TOKENS_MAX: usize = 32;

/// The key of one reading; `words` is not empty.
fn name_key(mut words: Vec<Word>) -> NameKey {
    let mut forms = legal::Forms::default();
    loop {
        words.iter_mut().for_each(Word::look_up);
        let changed = !words.iter().all(Word::is_settled) && normalize(&mut words, &mut forms);
        if !cut(&mut words) && !changed {
            break;
        }
    }
    let original_script = words
        .iter()
        .any(|word| word.original.is_some())
        .then(|| words.iter().map(Word::key).collect::<Vec<_>>().join(" "));
    let words = words.into_iter().map(|word| (word.text, word.variant, word.facts));
    NameKey { tokens: vocabulary::tokens(words), legal_forms: forms.into_vec(), original_script }
}

/// Takes every step once, in order; true if any changed something.
fn normalize(words: &mut Vec<Word>, forms: &mut legal::Forms) -> bool {
    let mut changed = initials::join_letters(words);
    changed |= words::unify_and(words);
    changed |= legal::strip(words, forms);
    changed |= drop_articles(words);
    changed |= vocabulary::expand(words);
    changed | numbers::to_digits(words)
}

/// The article that [`drop_articles`] drops.
const ARTICLE: &str = "the";

/// "The" in front, or behind as in directories, says nothing, unless the rest is only a legal form ("The Limited").
fn drop_articles(words: &mut Vec<Word>) -> bool {
    let is_article = |word: Option<&Word>| word.is_some_and(|word| word.text == ARTICLE);
    let stands_alone = |rest: &[Word]| legal::has_substance(legal::texts(rest)) && !legal::is_form(rest);
    if is_article(words.first()) && stands_alone(&words[1..]) {
        words.remove(0);
        true
    } else if is_article(words.last()) && stands_alone(&words[..words.len() - 1]) {
        words.pop();
        true
    } else {
        false
    }
}

/// Bounds the key: [`TOKENS_MAX`] words and, since romanization lengthens, again [`clean::CHARS_MAX`] characters.
fn cut(words: &mut Vec<Word>) -> bool {
    // Characters are no more than bytes: nearly every name fits without being counted.
    let bytes: usize = words.iter().map(|word| word.text.len() + 1).sum();
    if words.len() <= TOKENS_MAX && bytes <= clean::CHARS_MAX + 1 {
        return false;
    }
    let mut chars = 0;
    let fitting = words.iter().take(TOKENS_MAX).take_while(|word| {
        chars += word.text.chars().count() + 1;
        chars <= clean::CHARS_MAX + 1
    });
    let count = fitting.count().max(1);
    let is_longer = count < words.len();
    words.truncate(count);
    if let Some(first) = words.first_mut()
        && let Some((end, _)) = first.text.char_indices().nth(clean::CHARS_MAX)
    {
        first.text.truncate(end);
        first.facts = Facts::UNKNOWN;
        return true;
    }
    is_longer
}
