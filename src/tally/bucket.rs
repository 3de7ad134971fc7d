//! Part of the tally: at most [`WAYS`] companies, counted by Space-Saving (Metwally, Agrawal, El Abbadi: Efficient
//! computation of frequent and top-k elements in data streams, 2005).
//!
//! Where a new company comes to a full bucket, the one seen least makes room, and the new one may have been seen as
//! often before: that is its error. So a count and its error together are never less than the truth, a count alone never
//! more, and the error never more than the leads of the bucket divided by [`WAYS`]. All of it takes one walk over
//! the bucket.

use jiff::Timestamp;

use super::{Sighting, Unmatched, privacy};
use crate::normalize::{Country, RegistrableDomain};

/// Companies of a bucket: few enough to walk over, enough that full ones are few before the whole is full.
pub(super) const WAYS: usize = 64;

/// Spellings of a company that compete for the most frequent one, by Space-Saving too.
const SPELLINGS_MAX: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// Apart from the rest, so that a walk over them is short. In the order of `entries`.
    keys: Vec<u128>,
    entries: Vec<Entry>,
    /// The most that a company which had to go may have been seen.
    floor: u64,
}

#[derive(Debug)]
struct Entry {
    domain: RegistrableDomain,
    spellings: Vec<(String, u64)>,
    /// The country and its lead in votes over all others (Boyer and Moore's majority vote).
    country: Option<(Country, u64)>,
    count: u64,
    error: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
}

impl Bucket {
    pub(super) fn count(&mut self, key: u128, sighting: Sighting<'_>) {
        let at = self.keys.iter().position(|known| *known == key);
        if let Some(entry) = at.map(|at| &mut self.entries[at]) {
            entry.count(sighting);
        } else if !privacy::domain_repeats(sighting.email) {
            self.make_room();
            let mut entry = Entry {
                domain: sighting.email.domain.clone(),
                spellings: Vec::new(),
                country: None,
                count: 0,
                error: self.floor,
                first_seen: sighting.at,
                last_seen: sighting.at,
            };
            entry.count(sighting);
            self.keys.push(key);
            self.entries.push(entry);
        }
    }

    /// Of those seen least the one not seen for longest goes.
    fn make_room(&mut self) {
        if self.entries.len() < WAYS {
            return;
        }
        let rank = |at: &usize| (self.entries[*at].count_max(), self.entries[*at].last_seen);
        if let Some(least) = (0..self.entries.len()).min_by_key(rank) {
            self.keys.swap_remove(least);
            let gone = self.entries.swap_remove(least);
            self.floor = self.floor.max(gone.count_max());
        }
    }

    /// Leads counted here, exactly: what a company takes over from one that made room stands in its error.
    pub(super) fn lead_count(&self) -> u64 {
        self.entries.iter().map(Entry::count_max).sum()
    }

    /// Companies kept here.
    pub(super) fn seat_count(&self) -> usize {
        self.entries.len()
    }

    /// The domains of those without a spelling.
    pub(super) fn nameless(&self) -> impl Iterator<Item = &RegistrableDomain> {
        self.entries.iter().filter(|entry| entry.spellings.is_empty()).map(|entry| &entry.domain)
    }

    pub(super) fn companies(&self) -> impl Iterator<Item = Unmatched> {
        self.entries.iter().map(|entry| Unmatched {
            // Of equals the one that came first.
            company: entry
                .spellings
                .iter()
                .rev()
                .max_by_key(|(_, count)| *count)
                .map(|(text, _)| text.clone()),
            domain: entry.domain.clone(),
            country: entry.country.map(|(country, _)| country),
            lead_count: entry.count,
            lead_count_error: entry.error,
            first_seen: entry.first_seen,
            last_seen: entry.last_seen,
        })
    }
}

impl Entry {
    fn count_max(&self) -> u64 {
        self.count + self.error
    }

    fn count(&mut self, sighting: Sighting<'_>) {
        self.count += 1;
        self.last_seen = self.last_seen.max(sighting.at);
        if let Some(country) = sighting.country {
            self.country = Some(match self.country {
                Some((leading, votes)) if leading == country => (leading, votes + 1),
                Some((leading, votes)) if votes > 0 => (leading, votes - 1),
                _ => (country, 1),
            });
        }
        if let Some(company) = sighting.company {
            self.spell(company, &sighting.email.local_part);
        }
    }

    fn spell(&mut self, company: &str, local_part: &str) {
        let known = self.spellings.iter_mut().find(|(text, _)| text.chars().eq(privacy::spelling(company)));
        if let Some((_, count)) = known {
            *count += 1;
            return;
        }
        if privacy::company_repeats(company, local_part) {
            return;
        }
        if self.spellings.len() < SPELLINGS_MAX {
            self.spellings.push((privacy::spelling(company).collect(), 1));
        } else if let Some((text, count)) = self.spellings.iter_mut().min_by_key(|(_, count)| *count) {
            text.clear();
            text.extend(privacy::spelling(company));
            *count += 1;
        }
    }
}
