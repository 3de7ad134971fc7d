//! The names of an account as words, packed: every way to read each of them.

use crate::account::NameKind;
use crate::matching::names::{has_variant, is_part, variants};
use crate::matching::packed::{Packer, Pieces, number_of};
use crate::normalize::{LegalForm, NameKey, TokenKind, company_name};

/// One way to read one name of a prepared account.
#[derive(Clone, Copy, Debug)]
pub(in crate::matching) struct Reading<'a> {
    /// For each word its length and kind, in one number.
    words: Counted<'a>,
    /// The numbers of legal forms.
    legal_forms: Counted<'a>,
    /// Which of the account's names it is.
    pub(in crate::matching) kind: NameKind,
    /// How many readings back the whole name stands that this one is a part of; 0 for a whole.
    pub(in crate::matching) whole_back: u32,
    /// The first of the name's readings: the one that counts when words are counted.
    pub(in crate::matching) counts: bool,
    /// Words and legal forms joined by one space.
    pub(in crate::matching) surface: &'a str,
}

/// So many numbers, and others behind them.
#[derive(Clone, Copy, Debug)]
struct Counted<'a> {
    left: usize,
    numbers: Pieces<'a>,
}

impl Counted<'_> {
    /// Reads a count and leaves out as many numbers.
    fn take<'a>(pieces: &mut Pieces<'a>) -> Counted<'a> {
        let counted = Counted { left: pieces.number(), numbers: *pieces };
        (0..counted.left).for_each(|_| {
            pieces.number();
        });
        counted
    }
}

impl Iterator for Counted<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        Some(self.numbers.number())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Counted<'_> {}

/// Kinds of words, each by its number.
const KINDS: [TokenKind; 4] = [TokenKind::Word, TokenKind::Generic, TokenKind::Function, TokenKind::Number];
/// Kinds of names, each by its number.
const NAME_KINDS: [NameKind; 4] = [NameKind::Current, NameKind::Alias, NameKind::Trading, NameKind::Former];

impl<'a> Reading<'a> {
    /// The words in order. 1 to 32.
    pub(in crate::matching) fn words(
        &self,
    ) -> impl ExactSizeIterator<Item = (&'a str, TokenKind)> + Clone + use<'a> {
        let mut rest = self.surface;
        self.words.map(move |word| {
            let (text, behind) = rest.split_at_checked(word / KINDS.len()).unwrap_or_default();
            rest = behind.strip_prefix(' ').unwrap_or(behind);
            (text, KINDS[word % KINDS.len()])
        })
    }

    /// The legal forms that were taken off, in order.
    pub(in crate::matching) fn legal_forms(&self) -> impl ExactSizeIterator<Item = LegalForm> + use<'a> {
        self.legal_forms.map(|number| {
            let form = u16::try_from(number).ok().and_then(LegalForm::of_number);
            form.expect("what was packed is the number of a form")
        })
    }

    /// The words joined by one space: the match key.
    pub(in crate::matching) fn key(&self) -> &'a str {
        let length: usize = self.words.map(|word| word / KINDS.len() + 1).sum();
        self.surface.get(..length.saturating_sub(1)).unwrap_or_default()
    }
}

/// The readings that [`pack_readings`] wrote.
pub(super) fn readings(mut pieces: Pieces<'_>) -> impl Iterator<Item = Reading<'_>> {
    std::iter::from_fn(move || {
        if pieces.is_empty() {
            return None;
        }
        let told = pieces.number();
        let (words, legal_forms) = (Counted::take(&mut pieces), Counted::take(&mut pieces));
        Some(Reading {
            words,
            legal_forms,
            kind: NAME_KINDS[told % NAME_KINDS.len()],
            counts: told / NAME_KINDS.len() % 2 == 1,
            whole_back: (told / NAME_KINDS.len() / 2) as u32,
            surface: pieces.piece(),
        })
    })
}

/// Writes every reading of every name, then of each those in which umlauts are spelled the other way.
pub(super) fn pack_readings<'n>(names: impl Iterator<Item = (NameKind, &'n str)>, list: &mut Packer) {
    for (kind, name) in names {
        let Some(company) = company_name(name) else { continue };
        for (at, reading) in company.readings.iter().enumerate() {
            let plain = reading.tokens.iter().map(|token| (&*token.text, token.kind));
            let whole_back = if is_part(&company, at) { at } else { 0 };
            let told = (whole_back * 2 + usize::from(at == 0)) * NAME_KINDS.len();
            pack(told + number_of(&NAME_KINDS, &kind), reading, plain, list);
        }
        for reading in company.readings.iter().filter(|reading| has_variant(reading)) {
            pack(number_of(&NAME_KINDS, &kind), reading, variants(reading), list);
        }
    }
}

fn pack<'t>(
    told: usize,
    key: &NameKey,
    words: impl Iterator<Item = (&'t str, TokenKind)> + Clone,
    list: &mut Packer,
) {
    list.number(told);
    list.number(words.clone().count());
    words.clone().for_each(|(word, kind)| list.number(word.len() * KINDS.len() + number_of(&KINDS, &kind)));
    list.number(key.legal_forms.len());
    key.legal_forms.iter().for_each(|form| list.number(usize::from(form.number())));
    let forms = key.legal_forms.iter().map(|form| form.form());
    let texts: Vec<&str> = words.map(|(word, _)| word).chain(forms).collect();
    list.piece(&texts.join(" "));
}
