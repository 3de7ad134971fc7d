//! `[[policy.nurture_rules]]` to the core's rules, with what is wrong with each and with their order.

use std::collections::BTreeMap;

use toml::Value;

use super::{CLASSES, DOMAIN_CLASSES};
use crate::account::AccountClass;
use crate::config::table::Section;
use crate::config::{ConfigError, Origin};
use crate::normalize::{Country, DomainClass, website_domain};
use crate::policy::{DeadRule, NURTURE_RULES_MAX, NurtureRule, Policy};
use crate::routing::NurtureReason;

const KEY: &str = "policy.nurture_rules";

/// The word for no e-mail address, or no account.
pub(in crate::config) const NONE: &str = "none";

/// What decisions report where no rule of the file fits.
const BUILT_IN: [&str; 9] = [
    "default",
    "review_maps_to",
    "own_domains",
    "competitor_domains",
    "blocked_domains",
    "test_domains",
    "partner_domains",
    "role_mailbox",
    "job_title",
];

/// The rules of the list under `value`. What is wrong with one of them goes to `errors`.
pub(super) fn read(
    value: Option<&Value>,
    origin: &Origin,
    errors: &mut Vec<ConfigError>,
) -> Vec<NurtureRule> {
    let bad = |found: String, expected: &str| ConfigError::BadValue {
        origin: origin.clone(),
        key: KEY.into(),
        found,
        expected: expected.into(),
    };
    let Some(value) = value else { return Vec::new() };
    let Some(list) = value.as_array() else {
        errors.push(bad(value.to_string(), "write each rule as [[policy.nurture_rules]]"));
        return Vec::new();
    };
    if list.len() > NURTURE_RULES_MAX {
        let found = format!("a list of {} rules", list.len());
        errors.push(bad(found, &format!("at most {NURTURE_RULES_MAX} are allowed")));
        return Vec::new();
    }
    let mut names = BTreeMap::new();
    let read_one = |(at, value)| {
        let section = Section::new(format!("{KEY}[{at}]"), Some(value), origin, errors);
        read_rule(section, at, &mut names, errors)
    };
    list.iter().enumerate().map(read_one).collect()
}

fn read_rule(
    mut section: Section<'_>,
    at: usize,
    names: &mut BTreeMap<String, usize>,
    errors: &mut Vec<ConfigError>,
) -> NurtureRule {
    const NAME: &str = "write a name of its own in quotes: decisions report it";
    let name = required(&mut section, "name", NAME, errors);
    if BUILT_IN.contains(&name.as_str()) {
        let why = "is what decisions report without a rule: choose another name";
        errors.push(section.complaint("name", &Value::from(name.as_str()), why));
    }
    if !name.is_empty()
        && let Some(first) = names.insert(name.to_lowercase(), at)
    {
        let why = format!("is the name of {KEY}[{first}] too: choose another, decisions report it");
        errors.push(section.complaint("name", &Value::from(name.as_str()), &why));
    }
    let track = required(&mut section, "track", "write the campaign's name in quotes", errors);
    let reason_words: Vec<_> = NurtureReason::ALL.map(|reason| (reason.as_str(), reason)).into();
    let rule = NurtureRule {
        name,
        track,
        reasons: words(&mut section, "reason", &reason_words, errors),
        mail_classes: words(&mut section, "mail_class", &mail_words(), errors),
        account_classes: words(&mut section, "account_class", &account_words(), errors),
        countries: several(
            &mut section,
            "country",
            "write ISO 3166 codes or English names of countries",
            errors,
            |text| Country::parse(text).ok_or_else(|| "is no country: write an ISO 3166 code".into()),
        ),
        domains: several(&mut section, "domain", "write domains in quotes", errors, |text| {
            website_domain(text).map_err(|problem| format!("it {problem}"))
        }),
        sources: several(&mut section, "source", "write sources in quotes", errors, |text| {
            let source = text.trim().to_lowercase();
            if source.is_empty() {
                Err("is empty: write what callers send as source".into())
            } else {
                Ok(source)
            }
        }),
    };
    section.finish(errors);
    rule
}

