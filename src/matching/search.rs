//! From a lead to the accounts it may belong to, each with its evidence.

use super::candidates;
use super::evidence::{AccountMatch, Evidence, LeadFacts};
use super::features::NameFeatures;
use super::forest::Forest;
use super::index::Index;
use super::name_score::{LeadSide, NameMatch, compare};
use super::names::{LeadName, NameId, lead_names};
use super::rivals::compare_rivals;
use super::trigrams::TrigramQuery;
use super::work::Work;
use super::{CANDIDATES_MAX, MATCH_SCORE_MIN};
use crate::account::{Account, NameKind};
use crate::lead::Lead;
use crate::policy::Policy;
use crate::routing::Tier;
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

/// Which names are laid beside the lead's.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// Those that are equal, in whatever order or gluing.
    Equal,
    /// Equal ones and those that any generator of candidates finds.
    Near,
    /// Those of one account.
    Account(u32),
}

/// Accounts the lead may belong to, best first. Ties are in the order of account ids.
///
/// Names that are merely near are looked for only where they could matter: not where an equal name settles it.
pub fn search<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> Found<'a> {
    let readings = lead.company.as_deref().map(lead_names).unwrap_or_default();
    let search = Search::of(lead, &readings, index, policy);
    let equal = search.run(Reach::Equal);
    let settled = readings.is_empty() || is_settled(&equal, policy);
    let found = if settled { equal } else { search.run(Reach::Near).after(equal.work) };
    Found { readings, ..found }
}

/// As [`search`], with near names in any case: for people who want to see what else there was.
pub fn search_all<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> Found<'a> {
    let readings = lead.company.as_deref().map(lead_names).unwrap_or_default();
    let found = Search::of(lead, &readings, index, policy).run(Reach::Near);
    Found { readings, ..found }
}

/// True where no near name can change who wins, by the rules of [`crate::routing`]: the lead's own id, an equal name
/// at the lead's own domain, or an equal name of a lead whose domain is nobody's, each enough for a review at least.
/// A domain that looks like an account's lets the names of that account matter, equal or not.
fn is_settled(found: &Found<'_>, policy: &Policy) -> bool {
    let matches = &found.matches;
    if !found.facts.look_alike_accounts.is_empty() {
        return false;
    }
    let by_domain = matches.iter().any(|one| matches!(one.tier, Some(Tier::DomainAndName | Tier::Domain)));
    let wanted = if by_domain { Tier::DomainAndName } else { Tier::NameExact };
    let enough = |one: &AccountMatch<'_>, tier: Tier| {
        let thresholds = policy.thresholds(tier, one.account.class);
        thresholds.is_some_and(|thresholds| one.score >= thresholds.review)
    };
    matches.iter().any(|one| match one.tier {
        Some(Tier::KnownAccount) => enough(one, Tier::KnownAccount),
        Some(tier) => tier == wanted && one.name_equal && enough(one, tier),
        None => false,
    })
}

/// A lead, read once for however many runs.
struct Search<'s, 'a> {
    lead: &'s Lead,
    facts: LeadFacts,
    sides: Vec<Side<'s, 'a>>,
    index: &'a Index,
}

/// One reading of the lead's name, with what it looks up.
pub(super) struct Side<'s, 'a> {
    side: LeadSide<'s>,
    query: TrigramQuery<'a>,
}

impl<'s, 'a> Side<'s, 'a> {
    pub(super) fn of(readings: &'s [LeadName], index: &'a Index) -> Vec<Side<'s, 'a>> {
        let side = |name| Side {
            side: LeadSide::new(name, index.vocabulary()),
            query: index.trigrams().lookup(&name.surface),
        };
        readings.iter().map(side).collect()
    }
}

impl<'s, 'a> Search<'s, 'a> {
    fn of(lead: &'s Lead, readings: &'s [LeadName], index: &'a Index, policy: &Policy) -> Search<'s, 'a> {
        Search { lead, facts: LeadFacts::of(lead, index, policy), sides: Side::of(readings, index), index }
    }

    fn run(&self, reach: Reach) -> Found<'a> {
        let Search { lead, facts, sides, index } = self;
        let mut work = Work::default();
        let mut names = best_names(sides, index, reach, &mut work);
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
                Err(_) => (position, name_of(sides, position, index, &mut work)),
            })
            .collect();
        let features = compared.iter().filter_map(|(_, name)| name.as_ref().map(|name| &name.found.features));
        let mut scores = Forest::fitted().scores(features).into_iter();
        let evidence = Evidence { lead, facts, index };
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
        Found { matches, facts: facts.clone(), work, readings: Vec::new() }
    }
}

impl<'a> Found<'a> {
    /// The same, with what an earlier run cost.
    fn after(mut self, earlier: Work) -> Found<'a> {
        self.work += earlier;
        self
    }
}

/// The accounts whose names are nearest to a company's, nearest first, with how they compare; at most
/// [`CANDIDATES_MAX`]. Unlike [`search`] it leaves none out for its score, so that what the name model learns
/// from does not depend on the model that it replaces.
pub fn nearest_names<'a>(company: &str, index: &'a Index) -> Vec<(&'a Account, NameFeatures)> {
    let readings = lead_names(company);
    let sides = Side::of(&readings, index);
    let mut names = best_names(&sides, index, Reach::Near, &mut Work::default());
    compare_rivals(&mut names, index);
    keep_nearest(&mut names);
    names.sort_by(|(one, one_name), (other, other_name)| {
        rank(other_name).cmp(&rank(one_name)).then(one.cmp(other))
    });
    names.into_iter().map(|(account, name)| (index.at(account), name.found.features)).collect()
}

/// For each account with a candidate name its best comparison, in the order of accounts.
fn best_names(sides: &[Side<'_, '_>], index: &Index, reach: Reach, work: &mut Work) -> Vec<(u32, BestName)> {
    let mut best: Vec<(u32, BestName)> = Vec::new();
    each_comparison(sides, index, reach, work, &mut best);
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
    sides: &[Side<'_, '_>],
    position: u32,
    index: &Index,
    work: &mut Work,
) -> Option<BestName> {
    let mut best = Vec::new();
    each_comparison(sides, index, Reach::Account(position), work, &mut best);
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
    sides: &[Side<'_, '_>],
    index: &Index,
    reach: Reach,
    work: &mut Work,
    best: &mut Vec<(u32, BestName)>,
) {
    let (names, vocabulary) = (index.names(), index.vocabulary());
    let mut surface = String::new();
    for Side { side, query } in sides {
        let lead = side.name;
        let ids = match reach {
            Reach::Equal => candidates::equal(lead, index.sources()),
            Reach::Near => candidates::gather(lead, query, index.sources(), work),
            Reach::Account(position) => names.of_account(position),
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
