use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::account::{Account, AccountId};
use crate::normalize::TokenKind;

/// Words that repeat, that differ by a slip, that begin alike, that mean another thing in front than behind, with umlauts, with
/// digits and in other scripts.
const WORDS: [&str; 27] = [
    "Acme",
    "Acne",
    "Acmes",
    "Zumbado",
    "Bank",
    "Banks",
    "of",
    "From",
    "the",
    "and",
    "de",
    "Ireland",
    "France",
    "(East)",
    "(Ireland)",
    "Müller",
    "Höfe",
    "Group",
    "Holding",
    "Fund",
    "24",
    "7-Eleven",
    "三菱",
    "ООО",
    "Sales",
    "Salesforce",
    "t/a",
];
const FORMS: [&str; 4] = ["", " GmbH", " Inc.", " Limited"];

fn names() -> impl Strategy<Value = String> {
    (vec(select(WORDS.as_slice()), 1..5), select(FORMS.as_slice()))
        .prop_map(|(words, form)| words.join(" ") + form)
}

fn accounts() -> impl Strategy<Value = Account> {
    let active = prop::bool::weighted(0.9);
    let further = (vec(names(), 0..2), vec(names(), 0..2));
    (0..60_u32, names(), further, active).prop_map(|(id, name, (aliases, former_names), active)| Account {
        aliases,
        former_names,
        active,
        ..Account::new(AccountId::new(&format!("a{id:02}")).unwrap(), name)
    })
}

/// A change of a registry.
#[derive(Clone, Debug)]
enum Change {
    Put(Box<Account>),
    /// Of an account that is there: another name, one alias more or none, active or not.
    Rename(usize, String),
    Alias(usize, Option<String>),
    Switch(usize),
    Remove(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = || any::<prop::sample::Index>().prop_map(|at| at.index(1 << 10));
    let change = prop_oneof![
        1 => accounts().prop_map(|account| Change::Put(Box::new(account))),
        3 => (at(), names()).prop_map(|(at, name)| Change::Rename(at, name)),
        1 => (at(), proptest::option::of(names())).prop_map(|(at, name)| Change::Alias(at, name)),
        1 => at().prop_map(Change::Switch),
        1 => at().prop_map(Change::Remove),
    ];
    vec(change, 0..6)
}

type Registry = BTreeMap<AccountId, Arc<PreparedAccount>>;

fn apply(registry: &mut Registry, change: Change) {
    let at =
        |at: usize| registry.values().nth(at % registry.len().max(1)).map(|account| account.to_account());
    let changed = match change {
        Change::Put(account) => Some(*account),
        Change::Rename(number, name) => at(number).map(|account| Account { name, ..account }),
        Change::Alias(number, alias) => {
            at(number).map(|account| Account { aliases: alias.into_iter().collect(), ..account })
        }
        Change::Switch(number) => at(number).map(|account| Account { active: !account.active, ..account }),
        Change::Remove(number) => {
            if let Some(account) = at(number) {
                registry.remove(&account.id);
            }
            None
        }
    };
    if let Some(account) = changed {
        registry.insert(account.id.clone(), Arc::new(PreparedAccount::new(account)));
    }
}

fn listed(registry: &Registry) -> Accounts {
    Accounts::new(registry.values().cloned().collect())
}

/// What is built step by step is what is built whole, part by part.
#[track_caller]
fn check(steps: &[Accounts]) {
    let mut texts = NameTexts::of(&steps[0]);
    for pair in steps.windows(2) {
        texts = NameTexts::after(&texts, &pair[0], &pair[1]);
        let whole = NameTexts::of(&pair[1]);
        assert!(texts.vocabulary == whole.vocabulary, "vocabulary");
        assert!(texts.names == whole.names, "names");
        assert!(texts.exact == whole.exact, "exact");
        assert!(texts.words == whole.words, "words");
        assert!(texts.trigrams == whole.trigrams, "trigrams");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_taken_over_are_the_names_built_whole(
        first in vec(accounts(), 0..60),
        steps in vec(changes(), 1..5),
    ) {
        let mut registry = Registry::new();
        first.into_iter().for_each(|account| apply(&mut registry, Change::Put(Box::new(account))));
        let mut listings = vec![listed(&registry)];
        for changes in steps {
            changes.into_iter().for_each(|change| apply(&mut registry, change));
            listings.push(listed(&registry));
        }
        check(&listings);
    }
}

fn account(at: usize, name: &str) -> Arc<PreparedAccount> {
    let id = AccountId::new(&format!("a{at:06}")).unwrap();
    Arc::new(PreparedAccount::new(Account::new(id, name)))
}

fn named(names: &[&str]) -> Accounts {
    Accounts::new(names.iter().enumerate().map(|(at, name)| account(at, name)).collect())
}

/// Accounts whose names share words.
fn many(count: usize) -> Vec<Arc<PreparedAccount>> {
    let words = ["Acme", "Bank", "Group", "Ireland", "Zumbado", "Müller", "24"];
    let word = |at: usize| words[at % words.len()];
    (0..count).map(|at| account(at, &format!("{} {} K{}", word(at), word(at / 7), at % 97))).collect()
}

#[test]
fn a_change_of_more_than_half_is_built_whole() {
    let all = many(100);
    let before = Accounts::new(all.clone());
    let names = NameTexts::of(&before).names;
    for (changed, taken_over) in [(0, true), (50, true), (51, false), (100, false)] {
        let mut after = all.clone();
        (0..changed).for_each(|at| after[at] = account(at, "Korvex of Old"));
        let after = Accounts::new(after);
        assert_eq!(Carried::of(&before, &names, &after).is_some(), taken_over, "{changed}");
        check(&[before.clone(), after]);
    }
}

#[test]
fn names_move_from_block_to_block_and_tables_grow() {
    // A block of trigrams' names, and a power of two of names, where tables are cut in another way.
    let all = many(65_540);
    let mut renamed = all[..65_536].to_vec();
    renamed[7] = account(7, "Korvex of Old");
    check(&[&all[..65_530], &all, &all[3..], &renamed].map(|some| Accounts::new(some.to_vec())));
}

#[test]
fn a_word_is_what_it_is_where_it_first_stands() {
    let kind =
        |texts: &NameTexts, word: &str| texts.vocabulary.find(word).map(|id| texts.vocabulary.get(id).kind);
    let names = ["Acme Ireland Limited", "Ireland Coaches", "Zumbado", "Korvex", "Ajax"];
    let before = named(&names);
    let first = NameTexts::of(&before);
    assert_eq!(kind(&first, "ireland"), Some(TokenKind::Generic));
    let mut renamed = names;
    renamed[0] = "Acme Limited";
    let after = named(&renamed);
    let then = NameTexts::after(&first, &before, &after);
    assert_eq!(kind(&then, "ireland"), Some(TokenKind::Word));
    check(&[before.clone(), after, before]);
}

#[test]
fn a_word_that_is_a_name_of_its_own_no_more_tolerates_no_slip() {
    // Alone it is a plain word, whose neighbors are known; behind another it is a preposition.
    let names = ["From", "Acme From", "Zumbado", "Korvex", "Ajax"];
    let before = named(&names);
    let mut renamed = names;
    renamed[0] = "Acme";
    check(&[before.clone(), named(&renamed), before]);
}

#[test]
fn a_word_twice_in_one_name_counts_once() {
    let weight = |name: &str| {
        let texts = NameTexts::of(&named(&[name, "Ajax"]));
        texts.vocabulary.lead_weight("acme", TokenKind::Word)
    };
    assert_eq!(weight("Acme Korvex Acme"), weight("Acme Korvex"));
}
