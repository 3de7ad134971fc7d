//! Many accounts of one name under many owners: what tells them apart must not depend on which come first.

use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, Rep, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision};
use namesake::normalize::website_domain;
use namesake::policy::Policy;
use namesake::routing::{Route, route};

/// More than are weighed for a name that is merely near, and more than an answer tells of.
const SHOPS: usize = 120;

/// Whose lead it is that names the shop in the street of this postal code.
#[track_caller]
fn check(email: &str, declares_domain: bool, shop: usize) {
    let shops = (0..SHOPS).map(|number| {
        let id = AccountId::new(&format!("shop-{number:03}")).expect("an id");
        let mut account = Account::new(id, "Zumbado Bakery".to_owned());
        account.postal_code = format!("{}", 10_000 + number);
        account.owner_id = RepId::new(&format!("rep-{number:03}"));
        account.domains = website_domain("zumbado.com").into_iter().filter(|_| declares_domain).collect();
        account
    });
    let accounts: Vec<Account> = shops.collect();
    let reps = accounts.iter().filter_map(|account| account.owner_id.clone()).map(Rep::new).collect();
    let index = Index::build(Registry { accounts, reps }, Revision(1));
    let lead = Lead::new(LeadFields {
        company: "Zumbado Bakery Ltd".to_owned(),
        email: email.to_owned(),
        postal_code: format!("{}", 10_000 + shop),
        ..LeadFields::default()
    });
    let decision = route(&lead.expect("a lead"), &index, &Policy::default(), Timestamp::UNIX_EPOCH);
    let Route::Owner(owner) = &decision.route else { panic!("shop {shop}: {:?}", decision.route) };
    assert_eq!(owner.account.account_id.as_str(), format!("shop-{shop:03}"));
}

#[test]
fn the_postal_code_finds_the_shop_by_name() {
    [0, 7, 63, SHOPS - 1].into_iter().for_each(|shop| check("jo@gmail.com", false, shop));
}

#[test]
fn the_postal_code_finds_the_shop_by_domain_and_name() {
    [0, 7, 63, SHOPS - 1].into_iter().for_each(|shop| check("jo@zumbado.com", true, shop));
}
