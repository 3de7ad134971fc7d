//! The `[policy]` tables to the core's [`Policy`].

mod nurture;

use toml::Value;

use super::table::Section;
use super::{ConfigError, Origin};
use crate::account::{AccountClass, Alert};
use crate::normalize::{DomainClass, RegistrableDomain, website_domain};
use crate::policy::{DomainNameDiffers, Policy, ReviewMapping, TierPolicy};
use crate::routing::{ReviewReason, Tier};
use crate::score::Score;

pub(super) use nurture::{account_words, mail_words};

pub(super) const CLASSES: [AccountClass; 4] =
    [AccountClass::Strategic, AccountClass::Major, AccountClass::Named, AccountClass::Standard];
pub(super) const ALERTS: [(&str, Alert); 3] =
    [("now", Alert::Now), ("digest", Alert::Digest), ("silent", Alert::Silent)];
pub(super) const DIFFERS: [(&str, DomainNameDiffers); 2] =
    [("route", DomainNameDiffers::Route), ("review", DomainNameDiffers::Review)];
pub(super) const MAPPINGS: [(&str, ReviewMapping); 2] =
    [("owner", ReviewMapping::Owner), ("nurture", ReviewMapping::Nurture)];
pub(super) const DOMAIN_CLASSES: [(&str, DomainClass); 4] = [
    ("corporate", DomainClass::Corporate),
    ("free_mail", DomainClass::FreeMail),
    ("disposable", DomainClass::Disposable),
    ("shared_host", DomainClass::SharedHost),
];
pub(super) const REASONS: [ReviewReason; 6] = [
    ReviewReason::OwnerConflict,
    ReviewReason::Ambiguous,
    ReviewReason::LowConfidence,
    ReviewReason::NoActiveOwner,
    ReviewReason::SuspiciousDomain,
    ReviewReason::DisposableMail,
];

/// The policy of a `[policy]` table over the default one. What is wrong goes to `errors`.
pub(super) fn read(table: Option<&Value>, origin: &Origin, errors: &mut Vec<ConfigError>) -> Policy {
    let mut policy = Policy::default();
    let errors_before = errors.len();
    let mut section = Section::new("policy", table, origin, errors);

    text(&mut section, "nurture_track", &mut policy.nurture_track, errors);
    text(&mut section, "excluded_track", &mut policy.excluded_track, errors);
    text(&mut section, "review_queue", &mut policy.review_queue, errors);
    if let Some(differs) = word(&mut section, "domain_name_differs", &DIFFERS, errors) {
        policy.domain_name_differs = differs;
    }
    domains(&mut section, "own_domains", &mut policy.own_domains, errors);
    domains(&mut section, "competitor_domains", &mut policy.competitor_domains, errors);
    domains(&mut section, "blocked_domains", &mut policy.blocked_domains, errors);
    domains(&mut section, "test_domains", &mut policy.test_domains, errors);
    domains(&mut section, "partner_domains", &mut policy.partner_domains, errors);

    let mut classes = section.section("domain_classes", errors);
    for key in classes.keys() {
        let class = word(&mut classes, key, &DOMAIN_CLASSES, errors);
        match website_domain(key) {
            Ok(domain) => policy.domain_classes.extend(class.map(|class| (domain, class))),
            Err(problem) => {
                errors.push(classes.complaint(key, &Value::from(key), &format!("the key {problem}")));
            }
        }
    }
    let mut mappings = section.section("review_maps_to", errors);
    for reason in REASONS {
        let mapping = word(&mut mappings, reason.as_str(), &MAPPINGS, errors);
        policy.review_maps_to.extend(mapping.map(|mapping| (reason, mapping)));
    }
    mappings.finish(errors);
    let mut alerts = section.section("alerts", errors);
    for class in CLASSES {
        let alert = word(&mut alerts, class.as_str(), &ALERTS, errors);
        policy.alerts.extend(alert.map(|alert| (class, alert)));
    }
    alerts.finish(errors);
    let mut tiers = section.section("tiers", errors);
    for tier in Tier::ALL {
        if let Some(thresholds) = policy.tiers.get_mut(&tier) {
            read_tier(tiers.section(tier.as_str(), errors), thresholds, errors);
        }
    }
    tiers.finish(errors);
    let mut classes = section.section("classes", errors);
    for class in CLASSES {
        read_class(classes.section(class.as_str(), errors), class, &mut policy, errors);
    }
    classes.finish(errors);
    policy.nurture_rules = nurture::read(section.get("nurture_rules"), origin, errors);
    section.finish(errors);
    if errors.len() == errors_before {
        nurture::check_order(&policy, origin, errors);
    }
    policy
}

