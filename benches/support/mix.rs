//! Leads as messages, of one kind or in the mix of a usual day, each with what its answer must be.
//!
//! The mix: 45 % with the e-mail domain of an account, 15 % with its exact name under another legal form, 15 % with its
//! name damaged in one of eight ways, 25 % of companies that the registry lacks. What is damaged, absent or merely named
//! comes from a free-mail address, half of the absent from a corporate one.

use namesake::account::Account;
use namesake::proto::v1;
use namesake::proto::v1::route_lead_response::Route;

use super::corpus::{Chance, coined_word};

/// What an answer must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The owner's, by this account.
    Account(String),
    /// Nobody's, or a person looks; never an owner's.
    NoOwner,
    /// Whatever it is: a damaged name may be another's.
    Any,
}

/// A lead, and what its answer must be.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) lead: v1::Lead,
    pub(crate) expected: Expected,
}

/// Which leads are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub(crate) enum Leads {
    Mix,
    /// An account's id, which decides by itself: next to no matching.
    Known,
    Domain,
    Exact,
    /// Its name with one slip of the pen.
    Typo,
    Corrupted,
    Absent,
}

/// Different leads of a sequence, so that no single one stays in the processor's cache.
const COUNT: usize = 8_192;
const SEED: u64 = 20_261_122;
const LEGAL_FORMS: [&str; 8] = ["Inc.", "GmbH", "Ltd", "S.A.", "LLC", "AG", "B.V.", "Corp."];
const ABBREVIATIONS: [(&str, &str); 6] = [
    ("international", "intl"),
    ("technologies", "tech"),
    ("manufacturing", "mfg"),
    ("corporation", "corp"),
    ("services", "svcs"),
    ("management", "mgmt"),
];

/// `leads` about `accounts`, the same ones for the same accounts.
pub(crate) fn leads_of(accounts: &[Account], leads: Leads) -> Vec<Asked> {
    let mut chance = Chance(SEED);
    let known: Vec<&Account> =
        accounts.iter().filter(|account| !account.domains.is_empty() && account.owner_id.is_some()).collect();
    (0..COUNT)
        .map(|number| {
            let account = *chance.pick(&known);
            let kind = match (leads, chance.below(100)) {
                (Leads::Mix, 0..45) => Leads::Domain,
                (Leads::Mix, 45..60) => Leads::Exact,
                (Leads::Mix, 60..75) => Leads::Corrupted,
                (Leads::Mix, _) => Leads::Absent,
                (kind, _) => kind,
            };
            one(kind, account, number, &mut chance)
        })
        .collect()
}

fn one(kind: Leads, account: &Account, number: usize, chance: &mut Chance) -> Asked {
    let bare = bare_name(&account.name);
    let mut lead = v1::Lead {
        lead_id: format!("00Q{number:012}"),
        email: format!("jo.sample{number}@gmail.com"),
        country: account.country.map(|country| country.to_string()).unwrap_or_default(),
        source: "web form".into(),
        job_title: "Head of Operations".into(),
        ..v1::Lead::default()
    };
    let its_own = Expected::Account(account.id.to_string());
    let expected = match kind {
        Leads::Known => {
            lead.company = account.name.clone();
            lead.known_account_id = account.id.to_string();
            its_own
        }
        Leads::Mix | Leads::Domain => {
            lead.company = bare;
            lead.email = format!("jo.sample@{}", account.domains[0]);
            its_own
        }
        Leads::Exact => {
            lead.company = format!("{bare} {}", chance.pick(&LEGAL_FORMS));
            its_own
        }
        Leads::Typo => {
            let mut words: Vec<String> = bare.split(' ').map(str::to_owned).collect();
            let at = chance.below(words.len());
            words[at] = slip(&words[at], chance);
            lead.company = words.join(" ");
            Expected::Any
        }
        Leads::Corrupted => {
            lead.company = damaged(&bare, chance);
            Expected::Any
        }
        Leads::Absent => {
            let coined = coined_word(50_000_000 + chance.below(1_000_000));
            let rest = bare.split(' ').next_back().unwrap_or_default();
            lead.company = format!("{coined} {rest} {}", chance.pick(&LEGAL_FORMS));
            if chance.below(2) == 0 {
                lead.email = format!("jo.sample@{coined}.com");
            }
            Expected::NoOwner
        }
    };
    Asked { lead, expected }
}

/// The name without a legal form of those that we add.
fn bare_name(name: &str) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(last)) {
        words.pop();
    }
    words.join(" ")
}

/// The name damaged in one of eight ways: a slip in a word, a word dropped, added, moved, abbreviated, two glued, one
/// split, the end cut off. A way that has nothing to work on is a slip.
fn damaged(name: &str, chance: &mut Chance) -> String {
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    let many = words.len() > 1;
    match chance.below(8) {
        1 if many => drop(words.remove(chance.below(words.len()))),
        2 => words.push(coined_word(60_000_000 + chance.below(1_000_000))),
        3 if many => words.rotate_left(1),
        4 => {
            let at = chance.below(words.len());
            let known = ABBREVIATIONS.iter().find(|(long, _)| words[at].eq_ignore_ascii_case(long));
            let short = known.map(|(_, short)| (*short).to_owned());
            words[at] = short.unwrap_or_else(|| words[at].chars().take(4).collect());
        }
        5 if many => {
            let second = words.remove(1);
            words[0].push_str(&second);
        }
        6 if words[0].chars().count() > 5 => {
            let end: String = words[0].chars().skip(4).collect();
            words[0] = words[0].chars().take(4).collect();
            words.insert(1, end);
        }
        7 => return name.chars().take((name.chars().count() * 3).div_ceil(5)).collect(),
        _ => {
            let at = chance.below(words.len());
            words[at] = slip(&words[at], chance);
        }
    }
    words.join(" ")
}

/// A letter replaced, lost, doubled or swapped with the next.
fn slip(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = 1 + chance.below(letters.len() - 2);
    match chance.below(4) {
        0 => letters[at] = *chance.pick(&['a', 'e', 'r', 'n', 't']),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

impl Expected {
    /// True where `answer` is what it must be.
    pub(crate) fn is_met_by(&self, answer: &v1::RouteLeadResponse) -> bool {
        match (self, &answer.route) {
            (_, None) => false,
            (Expected::Any, Some(_)) => true,
            (Expected::NoOwner, Some(route)) => !matches!(route, Route::Owner(_)),
            (Expected::Account(id), Some(Route::Owner(owner))) => {
                owner.account.as_ref().is_some_and(|account| account.account_id == *id)
            }
            (Expected::Account(_), Some(_)) => false,
        }
    }
}
