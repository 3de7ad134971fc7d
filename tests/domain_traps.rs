//! Domains that other matchers took for one another, as leads at an account that declares one of them.
//!
//! Sources: public issue threads of CRMs and matchers, 2026-11-21. A host may be typed as an e-mail address or as a
//! website; equality of registrable domains is all that counts.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, Rep, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision};
use namesake::normalize::website_domain;
use namesake::policy::Policy;
use namesake::routing::route;

/// The route of a lead without a company name at an account that declares `declared`.
fn check(declared: &str, email: &str, website: &str) -> &'static str {
    let owner = RepId::new("ann").unwrap();
    let account = Account {
        domains: vec![website_domain(declared).unwrap()],
        owner_id: Some(owner.clone()),
        ..Account::new(AccountId::new("a1").unwrap(), "Name That Says Nothing")
    };
    let registry = Registry { accounts: vec![account], reps: vec![Rep::new(owner)] };
    let index = Index::build(registry, Revision(1));
    let lead = Lead::new(LeadFields { email: email.into(), website: website.into(), ..Default::default() });
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    route(&lead.unwrap(), &index, &Policy::default(), now).route_name()
}

#[test]
fn only_equal_registrable_domains_match() {
    // Declared, the lead's e-mail host, the route.
    for (declared, host, expected) in [
        ("acme.com", "acme.com", "owner"),
        ("acme.com", "ACME.COM.", "owner"),
        ("acme.com", "mail.acme.com", "owner"),
        ("acme.com", "notacme.com", "nurture"),
        ("notacme.com", "acme.com", "nurture"),
        ("acme.com", "acme.com.ar", "nurture"),
        ("acme.com.ar", "acme.com", "nurture"),
        ("acme.com", "acme.co", "nurture"),
        ("acme.com", "acme.com.evil.net", "nurture"),
        ("acme.com", "acme-com.net", "nurture"),
        ("acme.co.uk", "mail.acme.co.uk", "owner"),
        ("acme.co.uk", "other.co.uk", "nurture"),
        ("anthropic.com", "email.anthropic.com", "owner"),
        ("acme.github.io", "other.github.io", "nurture"),
        ("www.cap.so", "cap.so", "owner"),
        ("cap.so", "www.cap.so", "owner"),
        ("müller.de", "xn--mller-kva.de", "owner"),
        ("müller.de", "muller.de", "nurture"),
        ("gov.cz", "gov.cz", "owner"),
    ] {
        assert_eq!(check(declared, &format!("jane@{host}"), ""), expected, "{host} at {declared}");
    }
}

#[test]
fn a_website_is_read_as_people_type_it_and_never_routes_alone() {
    for (declared, website, expected) in [
        ("cap.so", "www.cap.so", "review"),
        ("cap.so", "https://www.cap.so/pricing?x=acme.com", "review"),
        ("acme.com", "https://cap.so/?next=acme.com", "nurture"),
        ("acme.com", "notacme.com", "nurture"),
        ("acme.com", "acme.com.ar", "nurture"),
        ("acme.com", "https://acme.com@evil.net/", "nurture"),
        ("facebook.com", "https://facebook.com/some.shop", "nurture"),
        ("linkedin.com", "https://www.linkedin.com/company/acme", "nurture"),
    ] {
        assert_eq!(check(declared, "", website), expected, "{website} at {declared}");
    }
}

#[test]
fn the_domain_is_what_follows_the_last_at_sign() {
    assert_eq!(check("acme.com", "\"jane@acme.com\"@evil.net", ""), "nurture");
    assert_eq!(check("acme.com", "Jane <jane@acme.com>", ""), "owner");
}

#[test]
fn a_company_that_gives_mail_to_everybody_is_known_by_its_own_domain_only() {
    assert_eq!(check("google.com", "jane@google.com", ""), "owner");
    assert_eq!(check("google.com", "jane@gmail.com", ""), "nurture");
}
