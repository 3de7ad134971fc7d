//! From a lead to the accounts it may belong to, each with its evidence.

use std::cell::OnceCell;

use super::by_text;
use super::candidates;
use super::equal::equal_names;
use super::evidence::{AccountMatch, Evidence, LeadFacts, SHARERS_MAX};
use super::features::{
    ACCOUNT_WEIGHT_ALONE, KNOWN_WORD_TYPO, LEAD_WEIGHT_ALONE, LETTERS_EDITED, NameFeatures, TYPO_SHARE,
};
use super::forest::{Asked, Forest};
use super::index::Index;
use super::name_score::NameMatch;
use super::names::{LeadName, lead_names};
use super::nearest::{BestName, Side, compare_names, keep_best, keep_nearest, rank};
use super::prepared::PreparedAccount;
use super::rivals::compare_rivals;
use super::work::Work;
use super::{CANDIDATES_MAX, MATCH_SCORE_MIN, NAMES_MAX, RUNNER_UPS_MAX};
use crate::lead::Lead;
use crate::normalize::label_key;
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

/// Which names are laid beside the lead's, where equal ones are not enough.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// Equal ones and the nearest of those that any generator of candidates finds, the cheapest first: where one is a slip
    /// away, no more are looked for.
    Near,
    /// The same, and more of them, for people who want to see what else there was.
    All,
    /// Those of one account.
    Account(u32),
}

/// Accounts the lead may belong to, best first. Ties are in the order of account ids.
///
/// Names that are merely near are looked for only where they could matter: not where an equal name settles it.
pub fn search<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> Found<'a> {
    let (facts, declaring) = LeadFacts::of(lead, index, policy);
    let readings = lead.company.as_deref().map(lead_names).unwrap_or_default();
    let search = Search { lead, facts, declaring, readings: &readings, sides: OnceCell::new(), index };
    let mut work = Work::default();
    let mut matches = search.by_equal_names(&mut work);
    if !readings.is_empty() && !is_settled(&matches, &search, policy) {
        matches = search.by_near_names(Reach::Near, &mut work);
    }
    Found { matches, facts: search.facts, work, readings }
}

/// As [`search`], with near names in any case and more of them: for people who want to see what else there was.
pub fn search_all<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> Found<'a> {
    let (facts, declaring) = LeadFacts::of(lead, index, policy);
    let readings = lead.company.as_deref().map(lead_names).unwrap_or_default();
    let search = Search { lead, facts, declaring, readings: &readings, sides: OnceCell::new(), index };
    let mut work = Work::default();
    let matches = search.by_near_names(Reach::All, &mut work);
    Found { matches, facts: search.facts, work, readings }
}

/// True where no near name can change who wins, by the rules of [`crate::routing`], with enough for a review at least:
///
/// - the lead's own id;
/// - a name that fits at the lead's own domain, or any name there where no other account can have the support that
///   lets a near name contest a domain;
/// - an equal name, which rules near ones out.
///
/// A domain that looks like an account's lets the names of that account matter, equal or not.
fn is_settled(matches: &[AccountMatch<'_>], search: &Search<'_, '_>, policy: &Policy) -> bool {
    let Search { lead, facts, index, .. } = search;
    if !facts.look_alike_accounts.is_empty() {
        return false;
    }
    let enough = |one: &AccountMatch<'_>, tier: Tier| {
        let thresholds = policy.thresholds(tier, one.account.class);
        thresholds.is_some_and(|thresholds| one.score >= thresholds.review)
    };
    let support = OnceCell::new();
    matches.iter().any(|one| match one.tier {
        Some(tier @ (Tier::KnownAccount | Tier::DomainAndName)) => enough(one, tier),
        Some(tier @ Tier::Domain) => {
            enough(one, tier) && !*support.get_or_init(|| others_may_have_support(lead, facts, index))
        }
        Some(tier) => one.name_equal && enough(one, tier),
        None => false,
    })
}

/// True where a name that is merely near could be supported at an account that neither the lead's domain nor its
/// website brings in: by postal code or phone, or because a name spells the label of the lead's domain.
fn others_may_have_support(lead: &Lead, facts: &LeadFacts, index: &Index) -> bool {
    let spelled = || {
        let label = facts.corporate_domain.as_ref().map(label_key);
        label.is_some_and(|label| {
            let mut named = index.sources().exact.find_glued(&label);
            named.any(|name| !index.at(index.names().get(name).account).has_domains())
        })
    };
    !lead.postal_code.is_empty() || !lead.phone.is_empty() || spelled()
}