/// Thresholds of a class over those of its tiers; what is checked is the two together.
fn read_class(
    mut section: Section<'_>,
    class: AccountClass,
    policy: &mut Policy,
    errors: &mut Vec<ConfigError>,
) {
    for tier in Tier::ALL {
        let Some(base) = policy.tiers.get(&tier).copied() else { continue };
        let mut thresholds = base;
        let own = section.section(tier.as_str(), errors);
        let is_set = !own.keys().is_empty();
        read_tier(own, &mut thresholds, errors);
        if is_set {
            policy.class_tiers.insert((class, tier), thresholds);
        }
    }
    section.finish(errors);
}

fn read_tier(mut section: Section<'_>, tier: &mut TierPolicy, errors: &mut Vec<ConfigError>) {
    const ROUTE: &str = "write 0 to 10000, or \"never\"";
    const BPS: &str = "write a whole number, 0 to 10000";
    let route = section.read("route_bps", ROUTE, errors, |value| match value.as_str() {
        Some("never") => Some(None),
        _ => bps(value).map(Some),
    });
    tier.route = route.unwrap_or(tier.route);
    let review = section.read("review_bps", BPS, errors, bps);
    tier.review = review.unwrap_or(tier.review);
    tier.margin = section.read("margin_bps", BPS, errors, bps).unwrap_or(tier.margin);
    if let Some(under) = tier.route.filter(|&route| route < tier.review) {
        // Told of the one that stands here: the other may be inherited.
        let number = |score: Score| Value::from(i64::from(score.bps()));
        if review.is_some() {
            let expected =
                format!("over route_bps, {under}: nothing could be reviewed; lower it or raise route_bps");
            errors.push(section.complaint("review_bps", &number(tier.review), &expected));
        } else if route.is_some() {
            let over = tier.review;
            let expected =
                format!("under review_bps, {over}: nothing could be reviewed; raise it or lower review_bps");
            errors.push(section.complaint("route_bps", &number(under), &expected));
        }
    }
    section.finish(errors);
}

fn bps(value: &Value) -> Option<Score> {
    let bps = u16::try_from(value.as_integer()?).ok()?;
    (bps <= Score::MAX.bps()).then(|| Score::from_bps(bps))
}

fn text(section: &mut Section<'_>, key: &str, target: &mut String, errors: &mut Vec<ConfigError>) {
    let read =
        |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(text) = section.read(key, "write a name in quotes", errors, read) {
        *target = text;
    }
}

fn word<T: Copy>(
    section: &mut Section<'_>,
    key: &str,
    words: &[(&str, T)],
    errors: &mut Vec<ConfigError>,
) -> Option<T> {
    let names: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    section.read(key, &format!("write {}", names.join(" or ")), errors, |value| {
        let text = value.as_str()?;
        words.iter().find(|(word, _)| *word == text).map(|&(_, meaning)| meaning)
    })
}

fn domains(
    section: &mut Section<'_>,
    key: &str,
    target: &mut Vec<RegistrableDomain>,
    errors: &mut Vec<ConfigError>,
) {
    let list = section.read(key, "write a list of domains in quotes", errors, Value::as_array);
    for (at, value) in list.into_iter().flatten().enumerate() {
        let Some(text) = value.as_str() else {
            errors.push(section.complaint(&format!("{key}[{at}]"), value, "write a domain in quotes"));
            continue;
        };
        match website_domain(text) {
            Ok(domain) => target.push(domain),
            Err(problem) => {
                errors.push(section.complaint(&format!("{key}[{at}]"), value, &format!("it {problem}")));
            }
        }
    }
}