/// Complains about rules that can never fire. Asked once the whole policy is read, and only where it is sound.
pub(super) fn check_order(policy: &Policy, origin: &Origin, errors: &mut Vec<ConfigError>) {
    for (at, dead) in policy.dead_rules() {
        let rule = &policy.nurture_rules[at];
        let expected = match dead {
            DeadRule::Shadowed { by } => {
                let earlier = &policy.nurture_rules[by].name;
                format!(
                    "it can never fire, since rule \"{earlier}\" ({KEY}[{by}]) takes every lead that would fit; \
                     move it above that one, or take one of them away"
                )
            }
            DeadRule::ShadowedTogether { by } => {
                let earlier =
                    by.iter().map(|by| format!("\"{}\" ({KEY}[{by}])", policy.nurture_rules[*by].name));
                let earlier = earlier.collect::<Vec<_>>().join(", ");
                format!(
                    "it can never fire, since rules {earlier} together take every lead that would fit; move it above \
                     one of them, or take it away"
                )
            }
            DeadRule::Excluded { domain, list, reason } => {
                let reason = reason.as_str();
                format!(
                    "it can never fire, since {domain} is in policy.{list}: write reason = \"{reason}\", or take \
                     the domain out of one of them"
                )
            }
            DeadRule::Impossible => {
                "it can never fire, since no lead has such a reason, mail_class, account_class and domain \
                 together; take one of them away"
                    .into()
            }
        };
        errors.push(ConfigError::BadValue {
            origin: origin.clone(),
            key: format!("{KEY}[{at}]"),
            found: format!("rule \"{}\"", rule.name),
            expected,
        });
    }
}

/// Words for classes of mail.
pub(in crate::config) fn mail_words() -> Vec<(&'static str, Option<DomainClass>)> {
    DOMAIN_CLASSES.iter().map(|&(word, class)| (word, Some(class))).chain([(NONE, None)]).collect()
}

/// Words for classes of account.
pub(in crate::config) fn account_words() -> Vec<(&'static str, Option<AccountClass>)> {
    CLASSES.iter().map(|class| (class.as_str(), Some(*class))).chain([(NONE, None)]).collect()
}

fn required(section: &mut Section<'_>, key: &str, expected: &str, errors: &mut Vec<ConfigError>) -> String {
    let mut name = String::new();
    if section.get(key).is_none() {
        errors.push(section.missing(key, expected));
    }
    super::text(section, key, &mut name, errors);
    name
}

fn words<T: Copy>(
    section: &mut Section<'_>,
    key: &str,
    words: &[(&str, T)],
    errors: &mut Vec<ConfigError>,
) -> Vec<T> {
    let names: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    let expected = format!("write {}", names.join(" or "));
    several(section, key, &expected, errors, |text| {
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|&(_, meaning)| meaning).ok_or_else(|| expected.clone())
    })
}

/// One value, or a list of them that is not empty.
fn several<T>(
    section: &mut Section<'_>,
    key: &str,
    expected: &str,
    errors: &mut Vec<ConfigError>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Vec<T> {
    let Some(value) = section.get(key) else { return Vec::new() };
    let (list, single) = match value {
        Value::Array(list) => (list.as_slice(), false),
        single => (std::slice::from_ref(single), true),
    };
    if list.is_empty() {
        errors.push(section.complaint(
            key,
            value,
            "no lead fits an empty list: name a value, or leave it out",
        ));
    }
    let mut meanings = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let read = value.as_str().ok_or_else(|| expected.to_owned()).and_then(&read);
        match read {
            Ok(meaning) => meanings.push(meaning),
            Err(why) if single => errors.push(section.complaint(key, value, &why)),
            Err(why) => errors.push(section.complaint(&format!("{key}[{at}]"), value, &why)),
        }
    }
    meanings
}
