//! The in-memory form of the registry, made for matching: immutable once published.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::accounts::Accounts;
use super::by_text::{ByText, Found};
use super::candidates::Sources;
use super::ids::Ids;
use super::name_texts::{NameTexts, active};
use super::names::Names;
use super::prepared::PreparedAccount;
use super::prepared_registry::PreparedRegistry;
use super::trigrams::TrigramPostings;
use super::vocabulary::Vocabulary;
use crate::account::{AccountId, Rep, RepId};
use crate::normalize::TokenKind;
use crate::parallel;

/// Counts published registries: 0 before the first, then rising.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// One revision of the registry, ready for matching.
///
/// Accounts and reps stand in the order of their ids, so that nothing depends on the order in which they
/// were loaded. Cloning it copies references.
#[derive(Clone, Debug)]
pub struct Index {
    revision: Revision,
    accounts: Accounts,
    account_ids: Ids,
    reps: Arc<[Rep]>,
    rep_ids: Ids,
    texts: Texts,
}

/// What is looked up: everything read out of the accounts, which are known by their positions. Each part is shared by
/// indexes whose accounts differ in other fields alone.
#[derive(Clone, Debug)]
struct Texts {
    reach: Arc<Reach>,
    names: Arc<NameTexts>,
}

/// Accounts by what leads to them without a name.
#[derive(Debug)]
struct Reach {
    merged: HashMap<AccountId, u32, FixedState>,
    domains: ByText,
    skeletons: ByText,
}

impl Texts {
    fn of(accounts: &Accounts) -> Texts {
        let (names, reach) = parallel::both(|| NameTexts::of(accounts), || Reach::of(accounts));
        Texts { reach: Arc::new(reach), names: Arc::new(names) }
    }
}

impl Reach {
    fn of(accounts: &Accounts) -> Reach {
        let mut merged = HashMap::default();
        for (at, account) in active(accounts) {
            for id in account.merged_ids().filter_map(AccountId::new) {
                merged.entry(id).or_insert(at);
            }
        }
        let domains = ByText::build(accounts, PreparedAccount::each_domain);
        Reach { merged, domains, skeletons: ByText::build(accounts, PreparedAccount::each_skeleton) }
    }
}

fn account_ids(accounts: &Accounts) -> Ids {
    Ids::of(accounts.len(), |at| accounts[at as usize].id.as_str())
}

fn rep_ids(reps: &[Rep]) -> Ids {
    Ids::of(reps.len(), |at| reps[at as usize].id.as_str())
}

impl Index {
    /// The index of a registry. What is prepared already is not read again.
    pub fn build(registry: impl Into<PreparedRegistry>, revision: Revision) -> Index {
        let (accounts, reps) = registry.into().into_parts();
        let accounts = Accounts::new(accounts);
        let (texts, account_ids) = parallel::both(|| Texts::of(&accounts), || account_ids(&accounts));
        Index { revision, accounts, account_ids, rep_ids: rep_ids(&reps), reps: reps.into(), texts }
    }

    /// The same index, sooner by what did not change since the one before: a change of owner costs a look at each account, a
    /// change of names what is found by names, of which most is taken over.
    pub fn build_after(before: &Index, registry: impl Into<PreparedRegistry>, revision: Revision) -> Index {
        let (accounts, reps) = registry.into().into_parts();
        let accounts = Accounts::new(accounts);
        let (mut placed, mut named, mut reached) = (accounts.len() == before.accounts.len(), true, true);
        if placed {
            for (one, other) in accounts.iter_from(0).zip(before.accounts.iter_from(0)) {
                if !Arc::ptr_eq(one, other) {
                    placed &= one.id == other.id;
                    named &= one.is_named_as(other);
                    reached &= one.is_reached_as(other);
                }
            }
        }
        let names = || match placed && named {
            true => Arc::clone(&before.texts.names),
            false => Arc::new(NameTexts::after(&before.texts.names, &before.accounts, &accounts)),
        };
        let reach = || match placed && reached {
            true => Arc::clone(&before.texts.reach),
            false => Arc::new(Reach::of(&accounts)),
        };
        let ids = || if placed { before.account_ids.clone() } else { account_ids(&accounts) };
        let (names, (reach, account_ids)) = parallel::both(names, || (reach(), ids()));
        let texts = Texts { reach, names };
        Index { revision, account_ids, rep_ids: rep_ids(&reps), reps: reps.into(), texts, accounts }
    }

    /// The index before with these accounts in the places of those of their ids; `None` where there is no such place. Where
    /// no name, domain or merged id changed with them, it costs what they do, however many others there are; where names did,
    /// most of what they are found by is taken over.
    pub fn build_replacing(
        before: &Index,
        accounts: Vec<Arc<PreparedAccount>>,
        revision: Revision,
    ) -> Option<Index> {
        let mut index = Index { revision, ..before.clone() };
        let (mut named, mut reached) = (true, true);
        for account in accounts {
            let at = index.own_position(&account.id)? as usize;
            named = named && index.accounts[at].is_named_as(&account);
            reached = reached && index.accounts[at].is_reached_as(&account);
            index.accounts.replace(at, account);
        }
        if !named {
            let names = NameTexts::after(&before.texts.names, &before.accounts, &index.accounts);
            index.texts.names = Arc::new(names);
        }
        if !reached {
            index.texts.reach = Arc::new(Reach::of(&index.accounts));
        }
        Some(index)
    }

    /// Which registry this is.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many accounts it holds.
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// How many reps it holds.
    pub fn rep_count(&self) -> usize {
        self.reps.len()
    }

