//! From a lead to the accounts it may belong to, each with its evidence.

use super::candidates;
use super::evidence::{AccountMatch, Evidence, LeadFacts};
use super::features::NameFeatures;
use super::forest::Forest;
use super::index::Index;
use super::name_score::{LeadSide, NameMatch, compare};
use super::names::{LeadName, NameId, lead_names};
use super::rivals::compare_rivals;
use super::work::Work;
use super::{CANDIDATES_MAX, MATCH_SCORE_MIN};
use crate::account::{Account, NameKind};
use crate::lead::Lead;
use crate::policy::Policy;
use crate::score::Score;

/// What the search found.
#[derive(Debug)]
pub struct Found<'a> {
    /// Accounts at or over [`MATCH_SCORE_MIN`], best first; at most [`CANDIDATES_MAX`].
    pub matches: Vec<AccountMatch<'a>>,
    /// What the lead's own fields say, whatever the accounts.
    pub facts: LeadFacts,
    /// What it cost to find them.
    pub work: Work,
    /// The lead's name in every reading.
    readings: Vec<LeadName>,
}

impl Found<'_> {
    /// The words of the lead's match key, in order; none where it has no name.
    pub fn lead_words(&self) -> impl Iterator<Item = &str> {
        self.readings.iter().take(1).flat_map(|name| name.tokens.iter().map(|(text, _)| text.as_str()))
    }
}

/// The best comparison of the lead's name with the names of one account.
#[derive(Clone, Copy, Debug)]
pub(super) struct BestName {
    pub(super) name: NameId,
    pub(super) kind: NameKind,
    pub(super) found: NameMatch,
}

/// Accounts the lead may belong to, best first. Ties are in the order of account ids.
pub fn search<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> Found<'a> {
    let facts = LeadFacts::of(lead, index, policy);
    // Read once: a domain that many accounts share compares the same readings with each of them.
    let readings = lead.company.as_deref().map(lead_names).unwrap_or_default();
    let sides: Vec<LeadSide<'_>> =
        readings.iter().map(|name| LeadSide::new(name, index.vocabulary())).collect();
    let mut work = Work::default();
    let mut names = best_names(&sides, index, &mut work);
    compare_rivals(&mut names, index);
    keep_nearest(&mut names);

    // Accounts may come in by name, domain, website, look-alike domain or id: the union, each once.
    let mut positions: Vec<u32> = names.iter().map(|(account, _)| *account).collect();
    positions.extend(facts.email_accounts(index));
    positions.extend(facts.website_accounts(index));
    positions.extend(facts.look_alike_accounts.iter().copied());
    positions.extend(facts.known_account);
    positions.sort_unstable();
    positions.dedup();
    work.accounts = positions.len();

    let compared: Vec<(u32, Option<BestName>)> = positions
        .into_iter()
        .map(|position| match names.binary_search_by_key(&position, |(account, _)| *account) {
            Ok(at) => (position, Some(names[at].1)),
            Err(_) => (position, name_of(&sides, position, index, &mut work)),
        })
        .collect();
    let features = compared.iter().filter_map(|(_, name)| name.as_ref().map(|name| &name.found.features));
    let mut scores = Forest::fitted().scores(features).into_iter();
    let evidence = Evidence { lead, facts: &facts, index };
    let mut matches: Vec<AccountMatch<'a>> = compared
        .into_iter()
        .map(|(position, name)| {
            let by_name = name.as_ref().and_then(|_| scores.next()).unwrap_or(Score::ZERO);
            evidence.weigh(position, name, by_name)
        })
        .filter(|found| found.score >= MATCH_SCORE_MIN)
        .collect();
    matches.sort_by(AccountMatch::stronger_first);
    matches.truncate(CANDIDATES_MAX);
    Found { matches, facts, work, readings }
}

/// The accounts whose names are nearest to a company's, nearest first, with how they compare; at most
/// [`CANDIDATES_MAX`]. Unlike [`search`] it leaves none out for its score, so that what the name model learns
/// from does not depend on the model that it replaces.
pub fn nearest_names<'a>(company: &str, index: &'a Index) -> Vec<(&'a Account, NameFeatures)> {
    let readings = lead_names(company);
    let sides: Vec<LeadSide<'_>> =
        readings.iter().map(|name| LeadSide::new(name, index.vocabulary())).collect();
    let mut names = best_names(&sides, index, &mut Work::default());
    compare_rivals(&mut names, index);
    keep_nearest(&mut names);
    names.sort_by(|(one, one_name), (other, other_name)| {
        rank(other_name).cmp(&rank(one_name)).then(one.cmp(other))
    });
    names.into_iter().map(|(account, name)| (index.at(account), name.found.features)).collect()
}

/// For each account with a candidate name its best comparison, in the order of accounts.
fn best_names(sides: &[LeadSide<'_>], index: &Index, work: &mut Work) -> Vec<(u32, BestName)> {
    let mut best: Vec<(u32, BestName)> = Vec::new();
    each_comparison(sides, index, None, work, &mut best);
    best.sort_by(|(one, one_name), (other, other_name)| {
        one.cmp(other)
            .then_with(|| rank(other_name).cmp(&rank(one_name)))
            .then(one_name.name.cmp(&other_name.name))
    });
    best.dedup_by_key(|(account, _)| *account);
    best
}

/// The best comparison with an account that no candidate name brought in.
pub(super) fn name_of(
    sides: &[LeadSide<'_>],
    position: u32,
    index: &Index,
    work: &mut Work,
) -> Option<BestName> {
    let mut best = Vec::new();
    each_comparison(sides, index, Some(position), work, &mut best);
    best.into_iter()
        .map(|(_, name)| name)
        .max_by(|one, other| rank(one).cmp(&rank(other)).then(other.name.cmp(&one.name)))
}

/// Keeps the [`CANDIDATES_MAX`] accounts with the nearest names, in the order of accounts.
fn keep_nearest(names: &mut Vec<(u32, BestName)>) {
    if names.len() > CANDIDATES_MAX {
        names.sort_by(|(one, one_name), (other, other_name)| {
            rank(other_name).cmp(&rank(one_name)).then(one.cmp(other))
        });
        names.truncate(CANDIDATES_MAX);
        names.sort_by_key(|(account, _)| *account);
    }
}

fn rank(name: &BestName) -> (crate::score::Score, bool, std::cmp::Reverse<NameKind>) {
    (name.found.similarity, name.found.equal, std::cmp::Reverse(name.kind))
}

fn each_comparison(
    sides: &[LeadSide<'_>],
    index: &Index,
    only: Option<u32>,
    work: &mut Work,
    best: &mut Vec<(u32, BestName)>,
) {
    let (names, vocabulary) = (index.names(), index.vocabulary());
    let mut surface = String::new();
    for side in sides {
        let lead = side.name;
        let (ids, query) = match only {
            None => candidates::gather(lead, index.sources(), work),
            Some(position) => (names.of_account(position), index.trigrams().lookup(&lead.surface)),
        };
        work.comparisons += ids.len();
        for id in ids {
            let entry = names.get(id);
            names.surface(entry, vocabulary, &mut surface);
            let cosine = query.cosine(&surface, index.trigrams().length(id));
            if let Some(found) = compare(side, entry, names, vocabulary, cosine) {
                best.push((entry.account, BestName { name: id, kind: entry.kind, found }));
            }
        }
    }
}
