//! Companies that leads name and the registry lacks: how often each was seen, so that somebody may add it.
//!
//! Counted are leads that end as `NO_MATCH` from a corporate e-mail domain, by match key and registrable domain. What
//! is kept of a company: its domain, its most frequent spelling, its most frequent country, how often and when it was
//! seen. Of the person nothing: no e-mail address, and neither a spelling nor a domain that repeats its local part,
//! since a sole trader's name is personal data (`privacy`). Match keys are kept as hashes alone.
//!
//! Memory is bounded by [`COMPANIES_MAX`]; whoever is seen least makes room (`bucket`). Many threads count at once, and
//! nobody needs a consistent view, hence a sharded map: a lead costs one hash and one lock of a shard.

mod bucket;
mod privacy;
mod suggestion;

use std::hash::{BuildHasher, RandomState};

use dashmap::DashMap;
use hashbrown::HashSet;
use jiff::Timestamp;
use xxhash_rust::xxh3::Xxh3;

use crate::lead::Lead;
use crate::matching::Found;
use crate::normalize::{Country, EmailAddress, RegistrableDomain};
use crate::routing::{Decision, NurtureReason, Route};
use bucket::{Bucket, WAYS};

pub use privacy::SPELLING_CHARS_MAX;
pub use suggestion::{Likeness, Suggestion, suggest};

/// Buckets of companies, each with its own bound.
const BUCKETS: u16 = 160;
/// The most companies that are kept: about 4 MB.
pub const COMPANIES_MAX: usize = BUCKETS as usize * WAYS;
/// Locks that threads share: far more than threads, so that two seldom want the same.
const SHARDS: usize = 64;

/// The tally. Written by every request that ends as `NO_MATCH`.
#[derive(Debug)]
pub struct Tally {
    buckets: DashMap<u16, Bucket, foldhash::fast::FixedState>,
    /// So that nobody outside can name companies that share a bucket.
    seed: u64,
}

/// One lead of an unknown company.
#[derive(Clone, Copy, Debug)]
struct Sighting<'a> {
    company: Option<&'a str>,
    email: &'a EmailAddress,
    country: Option<Country>,
    at: Timestamp,
}

/// A company that the registry lacked when leads named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// The most frequent spelling, at most [`SPELLING_CHARS_MAX`] characters; `None` where leads gave none, or only
    /// such as repeat the local part of their address.
    pub company: Option<String>,
    /// The domain of the e-mail addresses.
    pub domain: RegistrableDomain,
    /// The most frequent country, if any lead gave one.
    pub country: Option<Country>,
    /// Leads counted: never more than there were.
    pub lead_count: u64,
    /// Leads that may be missing in the count, at most: from before the company was kept.
    pub lead_count_error: u64,
    /// The first lead counted.
    pub first_seen: Timestamp,
    /// The last.
    pub last_seen: Timestamp,
}

/// The tally at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Top {
    /// The companies seen most, most first; then in the order of domains.
    pub companies: Vec<Unmatched>,
    /// Companies that are kept.
    pub company_count: usize,
    /// Leads of all companies, also of those that made room for others.
    pub lead_count: u64,
}

/// How full the tally is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Companies kept, as [`Tally::top`] counts them.
    pub company_count: usize,
    /// Seats that they take: companies whose spelling may not be kept share a line and not a seat.
    pub seat_count: usize,
    /// Leads of all companies, also of those that made room for others.
    pub lead_count: u64,
}

impl Default for Tally {
    fn default() -> Tally {
        let buckets = DashMap::with_hasher_and_shard_amount(foldhash::fast::FixedState::default(), SHARDS);
        Tally { buckets, seed: RandomState::new().hash_one(0) }
    }
}

impl Tally {
    /// Counts the lead if it is one of a company that the registry lacks. Allocates nothing for a company and a
    /// spelling that are there.
    pub fn note(&self, lead: &Lead, found: &Found<'_>, decision: &Decision, now: Timestamp) {
        let Route::Nurture(nurture) = &decision.route else { return };
        if nurture.reason != NurtureReason::NoMatch || decision.mapped_from_review.is_some() {
            return;
        }
        // The domain is there only where it is a corporate one.
        let (Some(email), Some(domain)) = (&lead.email, &found.facts.corporate_domain) else { return };
        let key = self.key(found.lead_words(), domain);
        let company = lead.company.as_deref();
        self.count(key, Sighting { company, email, country: lead.country, at: now });
    }

    fn key<'a>(&self, words: impl Iterator<Item = &'a str>, domain: &RegistrableDomain) -> u128 {
        let mut hash = Xxh3::with_seed(self.seed);
        for word in words {
            hash.update(word.as_bytes());
            hash.update(b" ");
        }
        // No word and no domain holds one.
        hash.update(b"@");
        hash.update(domain.as_str().as_bytes());
        hash.digest128()
    }

    fn count(&self, key: u128, sighting: Sighting<'_>) {
        let bucket = (key % u128::from(BUCKETS)) as u16;
        self.buckets.entry(bucket).or_default().count(key, sighting);
    }

    /// How full it is.
    pub fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        let mut nameless = HashSet::new();
        for bucket in &self.buckets {
            figures.lead_count += bucket.lead_count();
            figures.seat_count += bucket.seat_count();
            let mut repeated = 0;
            for domain in bucket.nameless() {
                repeated += usize::from(!nameless.insert(domain.clone()));
            }
            figures.company_count += bucket.seat_count() - repeated;
        }
        figures
    }

    /// The `count_max` companies seen most.
    pub fn top(&self, count_max: usize) -> Top {
        let mut top = Top::default();
        for bucket in &self.buckets {
            top.lead_count += bucket.lead_count();
            top.companies.extend(bucket.companies());
        }
        merge_nameless(&mut top.companies);
        top.company_count = top.companies.len();
        top.companies.sort_by(|one, other| {
            let most_first = other.lead_count.cmp(&one.lead_count);
            most_first
                .then_with(|| one.domain.cmp(&other.domain))
                .then_with(|| one.company.cmp(&other.company))
        });
        top.companies.truncate(count_max);
        top
    }
}

/// What is left of companies under one domain whose spellings may not be kept is one line.
fn merge_nameless(companies: &mut Vec<Unmatched>) {
    companies.sort_by(|one, other| (&one.domain, &one.company).cmp(&(&other.domain, &other.company)));
    companies.dedup_by(|next, first| {
        let same = first.company.is_none() && next.company.is_none() && first.domain == next.domain;
        if same {
            first.country = first.country.or(next.country);
            first.lead_count += next.lead_count;
            first.lead_count_error += next.lead_count_error;
            first.first_seen = first.first_seen.min(next.first_seen);
            first.last_seen = first.last_seen.max(next.last_seen);
        }
        same
    });
}

#[cfg(test)]
mod tests;
