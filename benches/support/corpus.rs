//! Registries and leads of any size, made of the demo's names under a fixed seed: words of real names in new
//! combinations, so that common words stay common.

// Each bench uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::Path;

use namesake::account::{Account, AccountId, Registry, Rep, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::normalize::{Country, website_domain};
use namesake::registry::{self, Sources};

/// Leads of a kind, taken in turn, so that no single one stays in the processor's cache.
pub(crate) const LEADS: usize = 256;
const SEED: u64 = 20_261_121;

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound_u64 = u64::try_from(bound).expect("a bound fits 64 bits");
        usize::try_from((z ^ (z >> 31)) % bound_u64).expect("less than the bound")
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn demo_accounts() -> Vec<Account> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accounts.csv");
    let sources = Sources { accounts: vec![file], ..Sources::default() };
    let loaded = registry::load(&sources).expect("the demo registry is sound");
    loaded.registry.accounts().iter().map(|account| account.to_account()).collect()
}

/// A registry of `size`: the demo accounts, then made-up ones of two or three words of theirs and a number of
/// letters that no other has.
pub(crate) fn registry_of(size: usize) -> Registry {
    let mut accounts = demo_accounts();
    let words: Vec<String> = accounts
        .iter()
        .flat_map(|account| account.name.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.len() > 2)
        .collect();
    let countries: Vec<Country> = accounts.iter().filter_map(|account| account.country).collect();
    // As a registry's owners are held: each id once.
    let owners: Vec<Option<RepId>> = (0..50).map(|number| RepId::new(&format!("r{number}"))).collect();
    let mut chance = Chance(SEED);
    for number in accounts.len()..size {
        let coined = coined_word(number);
        let name = format!("{coined} {} {}", chance.pick(&words), chance.pick(&words));
        let id = AccountId::new(&format!("made-{number}")).expect("not empty");
        let mut account = Account::new(id, name);
        account.domains = website_domain(&format!("{coined}.com")).into_iter().collect();
        account.country = Some(*chance.pick(&countries));
        account.owner_id.clone_from(&owners[number % 50]);
        accounts.push(account);
    }
    accounts.truncate(size);
    let reps = owners_as_reps(&accounts);
    Registry { accounts, reps }
}

/// Every owner as an active rep, as where no file of reps is given: a lead of an owner whom nobody knows ends in a review.
fn owners_as_reps(accounts: &[Account]) -> Vec<Rep> {
    let owners: BTreeSet<&RepId> = accounts.iter().filter_map(|account| account.owner_id.as_ref()).collect();
    owners.into_iter().cloned().map(Rep::new).collect()
}

/// A word for a number, five syllables long: different numbers under 75^5 have different words.
pub(crate) fn coined_word(number: usize) -> String {
    const ONSETS: [&str; 15] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    let (mut left, mut word) = (number.wrapping_mul(7_919) % 2_373_046_875, String::new());
    for _ in 0..5 {
        word.push_str(ONSETS[left % 15]);
        word.push_str(VOWELS[left / 15 % 5]);
        left /= 75;
    }
    word
}

/// The name with two letters of its longest word swapped.
fn typo(name: &str) -> String {
    let longest = name.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    if middle > 0 {
        letters.swap(middle - 1, middle);
    }
    name.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

pub(crate) fn leads(accounts: &[Account], kind: &str) -> Vec<Lead> {
    let mut chance = Chance(SEED ^ 1);
    let with_domain: Vec<&Account> = accounts.iter().filter(|account| !account.domains.is_empty()).collect();
    (0..LEADS)
        .map(|number| {
            let account = *chance.pick(&with_domain);
            let corporate = format!("jo.sample@{}", account.domains[0]);
            let free_mail = "jo.sample@gmail.com".to_owned();
            let (company, email) = match kind {
                "domain" => (account.name.clone(), corporate),
                "exact" => (format!("{} GmbH", account.name), free_mail),
                "typo" => (typo(&account.name), free_mail),
                _ => {
                    let coined = coined_word(50_000_000 + number);
                    (
                        format!("{coined} {} Ltd", account.name.split(' ').next_back().unwrap_or_default()),
                        free_mail,
                    )
                }
            };
            let country = account.country.map(|country| country.to_string()).unwrap_or_default();
            Lead::new(LeadFields { company, email, country, ..LeadFields::default() }).expect("a usable lead")
        })
        .collect()
}

/// Memory the process occupies, where the system tells (Linux).
pub(crate) fn resident_bytes() -> Option<u64> {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<u64>().ok()? * PAGE)
}