/// A lead, read once for however many runs.
struct Search<'s, 'a> {
    lead: &'s Lead,
    facts: LeadFacts,
    /// The accounts that declare the domain of its e-mail.
    declaring: by_text::Found<'a>,
    readings: &'s [LeadName],
    /// See [`Search::sides`].
    sides: OnceCell<Vec<Side<'s>>>,
    index: &'a Index,
}

impl<'s, 'a> Search<'s, 'a> {
    /// The readings with what they look up, which most leads of a known domain need not.
    fn sides(&self) -> &[Side<'s>] {
        self.sides.get_or_init(|| Side::of(self.readings, self.index))
    }

    /// What equal names and the lead's other fields bring in.
    fn by_equal_names(&self, work: &mut Work) -> Vec<AccountMatch<'a>> {
        let sharers = self.declaring.first(SHARERS_MAX);
        let names = equal_names(self.readings, || self.sides(), &sharers, self.index, work);
        self.matches(names, NAMES_MAX, work)
    }

    /// What near names and the lead's other fields bring in.
    fn by_near_names(&self, reach: Reach, work: &mut Work) -> Vec<AccountMatch<'a>> {
        let most = if matches!(reach, Reach::All) { CANDIDATES_MAX } else { NAMES_MAX };
        self.matches(best_names(self.sides(), self.index, reach, work), most, work)
    }

    /// The accounts with these names, the nearest `most` beside the equal ones, and those that other fields bring in.
    fn matches(
        &self,
        mut names: Vec<(u32, BestName)>,
        most: usize,
        work: &mut Work,
    ) -> Vec<AccountMatch<'a>> {
        let Search { lead, facts, declaring, index, .. } = self;
        keep_nearest(&mut names, most);

        // Accounts may come in by name, domain, website, look-alike domain or id: the union, each once.
        let mut positions: Vec<u32> = names.iter().map(|(account, _)| *account).collect();
        let sharers = declaring.first(SHARERS_MAX);
        // An equal name at the lead's own domain rules the others there out: they are only told of.
        let ruled_out = |(account, name): &(u32, BestName)| name.found.equal && sharers.contains(account);
        let told = if names.iter().any(ruled_out) { RUNNER_UPS_MAX } else { sharers.len() };
        positions.extend(sharers.iter().take(told));
        positions.extend(facts.website_accounts(index).iter());
        positions.extend(facts.look_alike_accounts.iter().copied());
        positions.extend(facts.known_account);
        positions.sort_unstable();
        positions.dedup();
        work.accounts += positions.len();

        let mut compared: Vec<(u32, Option<BestName>)> = positions
            .into_iter()
            .map(|position| match names.binary_search_by_key(&position, |(account, _)| *account) {
                Ok(at) => (position, Some(names[at].1)),
                Err(_) => (position, name_of(self.sides(), position, index, work)),
            })
            .collect();
        let named = compared.iter_mut().filter_map(|(at, name)| Some((*at, name.as_mut()?)));
        // Whether a name fits at the lead's own domain must not depend on how far others were looked for.
        compare_rivals(named, |account| sharers.contains(&account), index);
        let evidence = Evidence { lead, facts, declaring, index };
        let asked = |(position, name): &(u32, Option<BestName>)| {
            name.as_ref().is_some_and(|name| evidence.depends_on_model(*position, name))
        };
        let features = compared.iter().filter(|one| asked(one)).flat_map(|(position, name)| {
            let only_if_reported = evidence.rests_on_name(*position);
            name.as_ref().map(|name| Asked { features: &name.found.features, only_if_reported })
        });
        let scores = Forest::fitted().scores(features);
        let mut scores = scores.into_iter();
        let mut matches: Vec<AccountMatch<'a>> = compared
            .into_iter()
            .filter_map(|one| {
                let by_name = if asked(&one) { scores.next() } else { None };
                let by_name = by_name.unwrap_or(Score::ZERO);
                evidence.may_matter(one.0, by_name).then(|| evidence.weigh(one.0, one.1, by_name))
            })
            .filter(|found| found.score >= MATCH_SCORE_MIN)
            .collect();
        matches.sort_by(AccountMatch::stronger_first);
        matches.truncate(CANDIDATES_MAX);
        matches
    }
}