    /// The account of an id, or the one that an account of this id was merged into.
    pub fn account(&self, id: &AccountId) -> Option<&PreparedAccount> {
        let at = self.position(id)?;
        Some(self.at(at))
    }

    /// The rep of an id.
    pub fn rep(&self, id: &RepId) -> Option<&Rep> {
        let at = self.rep_ids.find(id.as_str(), |at| self.reps[at as usize].id.as_str())?;
        self.reps.get(at as usize)
    }

    /// Accounts whose ids come after one, in the order of ids; all of them after `None`.
    pub fn accounts_after(&self, id: Option<&AccountId>) -> impl Iterator<Item = &PreparedAccount> {
        let from = id.map_or(0, |id| self.accounts.position(id).map_or_else(|at| at, |at| at + 1));
        self.accounts.iter_from(from).map(|account| &**account)
    }

    /// Reps whose ids come after one, in the order of ids; all of them after `None`.
    pub fn reps_after(&self, id: Option<&RepId>) -> impl Iterator<Item = &Rep> {
        let from = self.reps.partition_point(|rep| id.is_some_and(|id| rep.id <= *id));
        self.reps[from..].iter()
    }

    /// The registry that the index was built from. Copies references, not accounts.
    pub fn registry(&self) -> PreparedRegistry {
        PreparedRegistry::in_order(self.accounts.iter().cloned().collect(), self.reps.to_vec())
    }

    /// The active accounts that declare a domain, in the order of ids.
    pub fn accounts_with_domain(&self, domain: &str) -> impl Iterator<Item = &Arc<PreparedAccount>> {
        let found = self.declaring(domain);
        (0..found.len()).map(move |at| &self.accounts[found[at] as usize])
    }

    /// The active accounts with a name of this match key, in the order of ids.
    pub fn accounts_with_key(&self, key: &str) -> Vec<&Arc<PreparedAccount>> {
        let kind = |word: &str| {
            self.texts.names.vocabulary.find(word).map(|id| self.texts.names.vocabulary.get(id).kind)
        };
        let words = key.split(' ').map(|word| (word, kind(word).unwrap_or(TokenKind::Word)));
        let mut found: Vec<u32> =
            self.texts.names.exact.find(words).map(|name| self.texts.names.names.get(name).account).collect();
        found.sort_unstable();
        found.dedup();
        let accounts = found.into_iter().map(|at| &self.accounts[at as usize]);
        accounts.filter(|account| account.name_keys().any(|own| own == key)).collect()
    }

    /// Position of an account by its own id or by that of one merged into it.
    pub(super) fn position(&self, id: &AccountId) -> Option<u32> {
        self.own_position(id).or_else(|| self.texts.reach.merged.get(id).copied())
    }

    fn own_position(&self, id: &AccountId) -> Option<u32> {
        self.account_ids.find(id.as_str(), |at| self.accounts[at as usize].id.as_str())
    }

    pub(super) fn at(&self, position: u32) -> &PreparedAccount {
        &self.accounts[position as usize]
    }

    /// Positions of the accounts that declare a domain, in the order of ids.
    pub(super) fn declaring(&self, domain: &str) -> Found<'_> {
        self.texts.reach.domains.find(domain, &self.accounts)
    }

    /// Accounts that declare a domain which looks like one with this skeleton.
    pub(super) fn looking_like(&self, skeleton: &str) -> Found<'_> {
        self.texts.reach.skeletons.find(skeleton, &self.accounts)
    }

    pub(super) fn names(&self) -> &Names {
        &self.texts.names.names
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.texts.names.vocabulary
    }

    pub(super) fn trigrams(&self) -> &TrigramPostings {
        &self.texts.names.trigrams
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        Sources {
            vocabulary: &self.texts.names.vocabulary,
            exact: &self.texts.names.exact,
            words: &self.texts.names.words,
            trigrams: &self.texts.names.trigrams,
            names: &self.texts.names.names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Registry};
    use crate::normalize::website_domain;

    /// Whether a change of one account of two leaves what is looked up as it was.
    #[track_caller]
    fn check(shared: bool, change: fn(&mut Account)) {
        let account = |id: &str| Account::new(AccountId::new(id).expect("an id"), "Zumbado".to_owned());
        let registry = Registry { accounts: vec![account("a"), account("b")], reps: Vec::new() };
        let mut registry = PreparedRegistry::from(registry);
        let before = Index::build(registry.clone(), Revision(1));
        let mut changed = account("b");
        change(&mut changed);
        registry.upsert(changed.clone());
        let after = Index::build_after(&before, registry, Revision(2));
        let parts = |index: &Index| (Arc::as_ptr(&index.texts.names), Arc::as_ptr(&index.texts.reach));
        assert_eq!(parts(&before) == parts(&after), shared);
        assert_eq!(after.account(&changed.id).map(PreparedAccount::to_account).as_ref(), Some(&changed));
        assert_eq!(after.revision(), Revision(2));
    }

    #[test]
    fn another_owner_is_published_without_filling_the_index_again() {
        check(true, |account| account.owner_id = RepId::new("ann"));
        check(true, |account| account.postal_code = "10115".to_owned());
    }

    #[test]
    fn what_is_looked_up_fills_the_index_again() {
        check(false, |account| account.name = "Korvex".to_owned());
        check(false, |account| account.aliases = vec!["Korvex".to_owned()]);
        check(false, |account| account.domains = website_domain("korvex.com").into_iter().collect());
        check(false, |account| account.merged_ids = AccountId::new("c").into_iter().collect());
        check(false, |account| account.active = false);
    }
}
