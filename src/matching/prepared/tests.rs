use super::*;
use crate::normalize::website_domain;

fn full() -> Account {
    let id = |text: &str| AccountId::new(text).unwrap();
    let rep = |text: &str| RepId::new(text).unwrap();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Account {
        aliases: texts(&["Acme Works", "Акме"]),
        former_names: texts(&["Ajax GmbH & Co. KG"]),
        trading_names: texts(&["The Shop"]),
        domains: ["acme.com", "acme.de"].iter().flat_map(|domain| website_domain(domain)).collect(),
        website: website_domain("acme.example.org").ok(),
        country: Country::parse("DE"),
        region: "Bayern".into(),
        postal_code: "80331".into(),
        phone: "+49 89 1".into(),
        parent_id: Some(id("p")),
        roll_up: Some(RollUp::Ultimate),
        class: AccountClass::Major,
        owner_id: Some(rep("ann")),
        team: vec![
            TeamMember { rep_id: rep("bob"), role: "overlay".into() },
            TeamMember { rep_id: rep("cy"), role: String::new() },
        ],
        alert: Some(Alert::Digest),
        crm_url: "https://crm.example/1".into(),
        context: vec![("segment".into(), "a=b".into()), ("empty".into(), String::new())],
        acknowledged_conflicts: vec![id("x"), id(" y")],
        merged_ids: vec![id("old")],
        ..Account::new(id("a1"), "Acme Instruments, Inc.")
    }
}

#[test]
fn an_account_comes_back_as_it_was_given() {
    for account in [full(), Account { active: false, ..full() }, Account::new(full().id, "Acme")] {
        let prepared = PreparedAccount::new(account.clone());
        assert!(prepared.names().eq(account.names()));
        assert_eq!(prepared.to_account(), account);
    }
}

#[test]
fn a_stored_account_reads_back_as_it_was() {
    for account in [full(), Account { active: false, ..full() }, Account::new(full().id, "Acme")] {
        let prepared = PreparedAccount::new(account);
        let stored = prepared.to_stored();
        assert_eq!(PreparedAccount::of_stored(prepared.id.clone(), &stored), Some(prepared));
    }
    assert_eq!(PreparedAccount::of_stored(full().id, ""), None);
}

#[test]
fn other_links_leave_everything_else_as_it_was() {
    let prepared = PreparedAccount::new(full()).with_links(|links| {
        links.parent_id = None;
        links.team.truncate(1);
        links.merged_ids.clear();
    });
    let Account { team, .. } = full();
    let expected = Account { parent_id: None, team: team[..1].to_vec(), merged_ids: Vec::new(), ..full() };
    assert_eq!(prepared, PreparedAccount::new(expected));
}

#[test]
fn an_account_that_is_not_active_is_found_by_nothing() {
    let prepared = PreparedAccount::new(Account { active: false, ..full() });
    let mut found = 0;
    prepared.each_domain(&mut |_| found += 1);
    prepared.each_skeleton(&mut |_| found += 1);
    assert_eq!((found, prepared.name_keys().count()), (0, 0));
    assert_eq!(prepared.domains().count(), 2);
}
