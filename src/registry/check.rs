//! A stored record to the core's type: each value is read, a bad one is named, none is guessed.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::owners;
use super::problem::{Fault, Place, Problem, quoted};
use super::record::{AccountRecord, CONTEXT_MAX, DOMAINS_MAX, NAMES_MAX, RECORD_BYTES_MAX, RepRecord};
use crate::account::{Account, AccountClass, AccountId, Alert, Away, Rep, RepId, RollUp, TeamMember};
use crate::normalize::{Country, RegistrableDomain, website_domain};

/// Collects what is wrong with one record.
struct Complaints<'a> {
    place: &'a Place,
    problems: &'a mut Vec<Problem>,
    refused: bool,
}

impl Complaints<'_> {
    fn add(&mut self, column: &str, fault: Fault) {
        self.refused |= fault.refuses();
        self.problems.push(Problem::new(self.place.clone(), column, fault));
    }

    fn limit(&mut self, column: &str, count: usize, what: &'static str, max: usize) {
        if count > max {
            self.add(column, Fault::TooMany { count, what, max });
        }
    }

    /// The meaning of a word, `None` for an empty or unknown one.
    fn word<T: Copy>(
        &mut self,
        column: &str,
        raw: &str,
        words: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        if raw.is_empty() {
            return None;
        }
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(raw));
        if found.is_none() {
            self.add(column, Fault::UnknownWord { value: quoted(raw), expected });
        }
        found.map(|&(_, meaning)| meaning)
    }

    fn domain(&mut self, column: &str, raw: &str) -> Option<RegistrableDomain> {
        match website_domain(raw.strip_prefix('@').unwrap_or(raw)) {
            Ok(domain) => Some(domain),
            Err(problem) => {
                self.add(column, Fault::BadDomain { value: quoted(raw), problem });
                None
            }
        }
    }
}

const CLASSES: &[(&str, AccountClass)] = &[
    ("strategic", AccountClass::Strategic),
    ("major", AccountClass::Major),
    ("named", AccountClass::Named),
    ("standard", AccountClass::Standard),
];
pub(super) const ROLL_UPS: &[(&str, RollUp)] =
    &[("own", RollUp::Own), ("parent", RollUp::Parent), ("ultimate", RollUp::Ultimate)];
pub(super) const ALERTS: &[(&str, Alert)] =
    &[("now", Alert::Now), ("digest", Alert::Digest), ("silent", Alert::Silent)];
const FLAGS: &[(&str, bool)] =
    &[("true", true), ("false", false), ("yes", true), ("no", false), ("1", true), ("0", false)];
const FLAG_WORDS: &str = "true or false";

/// The account of a record; `None` where an error was found. What is wrong goes to `problems`.
pub(super) fn account(place: &Place, record: &AccountRecord, problems: &mut Vec<Problem>) -> Option<Account> {
    let mut complaints = Complaints { place, problems, refused: false };
    let bytes = record.bytes();
    if bytes > RECORD_BYTES_MAX {
        complaints.add("", Fault::TooLarge { bytes, max: RECORD_BYTES_MAX });
        return None;
    }
    let id = AccountId::new(&record.id);
    if id.is_none() {
        complaints.add("id", Fault::Missing);
    }
    if record.name.is_empty() {
        complaints.add("name", Fault::Missing);
    } else if !record.name.chars().any(char::is_alphanumeric) {
        complaints.add("name", Fault::NothingToCompare { value: quoted(&record.name) });
    }
    let names = 1 + record.aliases.len() + record.former_names.len() + record.trading_names.len();
    complaints.limit("aliases", names, "names", NAMES_MAX);
    complaints.limit("domains", record.domains.len(), "domains", DOMAINS_MAX);
    complaints.limit("context", record.context.len(), "entries", CONTEXT_MAX);

    // Room for as many as there are: most accounts have one, and a million of them stay.
    let mut domains: Vec<RegistrableDomain> = Vec::with_capacity(record.domains.len());
    for raw in &record.domains {
        let domain = complaints.domain("domains", raw);
        domains.extend(domain.filter(|domain| !domains.contains(domain)));
    }
    let website = match record.website.as_str() {
        "" => None,
        raw => complaints.domain("website", raw),
    };
    let country = Country::parse(&record.country);
    if country.is_none() && !record.country.is_empty() {
        complaints.add("country", Fault::BadCountry { value: quoted(&record.country) });
    }
    let mut context = Vec::with_capacity(record.context.len());
    for entry in &record.context {
        match entry.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                context.push((key.trim().to_owned(), value.trim().to_owned()));
            }
            _ => complaints.add("context", Fault::BadContext { value: quoted(entry) }),
        }
    }
    let class = complaints.word("class", &record.class, CLASSES, "strategic, major, named or standard");
    let roll_up = complaints.word("roll_up", &record.roll_up, ROLL_UPS, "own, parent or ultimate");
    let alert = complaints.word("alert", &record.alert, ALERTS, "now, digest or silent");
    let active = complaints.word("active", &record.active, FLAGS, FLAG_WORDS);

    if complaints.refused {
        return None;
    }
    Some(Account {
        id: id?,
        name: record.name.clone(),
        aliases: record.aliases.clone(),
        former_names: record.former_names.clone(),
        trading_names: record.trading_names.clone(),
        domains,
        website,
        country,
        region: record.region.clone(),
        postal_code: record.postal_code.clone(),
        phone: record.phone.clone(),
        parent_id: AccountId::new(&record.parent_id),
        roll_up,
        class: class.unwrap_or_default(),
        owner_id: RepId::new(&record.owner_id).map(owners::shared),
        team: record.team.iter().filter_map(|entry| team_member(entry)).collect(),
        alert,
        crm_url: record.crm_url.clone(),
        context,
        acknowledged_conflicts: ids(&record.acknowledged_conflicts),
        merged_ids: ids(&record.merged_ids),
        active: active.unwrap_or(true),
    })
}

