//! What a domain is worth as evidence, from lists that ship with the service; policy may overrule them.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::{RegistrableDomain, host::last_label};

/// What kind of host a domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainClass {
    /// A company's own.
    Corporate,
    /// A mail provider for everybody: says nothing about the company.
    FreeMail,
    /// Thrown away after one message.
    Disposable,
    /// A host of many (relay, site builder, social network): says nothing about the company.
    SharedHost,
}

#[derive(Clone, Copy)]
struct Listed {
    class: DomainClass,
    email_class: DomainClass,
}

/// Every host of the lists. Where two lists name one, the stronger warning wins: disposable, shared, free mail.
static LISTS: LazyLock<HashMap<&'static str, Listed, foldhash::fast::FixedState>> = LazyLock::new(|| {
    let mut lists = HashMap::default();
    let same = |class| Listed { class, email_class: class };
    let free_mail = lines(include_str!("../../../data/free_mail.txt"));
    lists.extend(free_mail.map(|host| (host, same(DomainClass::FreeMail))));
    for line in lines(include_str!("../../../data/shared_hosts.txt")) {
        let (host, usage) = line.split_once('\t').unwrap_or((line, "both"));
        let email_class = if usage == "web" { DomainClass::Corporate } else { DomainClass::SharedHost };
        lists.insert(host, Listed { class: DomainClass::SharedHost, email_class });
    }
    let disposable = lines(include_str!("../../../data/disposable.txt"));
    lists.extend(disposable.map(|host| (host, same(DomainClass::Disposable))));
    lists
});

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn class_of(ascii: &str) -> DomainClass {
    LISTS.get(ascii).map_or(DomainClass::Corporate, |listed| listed.class)
}

pub(super) fn email_class_of(ascii: &str) -> DomainClass {
    LISTS.get(ascii).map_or(DomainClass::Corporate, |listed| listed.email_class)
}

/// True for a host that a list names: it stands for itself, not for the registrable domain it belongs to.
pub(super) fn is_listed(ascii: &str) -> bool {
    LISTS.contains_key(ascii)
}

/// True for names that nobody can own: RFC 2606, section 3, and RFC 6761, section 6.
///
/// `example.com`, `example.net`, `example.org`, and everything under `.test`, `.example`, `.invalid` and
/// `.localhost`.
pub fn is_test_domain(domain: &RegistrableDomain) -> bool {
    let name = domain.as_str();
    matches!(name, "example.com" | "example.net" | "example.org")
        || matches!(last_label(name), "test" | "example" | "invalid" | "localhost")
}

#[cfg(test)]
mod tests {
    use super::super::website_domain;
    use super::*;

    #[track_caller]
    fn check(hosts: &str, class: DomainClass, email_class: DomainClass) {
        for host in hosts.split_whitespace() {
            let domain = website_domain(host).unwrap();
            assert_eq!((domain.class(), domain.email_class()), (class, email_class), "{host}");
        }
    }

    #[test]
    fn mail_providers_for_everybody_are_free_mail() {
        let hosts = "gmail.com googlemail.com icloud.com gmx.de web.de yahoo.com yahoo.co.jp qq.com vip.qq.com 163.com
            mail.ru yandex.ru comcast.net t-online.de orange.fr proton.me pm.me hotmail.co.uk tuta.com";
        check(hosts, DomainClass::FreeMail, DomainClass::FreeMail);
    }

    #[test]
    fn the_companies_that_run_them_are_corporate() {
        let hosts =
            "google.com microsoft.com apple.com tencent.com netease.com comcast.com cox.com yahooinc.com
            alibaba.com telekom.de nus.edu.sg";
        check(hosts, DomainClass::Corporate, DomainClass::Corporate);
    }

    #[test]
    fn throw_away_mail_is_disposable() {
        check(
            "mailinator.com yopmail.com guerrillamail.com",
            DomainClass::Disposable,
            DomainClass::Disposable,
        );
    }

    #[test]
    fn relays_and_forwarders_are_shared_hosts() {
        let hosts = "privaterelay.appleid.com relay.firefox.com mozmail.com duck.com ieee.org facebook.com";
        check(hosts, DomainClass::SharedHost, DomainClass::SharedHost);
    }

    #[test]
    fn a_page_on_a_social_network_is_shared_but_its_staff_mail_is_its_own() {
        let pages =
            "linkedin.com/company/acme linktr.ee/acme https://etsy.com/shop/acme sites.google.com/view/acme";
        check(pages, DomainClass::SharedHost, DomainClass::Corporate);
    }

    #[test]
    fn a_customer_of_a_site_builder_has_a_domain_of_its_own() {
        check("acme.wixsite.com/home acme.github.io", DomainClass::Corporate, DomainClass::Corporate);
    }

    #[test]
    fn every_listed_host_is_one_that_an_address_can_lead_to() {
        for host in LISTS.keys() {
            assert_eq!(website_domain(host).map(|d| d.to_string()).as_deref(), Ok(*host));
        }
    }

    #[test]
    fn every_shared_host_says_for_what_it_is_shared() {
        for line in lines(include_str!("../../../data/shared_hosts.txt")) {
            let usage = line.split_once('\t').map(|(_, usage)| usage);
            assert!(matches!(usage, Some("mail" | "web" | "both")), "{line}");
        }
    }

    #[test]
    fn reserved_names_are_test_domains_and_look_alikes_are_not() {
        let is_test = |host| is_test_domain(&website_domain(host).unwrap());
        for host in ["example.com", "mail.example.org", "acme.test", "test", "a.invalid", "localhost"] {
            assert!(is_test(host), "{host}");
        }
        for host in ["test.com", "test.de", "myexample.com", "example.co.uk", "acme.com"] {
            assert!(!is_test(host), "{host}");
        }
    }
}
