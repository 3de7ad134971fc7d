//! Nurture rules: which campaign a lead goes to when no rep gets it. The first rule that fits decides.
//!
//! A rule names values for some facts about a lead; it fits where every fact that it names has one of them. An
//! excluded lead (a competitor, a test, a student …) is taken only by a rule that names its reason: a rule for a
//! country would otherwise send a campaign to a competitor there.

mod together;

use super::Policy;
use crate::account::AccountClass;
use crate::normalize::{Country, DomainClass, RegistrableDomain};
use crate::routing::{NurtureReason, excluding_list};

/// The most rules: each nurtured lead walks down the list.
pub const NURTURE_RULES_MAX: usize = 256;

/// Classes of mail, `None` for a lead without a usable e-mail address.
pub const MAIL_CLASSES: [Option<DomainClass>; 5] = [
    Some(DomainClass::Corporate),
    Some(DomainClass::FreeMail),
    Some(DomainClass::Disposable),
    Some(DomainClass::SharedHost),
    None,
];

/// Classes of the account that a lead is about, `None` where none is.
pub const LEAD_CLASSES: [Option<AccountClass>; 5] = [
    Some(AccountClass::Strategic),
    Some(AccountClass::Major),
    Some(AccountClass::Named),
    Some(AccountClass::Standard),
    None,
];

/// What rules look at.
#[derive(Clone, Copy, Debug)]
pub struct NurtureFacts<'a> {
    /// Why nobody gets the lead.
    pub reason: NurtureReason,
    /// The lead's country.
    pub country: Option<Country>,
    /// The class of its e-mail domain.
    pub mail_class: Option<DomainClass>,
    /// The domain of its e-mail address.
    pub email_domain: Option<&'a RegistrableDomain>,
    /// The class of the account that matched and that nobody gets it for; `None` where nothing matched.
    pub account_class: Option<AccountClass>,
    /// Where it came from, as the caller says.
    pub source: &'a str,
}

/// A rule. An empty list is a fact that does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NurtureRule {
    /// What the decision reports. Unique, not empty.
    pub name: String,
    /// The campaign. Not empty.
    pub track: String,
    /// Reasons; empty means those that are no exclusion.
    pub reasons: Vec<NurtureReason>,
    /// Countries of the lead.
    pub countries: Vec<Country>,
    /// Classes of mail.
    pub mail_classes: Vec<Option<DomainClass>>,
    /// Domains of the e-mail address.
    pub domains: Vec<RegistrableDomain>,
    /// Classes of the account.
    pub account_classes: Vec<Option<AccountClass>>,
    /// Sources, lower case without surrounding white space; a lead's are compared so.
    pub sources: Vec<String>,
}

/// Why a rule can never fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadRule {
    /// The earlier rule at this place takes every lead that would fit.
    Shadowed {
        /// Its place among the rules.
        by: usize,
    },
    /// Several earlier rules, none of them alone, take every lead that would fit.
    ShadowedTogether {
        /// Their places among the rules, in order; two at least.
        by: Vec<usize>,
    },
    /// Its only domain, or each of them, is on a list of exclusions, and the rule does not name that reason.
    Excluded {
        /// The first such domain.
        domain: RegistrableDomain,
        /// The list.
        list: &'static str,
        /// What its leads are excluded as.
        reason: NurtureReason,
    },
    /// No lead has such a reason, mail and account together.
    Impossible,
}

impl NurtureRule {
    /// True where every fact that the rule names is one of its values.
    pub fn fits(&self, facts: &NurtureFacts<'_>) -> bool {
        self.takes_reason(facts.reason)
            && one_of(&self.mail_classes, &facts.mail_class)
            && one_of(&self.account_classes, &facts.account_class)
            && (self.countries.is_empty() || facts.country.is_some_and(|it| self.countries.contains(&it)))
            && (self.domains.is_empty() || facts.email_domain.is_some_and(|it| self.domains.contains(it)))
            && (self.sources.is_empty() || self.sources.contains(&facts.source.trim().to_lowercase()))
    }

    fn takes_reason(&self, reason: NurtureReason) -> bool {
        if self.reasons.is_empty() { !reason.is_exclusion() } else { self.reasons.contains(&reason) }
    }

    /// The combinations of reason, mail and account that the rule accepts.
    fn accepts(&self) -> Combinations {
        Combinations::of(|reason, mail, account| {
            self.takes_reason(reason)
                && one_of(&self.mail_classes, &mail)
                && one_of(&self.account_classes, &account)
        })
    }

    /// Those of them that a lead can have.
    fn reachable(&self, policy: &Policy) -> Combinations {
        let mut reachable = self.accepts();
        reachable.keep(&Combinations::of(possible));
        if !self.domains.is_empty() {
            reachable.keep(&reachable_from(&self.domains, policy));
        }
        reachable
    }

    /// True where no lead with these combinations that fits `other` misses this rule.
    fn covers(&self, other: &NurtureRule, reachable: &Combinations) -> bool {
        reachable.is_within(&self.accepts())
            && within(&other.countries, &self.countries)
            && within(&other.domains, &self.domains)
            && within(&other.sources, &self.sources)
    }
}

