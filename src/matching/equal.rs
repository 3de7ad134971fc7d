//! Accounts with a name equal to the lead's, each with its best comparison: what every search begins with, and most end
//! with.
//!
//! The most frequent lead of all has the e-mail domain of an account and types its current name. Word for word the same,
//! nothing of that account can fit better, so that neither the words are looked up nor the names laid side by side.

use super::candidates;
use super::features::legal_agreement;
use super::index::Index;
use super::name_score::NameMatch;
use super::names::{LeadName, NameId};
use super::nearest::{BestName, Side, compare_names, keep_best};
use super::work::Work;
use crate::normalize::LegalForm;

/// For each account with a name that equals a reading of the lead's the best comparison, in the order of accounts.
/// `sharers` are the accounts of its e-mail domain, ascending; `sides` are its readings' and asked for only where names must be
/// compared.
pub(super) fn equal_names<'s>(
    readings: &[LeadName],
    sides: impl Fn() -> &'s [Side<'s>],
    sharers: &[u32],
    index: &Index,
    work: &mut Work,
) -> Vec<(u32, BestName)> {
    let account_of = |id: &NameId| index.names().get(*id).account;
    let mut best: Vec<(u32, BestName)> = Vec::new();
    // Ascending, as names are.
    let mut typed: Vec<u32> = Vec::new();
    for (at, reading) in readings.iter().enumerate() {
        let mut ids = candidates::equal(reading, index.sources());
        work.comparisons += ids.len();
        if at == 0 {
            let at_domain = ids.iter().filter(|id| sharers.binary_search(&account_of(id)).is_ok());
            best.extend(at_domain.filter_map(|id| Some((account_of(id), typed_name(reading, *id, index)?))));
            typed.extend(best.iter().map(|(account, _)| *account));
        }
        ids.retain(|id| typed.binary_search(&account_of(id)).is_err());
        if !ids.is_empty() {
            compare_names(&sides()[at], &ids, index, &mut best);
        }
    }
    keep_best(&mut best);
    best
}

/// The comparison with a name that is its account's first and has the words of the lead's whole name, one by one: `None`
/// for any other.
fn typed_name(whole: &LeadName, id: NameId, index: &Index) -> Option<BestName> {
    let account = index.names().get(id).account;
    let first = index.names().is_first(id).then(|| index.at(account).readings().next()).flatten()?;
    let words = whole.tokens.iter().map(|(text, _)| text.as_str());
    if !words.eq(first.words().map(|(text, _)| text)) {
        return None;
    }
    let legal_forms: Vec<LegalForm> = first.legal_forms().collect();
    let found = NameMatch::same_words(legal_agreement(&whole.legal_forms, &legal_forms));
    Some(BestName { name: id, kind: first.kind, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, AccountId, NameKind, Registry};
    use crate::matching::Revision;
    use crate::matching::names::lead_names;
    use crate::matching::search::name_of;

    /// What is found of the first account, whose domain the lead has, is what laying its names beside the lead's finds.
    #[track_caller]
    fn check(names: &[&str], typed: &str, expected: Option<NameKind>) {
        let account =
            |(at, name): (usize, &&str)| Account::new(AccountId::new(&format!("{at}")).unwrap(), *name);
        let mut accounts: Vec<Account> = names.iter().enumerate().map(account).collect();
        accounts[0].aliases = vec!["Zumbado Holding AG".into(), "!!!".into()];
        let index = Index::build(Registry { accounts, reps: Vec::new() }, Revision(1));
        let readings = lead_names(typed);
        let sides = Side::of(&readings, &index);
        let found = equal_names(&readings, || &sides, &[0], &index, &mut Work::default());
        let told = |name: &BestName| (name.name, name.kind, name.found.similarity, name.found.legal);
        let first = found.iter().find(|(account, _)| *account == 0).map(|(_, name)| told(name));
        assert_eq!(first.map(|(_, kind, ..)| kind), expected, "{typed}");
        if let Some(first) = first {
            let compared = name_of(&sides, 0, &index, &mut Work::default()).expect("an equal name");
            assert_eq!(first, told(&compared), "{typed}");
        }
    }

    #[test]
    fn the_typed_current_name_is_found_as_if_it_were_compared() {
        let names = ["Korvex Tooling GmbH", "Korvex Tooling"];
        check(&names, "korvex tooling", Some(NameKind::Current));
        check(&names, "Korvex Tooling GmbH", Some(NameKind::Current));
        check(&names, "Korvex Tooling AG", Some(NameKind::Current));
        check(&names, "Tooling Korvex", Some(NameKind::Current));
        check(&names, "Zumbado Holding", Some(NameKind::Alias));
        check(&names, "Korvex", None);
    }

    #[test]
    fn a_name_without_letters_leaves_its_place_to_the_next() {
        check(&["!!!"], "Zumbado Holding", Some(NameKind::Alias));
    }

    #[test]
    fn other_accounts_of_the_name_are_found_too() {
        let names = ["Müller Mühlen", "Mueller Muehlen", "Muller Muhlen"];
        let account =
            |(at, name): (usize, &&str)| Account::new(AccountId::new(&format!("{at}")).unwrap(), *name);
        let accounts = names.iter().enumerate().map(account).collect();
        let index = Index::build(Registry { accounts, reps: Vec::new() }, Revision(1));
        let readings = lead_names("Müller Mühlen");
        let sides = Side::of(&readings, &index);
        let found = equal_names(&readings, || &sides, &[0], &index, &mut Work::default());
        assert_eq!(found.iter().map(|(account, _)| *account).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
