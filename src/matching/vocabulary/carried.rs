//! Words taken over: copied in the order in which they appear now, and weighed again where their count changed.

use super::{TokenId, Vocabulary, VocabularyToken, half, hash};
use crate::matching::buckets::Buckets;
use crate::matching::carried::Moved;
use crate::normalize::TokenKind;

/// The words of an index on the way to those of the next.
#[derive(Debug)]
pub(in crate::matching) struct NextVocabulary<'b> {
    before: &'b Vocabulary,
    /// What each word of before has become; known once it was met.
    moved: Moved,
    /// Words of before that are not met yet and may contribute another thing in one name than in another.
    doubtful: Vec<bool>,
    words: Vocabulary,
    /// Of each word now the one that it was.
    origins: Vec<Option<TokenId>>,
    /// Words whose weight may differ though there are as many names as before.
    touched: Vec<TokenId>,
}

/// What has become of the words of an index.
#[derive(Debug)]
pub(in crate::matching) struct MovedWords {
    /// What each word of before has become.
    pub(in crate::matching) moved: Moved,
    /// Of each word now the one that it was.
    pub(in crate::matching) origins: Vec<Option<TokenId>>,
    /// Words in fresh names, and those that contribute another thing than before; some more than once.
    touched: Vec<TokenId>,
}

impl<'b> NextVocabulary<'b> {
    /// None of the words of before yet.
    pub(in crate::matching) fn new(before: &'b Vocabulary) -> NextVocabulary<'b> {
        let mut doubtful = vec![false; before.len()];
        before.several_kinds.iter().for_each(|word| doubtful[word.0 as usize] = true);
        NextVocabulary {
            before,
            moved: Moved::none(before.len()),
            doubtful,
            words: Vocabulary { tokens: Vec::with_capacity(before.len()), ..Vocabulary::default() },
            origins: Vec::with_capacity(before.len()),
            touched: Vec::new(),
        }
    }

    /// What a word of before has become, met in a name that is kept; `kind` says what it contributes there.
    #[inline]
    pub(in crate::matching) fn carry(&mut self, word: TokenId, kind: impl FnOnce() -> TokenKind) -> TokenId {
        match self.moved.get(word.0) {
            Some(now) => TokenId(now),
            None if self.doubtful[word.0 as usize] => self.meet(word, kind()),
            None => self.meet(word, self.before.get(word).kind),
        }
    }

    /// The id of a word in a name that is read now.
    pub(in crate::matching) fn intern(&mut self, text: &str, kind: TokenKind) -> TokenId {
        let id = match self.before.find(text) {
            Some(word) => {
                let now = self.moved.get(word.0).map(TokenId);
                let id = now.unwrap_or_else(|| self.meet(word, kind));
                if self.before.get(word).kind != kind {
                    self.words.several_kinds.push(id);
                }
                id
            }
            None => {
                let id = self.words.intern(text, kind);
                self.origins.resize(self.words.len(), None);
                id
            }
        };
        self.touched.push(id);
        id
    }

    /// Gives a word of before its number.
    fn meet(&mut self, word: TokenId, kind: TokenKind) -> TokenId {
        let VocabularyToken { ref text, weight, kind: kind_before, letters } = *self.before.get(word);
        let id = TokenId(self.words.tokens.len() as u32);
        self.words.tokens.push(VocabularyToken { text: text.clone(), weight, kind, letters });
        self.origins.push(Some(word));
        self.moved.set(word.0, id.0);
        if self.doubtful[word.0 as usize] {
            self.words.several_kinds.push(id);
        }
        if kind != kind_before {
            self.touched.push(id);
        }
        id
    }

    /// All words there are now, not yet weighed, and what has become of those before.
    pub(in crate::matching) fn complete(self) -> (Vocabulary, MovedWords) {
        let NextVocabulary { before, moved, mut words, origins, touched, .. } = self;
        let new = (0..).zip(&origins).filter(|(_, origin)| origin.is_none());
        let hashes = new.map(|(id, _)| (half(hash(&words.get(TokenId(id)).text)), id)).collect();
        match Buckets::carried(&before.found, words.len(), words.len(), &moved, hashes) {
            Some(found) => words.complete_with(found),
            None => words.complete(),
        }
        (words, MovedWords { moved, origins, touched })
    }
}

impl Vocabulary {
    /// Sets the weights of words as [`Vocabulary::weigh`] does; `gone` are the words of before that are in names no more,
    /// some more than once. Gives the words whose weight changed; `None` where any may have.
    pub(in crate::matching) fn weigh_carried(
        &mut self,
        before: &Vocabulary,
        words: MovedWords,
        gone: impl Iterator<Item = TokenId>,
        name_count: u32,
        count: impl Fn(TokenId) -> u32,
    ) -> Option<Vec<TokenId>> {
        if name_count != before.name_count {
            self.weigh(name_count, count);
            return None;
        }
        self.name_count = name_count;
        let MovedWords { moved, mut touched, .. } = words;
        touched.extend(gone.filter_map(|word| moved.get(word.0)).map(TokenId));
        touched.sort_unstable();
        touched.dedup();
        touched.retain(|id| {
            let token = &mut self.tokens[id.0 as usize];
            let weight = token.weigh(name_count, count(*id));
            let changed = weight != token.weight;
            token.weight = weight;
            changed
        });
        Some(touched)
    }
}