impl Policy {
    /// The first rule that fits.
    pub fn nurture_rule(&self, facts: &NurtureFacts<'_>) -> Option<&NurtureRule> {
        self.nurture_rules.iter().find(|rule| rule.fits(facts))
    }

    /// The rules that can never fire, by their place, and why.
    pub fn dead_rules(&self) -> Vec<(usize, DeadRule)> {
        let rules = &self.nurture_rules;
        let dead = rules.iter().enumerate().filter_map(|(at, rule)| {
            let reachable = rule.reachable(self);
            if reachable.is_empty() {
                let excluded = rule.domains.iter().find_map(|domain| {
                    let (reason, list) = excluding_list(domain, self)?;
                    (!rule.takes_reason(reason)).then(|| DeadRule::Excluded {
                        domain: domain.clone(),
                        list,
                        reason,
                    })
                });
                return Some((at, excluded.unwrap_or(DeadRule::Impossible)));
            }
            if let Some(by) = rules[..at].iter().position(|earlier| earlier.covers(rule, &reachable)) {
                return Some((at, DeadRule::Shadowed { by }));
            }
            let dead = match together::covered(self, at)?[..] {
                // One alone: the rule's other domains have no lead that would fit.
                [by] => DeadRule::Shadowed { by },
                ref by => DeadRule::ShadowedTogether { by: by.to_vec() },
            };
            Some((at, dead))
        });
        dead.collect()
    }
}

/// The class of a domain, and what excludes its leads whatever they match.
fn known_by(
    domain: &RegistrableDomain,
    policy: &Policy,
) -> (DomainClass, Option<(NurtureReason, &'static str)>) {
    let class = policy.domain_classes.get(domain).copied().unwrap_or_else(|| domain.email_class());
    (class, excluding_list(domain, policy))
}

/// The combinations that leads of these domains can have.
fn reachable_from(domains: &[RegistrableDomain], policy: &Policy) -> Combinations {
    let known: Vec<_> = domains.iter().map(|domain| known_by(domain, policy)).collect();
    Combinations::of(|reason, mail, _| {
        known.iter().any(|&(class, excluded)| {
            mail == Some(class)
                && excluded.map_or(!reason.is_before_matching(), |(excluded, _)| excluded == reason)
        })
    })
}

/// What decisions give: which reasons go with which mail and account.
fn possible(reason: NurtureReason, mail: Option<DomainClass>, account: Option<AccountClass>) -> bool {
    use NurtureReason::{
        Blocklisted, Competitor, FreeMailOnly, JobSeeker, NoMatch, OwnCompany, Partner, RoleMailbox, Student,
        Test, UnownedStandard,
    };
    let mail_fits = match reason {
        FreeMailOnly => mail == Some(DomainClass::FreeMail),
        RoleMailbox => mail == Some(DomainClass::Corporate),
        OwnCompany | Competitor | Test | Blocklisted | Partner => mail.is_some(),
        NoMatch | UnownedStandard | Student | JobSeeker => true,
    };
    let account_fits = match reason {
        // Also what policy maps here from review, of whatever class.
        NoMatch => true,
        FreeMailOnly | OwnCompany | Competitor | Test | Blocklisted => account.is_none(),
        UnownedStandard => account == Some(AccountClass::Standard),
        Partner | RoleMailbox | Student | JobSeeker => account.is_none_or(|class| !class.is_named()),
    };
    mail_fits && account_fits
}

/// A set of combinations of reason, mail class and account class, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Combinations([u64; 5]);

impl Combinations {
    fn of(holds: impl Fn(NurtureReason, Option<DomainClass>, Option<AccountClass>) -> bool) -> Combinations {
        let mut set = Combinations([0; 5]);
        let mut at = 0;
        for reason in NurtureReason::ALL {
            for mail in MAIL_CLASSES {
                for account in LEAD_CLASSES {
                    set.0[at / 64] |= u64::from(holds(reason, mail, account)) << (at % 64);
                    at += 1;
                }
            }
        }
        set
    }

    fn keep(&mut self, other: &Combinations) {
        self.0.iter_mut().zip(other.0).for_each(|(bits, other)| *bits &= other);
    }

    /// Leaves what is not in `other`; true where something was.
    fn take(&mut self, other: &Combinations) -> bool {
        let before = *self;
        self.0.iter_mut().zip(other.0).for_each(|(bits, other)| *bits &= !other);
        *self != before
    }

    fn is_empty(&self) -> bool {
        self.0 == [0; 5]
    }

    fn is_within(&self, other: &Combinations) -> bool {
        self.0.iter().zip(other.0).all(|(bits, other)| bits & !other == 0)
    }
}

fn one_of<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

/// Every value that `narrow` accepts is one that `wide` accepts; an empty list accepts all.
fn within<T: PartialEq>(narrow: &[T], wide: &[T]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|value| wide.contains(value)))
}
