//! Company names to match keys.

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
    pub text: String,
    /// The other spelling of the same word, where umlauts allow two (`muller`, `mueller`).
    pub variant: Option<String>,
    /// What it contributes.
    pub kind: TokenKind,
}

/// A legal form found in front of or behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LegalForm {
    /// Normal form, one for each form of one country: `gmbh`, `inc`, `ooo`.
    pub form: &'static str,
    /// Kind of company across countries: `llc` (GmbH, OOO, Ltd, Sàrl …), `jsc`, `lp` …; empty if unknown.
    pub class: &'static str,
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
    let tokens: Vec<Token> = raw
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| Token { text: word.to_lowercase(), variant: None, kind: TokenKind::Word })
        .collect();
    if tokens.is_empty() {
        return None;
    }
    let key = NameKey { tokens, legal_forms: Vec::new(), original_script: None };
    Some(CompanyName { readings: vec![key], cut: false })
}