fn ids(texts: &[String]) -> Vec<AccountId> {
    texts.iter().filter_map(|text| AccountId::new(text)).collect()
}

/// `rep:role`; the role is what follows the last colon, since ids may hold colons and roles do not.
fn team_member(entry: &str) -> Option<TeamMember> {
    let (rep, role) = entry.rsplit_once(':').unwrap_or((entry, ""));
    Some(TeamMember { rep_id: RepId::new(rep)?, role: role.trim().to_owned() })
}

/// The rep of a record; `None` where an error was found. What is wrong goes to `problems`.
pub(super) fn rep(place: &Place, record: &RepRecord, problems: &mut Vec<Problem>) -> Option<Rep> {
    let mut complaints = Complaints { place, problems, refused: false };
    let bytes = record.bytes();
    if bytes > RECORD_BYTES_MAX {
        complaints.add("", Fault::TooLarge { bytes, max: RECORD_BYTES_MAX });
        return None;
    }
    let id = RepId::new(&record.id);
    if id.is_none() {
        complaints.add("id", Fault::Missing);
    }
    let mut away = Vec::new();
    for entry in &record.away {
        match leave(entry) {
            Ok(leave) => away.push(leave),
            Err(fault) => complaints.add("away", fault),
        }
    }
    let time_zone = match record.time_zone.as_str() {
        "" => TimeZone::UTC,
        name => TimeZone::get(name).unwrap_or_else(|_| {
            complaints.add("time_zone", Fault::BadTimeZone { value: quoted(name) });
            TimeZone::UTC
        }),
    };
    let account_cap = match record.account_cap.as_str() {
        "" => None,
        text => text.parse().map(Some).unwrap_or_else(|_| {
            complaints.add("account_cap", Fault::BadNumber { value: quoted(text) });
            None
        }),
    };
    let active = complaints.word("active", &record.active, FLAGS, FLAG_WORDS);
    if complaints.refused {
        return None;
    }
    let unnamed = Rep::new(id?);
    Some(Rep {
        name: if record.name.is_empty() { unnamed.name } else { record.name.clone() },
        email: record.email.clone(),
        active: active.unwrap_or(true),
        away,
        time_zone,
        delegate_id: RepId::new(&record.delegate_id),
        manager_id: RepId::new(&record.manager_id),
        account_cap,
        id: unnamed.id,
    })
}

fn leave(entry: &str) -> Result<Away, Fault> {
    let bad = || Fault::BadAway { value: quoted(entry) };
    let (days, delegate) = entry.split_once('@').unwrap_or((entry, ""));
    let (from, to) = days.split_once('/').ok_or_else(bad)?;
    let from: Date = from.trim().parse().map_err(|_| bad())?;
    let to: Date = to.trim().parse().map_err(|_| bad())?;
    if to < from {
        return Err(Fault::AwayBackwards { value: quoted(entry) });
    }
    Ok(Away { from, to, delegate_id: RepId::new(delegate) })
}
