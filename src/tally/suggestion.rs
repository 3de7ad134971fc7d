//! What an unmatched company looks like in the present registry, asked when somebody reads the tally.
//!
//! The normal search without the doubt that an unknown domain casts on a name, since whether that domain is another one
//! of the account's is the question; and by the words of the domain, for companies that mail under another name.

use super::Unmatched;
use crate::account::AccountId;
use crate::lead::{Lead, LeadFields};
use crate::matching::{AccountMatch, Index, search_all};
use crate::normalize::unicode_form;
use crate::policy::Policy;
use crate::routing::Grade;
use crate::score::Score;

/// Under this score a likeness is more often chance: a person reads these, so it lies under every threshold of routing.
const SCORE_MIN: Score = Score::from_bps(4_000);

/// How the company and the account are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The account declares the domain by now.
    Declared,
    /// The names are equal: the domain may be another one of the account's.
    AnotherDomain,
    /// The names are near: it may be an alias of the account's.
    Alias,
}

impl Likeness {
    /// The word in answers: `declared`, `another_domain`, `alias`.
    pub fn as_str(self) -> &'static str {
        match self {
            Likeness::Declared => "declared",
            Likeness::AnotherDomain => "another_domain",
            Likeness::Alias => "alias",
        }
    }
}

/// An account that the company may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The account.
    pub account_id: AccountId,
    /// Its current name.
    pub account_name: String,
    /// How the two are alike.
    pub likeness: Likeness,
    /// How sure this is.
    pub score: Score,
}

/// The account that an unmatched company looks most like; `None` where it looks like none.
pub fn suggest(unmatched: &Unmatched, index: &Index, policy: &Policy) -> Option<Suggestion> {
    let readable = unicode_form(&unmatched.domain);
    let label = readable.split('.').next().unwrap_or_default().replace('-', " ");
    let by_name = unmatched.company.as_deref().and_then(|company| like(company, unmatched, index, policy));
    by_name.or_else(|| like(&label, unmatched, index, policy))
}

fn like(company: &str, unmatched: &Unmatched, index: &Index, policy: &Policy) -> Option<Suggestion> {
    let lead = Lead::new(LeadFields {
        company: company.to_owned(),
        website: unmatched.domain.to_string(),
        country: unmatched.country.map(|country| country.to_string()).unwrap_or_default(),
        ..LeadFields::default()
    })
    .ok()?;
    let found = search_all(&lead, index, policy);
    let likeness = |found: &AccountMatch<'_>| match found {
        found if found.grades.website == Grade::A => Some(Likeness::Declared),
        found if found.score < SCORE_MIN => None,
        found if found.name_equal => Some(Likeness::AnotherDomain),
        found => found.name_fits.then_some(Likeness::Alias),
    };
    let alike = found.matches.iter().filter_map(|found| Some((likeness(found)?, found)));
    // Matches come strongest first, and of equals the first one is taken.
    let (likeness, best) = alike.min_by_key(|(likeness, _)| *likeness)?;
    Some(Suggestion {
        account_id: best.account.id.clone(),
        account_name: best.account.name().to_owned(),
        likeness,
        score: best.score,
    })
}