/// The accounts whose names are nearest to a company's, nearest first, with how they compare; at most
/// [`CANDIDATES_MAX`]. Unlike [`search`] it leaves none out for its score, so that what the name model learns
/// from does not depend on the model that it replaces.
pub fn nearest_names<'a>(company: &str, index: &'a Index) -> Vec<(&'a PreparedAccount, NameFeatures)> {
    let readings = lead_names(company);
    let sides = Side::of(&readings, index);
    let mut names = best_names(&sides, index, Reach::Near, &mut Work::default());
    compare_rivals(names.iter_mut().map(|(at, name)| (*at, name)), |_| false, index);
    keep_nearest(&mut names, CANDIDATES_MAX);
    names.sort_by(|(one, one_name), (other, other_name)| {
        rank(other_name).cmp(&rank(one_name)).then(one.cmp(other))
    });
    names.into_iter().map(|(account, name)| (index.at(account), name.found.features)).collect()
}

/// For each account with a candidate name its best comparison, in the order of accounts.
fn best_names(sides: &[Side<'_>], index: &Index, reach: Reach, work: &mut Work) -> Vec<(u32, BestName)> {
    let mut best: Vec<(u32, BestName)> = Vec::new();
    each_comparison(sides, index, reach, work, &mut best);
    keep_best(&mut best);
    best
}

/// The best comparison with an account that no candidate name brought in.
pub(super) fn name_of(sides: &[Side<'_>], position: u32, index: &Index, work: &mut Work) -> Option<BestName> {
    let mut best = Vec::new();
    each_comparison(sides, index, Reach::Account(position), work, &mut best);
    best.into_iter()
        .map(|(_, name)| name)
        .max_by(|one, other| rank(one).cmp(&rank(other)).then(other.name.cmp(&one.name)))
}

fn each_comparison(
    sides: &[Side<'_>],
    index: &Index,
    reach: Reach,
    work: &mut Work,
    best: &mut Vec<(u32, BestName)>,
) {
    for reading in sides {
        let side = &reading.side;
        if matches!(reach, Reach::Near) && compare_slipped(reading, index, work, best) {
            continue;
        }
        let ids = match reach {
            Reach::Near | Reach::All => candidates::by_words(side, index.sources(), work),
            Reach::Account(position) => index.names().of_account(position),
        };
        work.comparisons += ids.len();
        let before = best.len();
        compare_names(reading, &ids, index, best);
        let more = match reach {
            Reach::Near => !has_one_slip_away(&best[before..]),
            Reach::All => true,
            Reach::Account(_) => false,
        };
        if more {
            let ids = candidates::by_trigrams(reading.query(index), &ids, index.sources(), work);
            work.comparisons += ids.len();
            compare_names(reading, &ids, index, best);
        }
    }
}

/// Lays the names beside a reading that are its own but for a slip; true where one of them settles the search. Where none
/// does, it leaves nothing behind.
fn compare_slipped(
    reading: &Side<'_>,
    index: &Index,
    work: &mut Work,
    best: &mut Vec<(u32, BestName)>,
) -> bool {
    let ids = candidates::by_slip(&reading.side, index.sources(), work);
    work.comparisons += ids.len();
    let before = best.len();
    compare_names(reading, &ids, index, best);
    let settled = has_one_slip_away(&best[before..]);
    if !settled {
        best.truncate(before);
    }
    settled
}

fn has_one_slip_away(best: &[(u32, BestName)]) -> bool {
    best.iter().any(|(_, name)| is_one_slip_away(&name.found))
}

/// The most that the word with the slip may weigh of a name that settles the search. On the labelled sets 0.5 and 0.7 move
/// nothing; from 0.9 on names that are passed over are missed as rivals (`web_form_leads` right 0.9117 instead of 0.9125).
const SLIPPED_SHARE_MAX: f32 = 0.7;

/// True for a name that is the lead's but for one slip of the pen, neither with a word more, so that no other can be
/// nearer, where besides
///
/// - enough agrees letter by letter: of names of one word many are as near ("Oncam");
/// - the word with the slip is no word of its own: "Petco" may be a slip for "Petro" or stand in a name that only
///   trigrams find ("Unleashed by Petco").
fn is_one_slip_away(found: &NameMatch) -> bool {
    let features = &found.features;
    let whole = features[LEAD_WEIGHT_ALONE] + features[ACCOUNT_WEIGHT_ALONE] == 0.0;
    let slipped = features[LETTERS_EDITED] <= 1.0 && features[KNOWN_WORD_TYPO] == 0.0;
    whole && found.distinctive && slipped && features[TYPO_SHARE] <= SLIPPED_SHARE_MAX
}
