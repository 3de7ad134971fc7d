//! Leads by the kind of work they make, as the core takes them: what decisions are measured by.

use std::collections::HashMap;

use namesake::account::Account;
use namesake::lead::{Lead, LeadFields};

use super::mix::{self, Leads};

/// Every kind, the usual ones first.
pub(crate) const KINDS: [(&str, Kind); 7] = [
    ("domain", Kind::Usual(Leads::Domain)),
    ("exact", Kind::Usual(Leads::Exact)),
    ("typo", Kind::Usual(Leads::Typo)),
    ("corrupted", Kind::Usual(Leads::Corrupted)),
    ("absent", Kind::Usual(Leads::Absent)),
    ("mix", Kind::Usual(Leads::Mix)),
    ("worst", Kind::Worst),
];

/// Which leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Such as a day brings.
    Usual(Leads),
    /// The dearest that we can think of.
    Worst,
}

impl Kind {
    /// At most `count` leads about `accounts`, the same ones for the same accounts.
    pub(crate) fn leads(self, accounts: &[Account], count: usize) -> Vec<Lead> {
        match self {
            Kind::Usual(leads) => usual(accounts, leads, count),
            Kind::Worst => worst(accounts, count),
        }
    }
}

fn usual(accounts: &[Account], leads: Leads, count: usize) -> Vec<Lead> {
    let asked = mix::leads_of(accounts, leads).into_iter().take(count);
    let leads = asked.map(|asked| {
        let lead = asked.lead;
        Lead::new(LeadFields {
            company: lead.company,
            email: lead.email,
            country: lead.country,
            known_account_id: lead.known_account_id,
            ..LeadFields::default()
        })
        .expect("a usable lead")
    });
    leads.collect()
}

/// Names that make the search walk as much as its budgets allow: the registry's commonest words, as many as are read,
/// every other name of them glued.
fn worst(accounts: &[Account], count: usize) -> Vec<Lead> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in accounts.iter().flat_map(|account| account.name.split(' ')) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut common: Vec<(usize, String)> = counts.into_iter().map(|(word, count)| (count, word)).collect();
    common.sort_unstable_by(|one, other| other.cmp(one));
    let words: Vec<&str> = common.iter().take(200).map(|(_, word)| word.as_str()).collect();
    let names = (0..64).flat_map(|from| {
        let picked: Vec<&str> = words.iter().cycle().skip(from * 3).take(32).copied().collect();
        [picked.join(" "), picked.concat()]
    });
    names
        .filter_map(|company| Lead::new(LeadFields { company, ..LeadFields::default() }).ok())
        .take(count)
        .collect()
}
