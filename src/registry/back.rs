//! The core's types back to records, as they would be stored: for those who read the copy that routes.
//!
//! What the checks ignored is not in it, and domains, countries and leaves are spelled in their normal form.

use super::check::{ALERTS, ROLL_UPS};
use super::record::{AccountRecord, RepRecord};
use crate::account::{Account, AccountId, Away, Rep, RepId};
use crate::matching::PreparedAccount;

impl From<&Account> for AccountRecord {
    fn from(account: &Account) -> AccountRecord {
        let ids = |ids: &[AccountId]| ids.iter().map(AccountId::to_string).collect();
        let text = |id: Option<&AccountId>| id.map(AccountId::to_string).unwrap_or_default();
        let team = account.team.iter().map(|member| match member.role.as_str() {
            "" => member.rep_id.to_string(),
            role => format!("{}:{role}", member.rep_id),
        });
        AccountRecord {
            id: account.id.to_string(),
            name: account.name.clone(),
            aliases: account.aliases.clone(),
            former_names: account.former_names.clone(),
            trading_names: account.trading_names.clone(),
            domains: account.domains.iter().map(|domain| domain.as_str().to_owned()).collect(),
            website: account.website.as_ref().map(|domain| domain.as_str().to_owned()).unwrap_or_default(),
            country: account.country.map(|country| country.to_string()).unwrap_or_default(),
            region: account.region.clone(),
            postal_code: account.postal_code.clone(),
            phone: account.phone.clone(),
            parent_id: text(account.parent_id.as_ref()),
            roll_up: word(ROLL_UPS, account.roll_up).to_owned(),
            class: account.class.as_str().to_owned(),
            owner_id: account.owner_id.as_ref().map(RepId::to_string).unwrap_or_default(),
            team: team.collect(),
            alert: word(ALERTS, account.alert).to_owned(),
            crm_url: account.crm_url.clone(),
            context: account.context.iter().map(|(key, value)| format!("{key}={value}")).collect(),
            acknowledged_conflicts: ids(&account.acknowledged_conflicts),
            merged_ids: ids(&account.merged_ids),
            active: flag(account.active),
        }
    }
}

impl From<&PreparedAccount> for AccountRecord {
    fn from(account: &PreparedAccount) -> AccountRecord {
        AccountRecord::from(&account.to_account())
    }
}

impl From<&Rep> for RepRecord {
    fn from(rep: &Rep) -> RepRecord {
        let text = |id: Option<&RepId>| id.map(RepId::to_string).unwrap_or_default();
        RepRecord {
            id: rep.id.to_string(),
            name: rep.name.clone(),
            email: rep.email.clone(),
            active: flag(rep.active),
            away: rep.away.iter().map(leave).collect(),
            time_zone: rep.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            delegate_id: text(rep.delegate_id.as_ref()),
            manager_id: text(rep.manager_id.as_ref()),
            account_cap: rep.account_cap.map(|cap| cap.to_string()).unwrap_or_default(),
        }
    }
}

fn leave(Away { from, to, delegate_id }: &Away) -> String {
    match delegate_id {
        Some(delegate) => format!("{from}/{to}@{delegate}"),
        None => format!("{from}/{to}"),
    }
}

/// The word of a value; empty for none.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: Option<T>) -> &'static str {
    let found = words.iter().find(|(_, meaning)| Some(*meaning) == value);
    found.map(|(word, _)| *word).unwrap_or_default()
}

/// `false`, or nothing where the default says it.
fn flag(value: bool) -> String {
    if value { String::new() } else { "false".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Place;
    use crate::registry::check;

    fn place() -> Place {
        Place { file: "test".into(), line: 1 }
    }

    #[test]
    fn an_account_comes_back_as_it_was_stored() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let record = AccountRecord {
            id: "a1".into(),
            name: "Zoë GmbH".into(),
            aliases: texts(&["Zoe"]),
            former_names: texts(&["Old Zoë"]),
            trading_names: texts(&["Shop"]),
            domains: texts(&["zoe.example"]),
            website: "zoe.example".into(),
            country: "DE".into(),
            region: "Berlin".into(),
            postal_code: "10115".into(),
            phone: "+49 30".into(),
            parent_id: "p".into(),
            roll_up: "parent".into(),
            class: "major".into(),
            owner_id: "r1".into(),
            team: texts(&["r2:overlay", "r3"]),
            alert: "digest".into(),
            crm_url: "https://crm.example/a1".into(),
            context: texts(&["tier=gold"]),
            acknowledged_conflicts: texts(&["a2"]),
            merged_ids: texts(&["a0"]),
            active: "false".into(),
        };
        let record = AccountRecord { domains: texts(&["zoe.com"]), website: "zoe.com".into(), ..record };
        let mut problems = Vec::new();
        let account = check::account(&place(), &record, &mut problems).unwrap();
        assert_eq!(problems, []);
        assert_eq!(AccountRecord::from(&account), record);
    }

    #[test]
    fn a_rep_comes_back_as_stored() {
        let record = RepRecord {
            id: "r1".into(),
            name: "Ada".into(),
            email: "ada@seller.example".into(),
            active: "false".into(),
            away: vec!["2026-07-01/2026-07-14@r2".into(), "2026-12-24/2026-12-26".into()],
            time_zone: "Europe/Berlin".into(),
            delegate_id: "r2".into(),
            manager_id: "r3".into(),
            account_cap: "40".into(),
        };
        let mut problems = Vec::new();
        let rep = check::rep(&place(), &record, &mut problems).unwrap();
        assert_eq!(problems, []);
        assert_eq!(RepRecord::from(&rep), record);
    }
}
