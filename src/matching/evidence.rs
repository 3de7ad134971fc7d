//! The evidence for one account, field by field, and the tier and score it adds up to.

use super::MATCH_SCORE_MIN;
use super::by_text::Found;
use super::features::{LegalAgreement, NameFeatures};
use super::index::Index;
use super::nearest::BestName;
use super::prepared::PreparedAccount;
use crate::account::NameKind;
use crate::lead::{Lead, LeadField, LeadProblem, LeadWarning};
use crate::normalize::{
    DomainClass, RegistrableDomain, confusable_skeleton, label_key, phone_digits, postal_key, region_key,
};
use crate::policy::Policy;
use crate::routing::{Grade, Grades, Tier};
use crate::score::Score;

/// A name at or over this similarity is near, whatever the model says: beside an equal e-mail domain that is enough.
const NAME_NEAR_MIN: Score = Score::from_bps(6_000);
/// So is one that the model holds for more likely the company's than not, down to this similarity: below it more of
/// the words differ than agree, and a rare word in common is as often a family's or a place's as a company's.
const NAME_LIKELY_MIN: Score = Score::from_bps(5_000);
/// An even chance, as the model's score.
const EVEN_CHANCE: Score = Score::from_bps(5_000);
/// Evidence of an equal e-mail domain alone.
const DOMAIN_SCORE: Score = Score::from_bps(9_300);
/// The same where the typed name is another one.
const DOMAIN_NAME_DIFFERS_SCORE: Score = Score::from_bps(9_000);
/// Evidence of a website alone, typed and equal to a declared one: a claim, enough for a person to look at. No name
/// beside it makes it weaker.
const WEBSITE_SCORE: Score = Score::from_bps(6_000);
/// The same beside an equal name and another e-mail domain: half of what is missing made up for, then contradicted.
const WEBSITE_AND_NAME_SCORE: Score = Score::from_bps(7_600);
/// Share of the missing evidence that support makes up for.
const SUPPORT_SHARE: f32 = 0.5;
/// What a contradicting e-mail domain leaves of a name's evidence.
const CONTRADICTED_SHARE: f32 = 0.95;

/// The most accounts of one domain that are weighed, so that a domain on every account of a registry costs no more
/// than a chain of shops; others come in by their name.
pub(super) const SHARERS_MAX: usize = 256;

/// What the lead's own fields say, whatever the accounts.
#[derive(Clone, Debug)]
pub struct LeadFacts {
    /// The class of the e-mail domain, the policy's word over the built-in lists.
    pub email_class: Option<DomainClass>,
    /// The e-mail domain where it can be evidence: a corporate one.
    pub corporate_domain: Option<RegistrableDomain>,
    /// The website's domain where it can be evidence.
    pub website_domain: Option<RegistrableDomain>,
    /// Accounts with a domain of which the e-mail's is an imitation, which nobody declares itself.
    pub look_alike_accounts: Vec<u32>,
    /// Position of the account that the caller names.
    pub known_account: Option<u32>,
    /// What is wrong with the lead's fields, those found by looking at the registry included.
    pub warnings: Vec<LeadWarning>,
    /// The lead's fields as they are compared.
    keys: Keys,
}

/// Fields as they are compared; `None` where there is nothing to compare.
#[derive(Clone, Debug)]
struct Keys {
    region: Option<String>,
    postal_code: Option<String>,
    phone: Option<String>,
}

impl LeadFacts {
    /// With the accounts that declare the corporate domain, in the order of ids.
    pub(super) fn of<'a>(lead: &Lead, index: &'a Index, policy: &Policy) -> (LeadFacts, Found<'a>) {
        let ruled = |domain: &RegistrableDomain| policy.domain_classes.get(domain).copied();
        let email_class = lead
            .email
            .as_ref()
            .map(|email| ruled(&email.domain).unwrap_or_else(|| email.domain.email_class()));
        let corporate_domain = lead
            .email
            .as_ref()
            .filter(|_| email_class == Some(DomainClass::Corporate))
            .map(|email| email.domain.clone());
        let website_domain = lead
            .website
            .clone()
            .filter(|website| ruled(website).unwrap_or_else(|| website.class()) == DomainClass::Corporate);
        let declaring = corporate_domain.as_ref().map(|domain| index.declaring(domain.as_str()));
        let declaring = declaring.unwrap_or_default();
        let look_alike_accounts = match &corporate_domain {
            Some(domain) if declaring.is_empty() => {
                let imitated = index.looking_like(&confusable_skeleton(domain));
                imitated.iter().copied().take(SHARERS_MAX).collect()
            }
            _ => Vec::new(),
        };
        let mut warnings = lead.warnings.clone();
        let known_account = lead.known_account_id.as_ref().and_then(|id| {
            // An account that is kept on file but gets no leads gets none by its id either.
            let position = index.position(id).filter(|position| index.at(*position).active);
            if position.is_none() {
                warnings.push(LeadWarning {
                    field: LeadField::KnownAccountId,
                    problem: LeadProblem::UnknownAccount,
                });
            }
            position
        });
        let facts = LeadFacts {
            email_class,
            corporate_domain,
            website_domain,
            look_alike_accounts,
            known_account,
            warnings,
            keys: Keys {
                region: typed(&lead.region, |text| key(region_key(text))),
                postal_code: typed(&lead.postal_code, |text| key(postal_key(text))),
                phone: typed(&lead.phone, phone_digits),
            },
        };
        (facts, declaring)
    }

    /// The accounts that declare the website's domain, in the order of ids: at most [`SHARERS_MAX`].
    pub(super) fn website_accounts<'a>(&self, index: &'a Index) -> Found<'a> {
        let domain = self.website_domain.as_ref();
        domain.map(|domain| index.declaring(domain.as_str()).first(SHARERS_MAX)).unwrap_or_default()
    }
}

/// An account and what speaks for it.
#[derive(Clone, Debug)]
pub struct AccountMatch<'a> {
    /// The account.
    pub account: &'a PreparedAccount,
    /// What the match rests on; `None` where no tier fits.
    pub tier: Option<Tier>,
    /// Evidence over all fields.
    pub score: Score,
    /// Similarity of the names alone.
    pub name_similarity: Score,
    /// The match keys are equal.
    pub name_equal: bool,
    /// The names are equal or near, and a word that can tell companies apart agrees.
    pub name_fits: bool,
    /// Field by field.
    pub grades: Grades,
    /// Which of the account's names fits best.
    pub matched_name: Option<(NameKind, &'a str)>,
    /// The declared domain that the lead's e-mail has.
    pub matched_domain: Option<RegistrableDomain>,
    /// Both names carry the same legal form: tells siblings apart (X GmbH, X AG).
    pub legal_form_same: bool,
    /// How the best name compares, in numbers; `None` where the name model was not asked: no name was compared, or one fits
    /// or differs so plainly at the lead's own domain that it says nothing more.
    pub name_features: Option<NameFeatures>,
    /// An equal postal code, phone or declared website, or a domain label that spells the name.
    pub supported: bool,
    /// The lead's corporate domain is none of those the account has.
    pub contradicted: bool,
    /// The e-mail domain imitates one of the account's.
    pub look_alike: bool,
}

impl AccountMatch<'_> {
    /// The stronger tier first, then the higher score, then the nearer place, then the lesser id: a total order.
    pub(super) fn stronger_first(&self, other: &Self) -> std::cmp::Ordering {
        let tier = |found: &Self| found.tier.map_or(usize::MAX, |tier| tier as usize);
        let decisive = |found: &Self| match found.tier {
            Some(Tier::KnownAccount | Tier::DomainAndName | Tier::Domain) => tier(found),
            _ => usize::MAX,
        };
        decisive(self)
            .cmp(&decisive(other))
            .then(other.score.cmp(&self.score))
            .then(tier(self).cmp(&tier(other)))
            .then(other.name_similarity.cmp(&self.name_similarity))
            .then_with(|| other.nearness().cmp(&self.nearness()))
            .then_with(|| self.account.id.cmp(&other.account.id))
    }

    /// What tells accounts of one name apart, the strongest first.
    fn nearness(&self) -> [bool; 3] {
        let Grades { postal_code, phone, website, country, region, .. } = self.grades;
        let address = [postal_code, phone, website].contains(&Grade::A);
        [address, country == Grade::A, region == Grade::A]
    }
}

/// Everything an account is weighed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'l, 'a> {
    pub(super) lead: &'l Lead,
    pub(super) facts: &'l LeadFacts,
    /// Positions of all accounts that declare the domain of the lead's e-mail, ascending.
    pub(super) declaring: &'l [u32],
    pub(super) index: &'a Index,
}

impl<'a> Evidence<'_, 'a> {
    /// True where it matters what the name model says about an account's best name: not beside an equal e-mail domain,
    /// where the readable similarity alone says whether the name fits, nor for the lead's own id.
    pub(super) fn depends_on_model(&self, position: u32, name: &BestName) -> bool {
        let by_domain = self.is_at_lead_domain(position);
        let found = &name.found;
        let fits = found.equal || found.similarity >= NAME_NEAR_MIN && found.distinctive;
        let settled = by_domain && (fits || found.similarity < NAME_LIKELY_MIN);
        !settled && self.facts.known_account != Some(position)
    }

    /// True for an account that declares the domain of the lead's e-mail.
    fn is_at_lead_domain(&self, position: u32) -> bool {
        self.declaring.binary_search(&position).is_ok()
    }

    /// False for an account that only its name brought in, where that is worth no mention and no other field could
    /// support it.
    pub(super) fn may_matter(&self, position: u32, by_name: Score) -> bool {
        by_name >= MATCH_SCORE_MIN || !self.rests_on_name(position)
    }

    /// True for an account that only its name brought in, where no other field could support it.
    pub(super) fn rests_on_name(&self, position: u32) -> bool {
        let facts = self.facts;
        let supportable = || {
            let keys = &facts.keys;
            let spelled = facts.corporate_domain.is_some() && !self.index.at(position).has_domains();
            keys.postal_code.is_some() || keys.phone.is_some() || facts.website_domain.is_some() || spelled
        };
        let brought_in = || {
            self.is_at_lead_domain(position)
                || facts.look_alike_accounts.contains(&position)
                || facts.known_account == Some(position)
        };
        !brought_in() && !supportable()
    }

    /// Weighs one account, given how its best name compares and, where that matters, what the model says of it.
    pub(super) fn weigh(&self, position: u32, name: Option<BestName>, by_name: Score) -> AccountMatch<'a> {
        let account = self.index.at(position);
        let found = name.map(|name| name.found).unwrap_or_default();
        let similarity = found.similarity;
        let likely = by_name >= EVEN_CHANCE && similarity >= NAME_LIKELY_MIN;
        let near = likely || similarity >= NAME_NEAR_MIN;
        // Common words alone identify only as a whole: each must have its partner, if misspelled.
        let name_fits = found.equal || near && (found.distinctive || likely && found.complete);
        let grades = self.grades(position, name.is_some(), found.equal, name_fits);
        let supported = self.supported(account, &grades, name_fits);
        let contradicted = grades.email_domain == Grade::F;
        let look_alike = self.facts.look_alike_accounts.contains(&position);
        let known = self.facts.known_account == Some(position);

        let name_score = if contradicted {
            Score::from_share(by_name.share() * CONTRADICTED_SHARE)
        } else if supported {
            Score::from_share(by_name.share() + (1.0 - by_name.share()) * SUPPORT_SHARE)
        } else {
            by_name
        };
        let (tier, score) = if known {
            (Some(Tier::KnownAccount), Score::MAX)
        } else if grades.email_domain == Grade::A && name_fits {
            let share = 0.95 + 0.05 * similarity.share();
            (Some(Tier::DomainAndName), Score::from_share(share))
        } else if grades.email_domain == Grade::A {
            let base = if grades.name == Grade::Z { DOMAIN_SCORE } else { DOMAIN_NAME_DIFFERS_SCORE };
            (Some(Tier::Domain), Score::from_share(base.share() + 0.02 * similarity.share()))
        } else if found.equal && contradicted && grades.website == Grade::A {
            (Some(Tier::NameContradicted), name_score.max(WEBSITE_AND_NAME_SCORE))
        } else if contradicted && grades.website == Grade::A {
            (Some(Tier::NameOnlyNear), name_score.max(WEBSITE_SCORE))
        } else if name_fits && contradicted {
            (Some(Tier::NameContradicted), name_score)
        } else if found.equal {
            (Some(Tier::NameExact), name_score)
        } else if name_fits && supported {
            (Some(Tier::NameNear), name_score)
        } else if name_fits {
            (Some(Tier::NameOnlyNear), name_score)
        } else if grades.website == Grade::A {
            (Some(Tier::NameOnlyNear), name_score.max(WEBSITE_SCORE))
        } else if look_alike {
            (None, name_score.max(MATCH_SCORE_MIN))
        } else {
            (None, name_score)
        };
        AccountMatch {
            account,
            tier,
            score,
            name_similarity: similarity,
            name_equal: found.equal,
            name_fits,
            grades,
            matched_name: name.and_then(|name| {
                // The kind says which list the name stands in; the list is read again only for the answer.
                account.names().find(|(kind, _)| *kind == name.kind)
            }),
            matched_domain: (grades.email_domain == Grade::A)
                .then(|| self.facts.corporate_domain.clone())
                .flatten(),
            legal_form_same: found.legal == LegalAgreement::Same,
            name_features: name
                .filter(|name| self.depends_on_model(position, name))
                .map(|name| name.found.features),
            supported,
            contradicted,
            look_alike,
        }
    }

    fn grades(&self, position: u32, compared: bool, equal: bool, name_fits: bool) -> Grades {
        let (lead, keys, account) = (self.lead, &self.facts.keys, self.index.at(position));
        let declares = |domain: &RegistrableDomain| account.declared(domain).is_some();
        Grades {
            name: match (compared, equal, name_fits) {
                (_, true, _) => Grade::A,
                (_, false, true) => Grade::B,
                (_, false, false) if lead.company.is_some() => Grade::F,
                _ => Grade::Z,
            },
            email_domain: match &self.facts.corporate_domain {
                Some(_) if self.is_at_lead_domain(position) => Grade::A,
                Some(_) if account.has_domains() => Grade::F,
                _ => Grade::Z,
            },
            website: match &self.facts.website_domain {
                Some(website) if declares(website) || account.website() == Some(website.as_str()) => Grade::A,
                Some(_) if !account.has_domains() && account.website().is_none() => Grade::Z,
                Some(_) => Grade::F,
                None => Grade::Z,
            },
            country: equality(lead.country, account.country),
            region: same(&keys.region, || key(region_key(account.region()))),
            postal_code: same(&keys.postal_code, || key(postal_key(account.postal_code()))),
            phone: same(&keys.phone, || phone_digits(account.phone())),
        }
    }

    fn supported(&self, account: &PreparedAccount, grades: &Grades, name_fits: bool) -> bool {
        if [grades.postal_code, grades.phone, grades.website].contains(&Grade::A) {
            return true;
        }
        // "acme.io" says that the lead's company is called Acme; of an account without a domain of its own
        // nothing better is known.
        let spelled = || {
            let domain = self.facts.corporate_domain.as_ref()?;
            let label = label_key(domain);
            let glued = |name: &str| {
                let company = crate::normalize::company_name(name)?;
                Some(company.readings[0].joined().replace(' ', ""))
            };
            Some(account.names().any(|(_, name)| glued(name).as_deref() == Some(&label)))
        };
        name_fits && grades.email_domain == Grade::Z && !account.has_domains() && spelled().unwrap_or(false)
    }
}

fn key(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// What is read out of a field of the lead; most are empty.
fn typed(text: &str, read: impl FnOnce(&str) -> Option<String>) -> Option<String> {
    if text.is_empty() { None } else { read(text) }
}

/// The account's field is read only where the lead has one.
fn same(lead: &Option<String>, account: impl FnOnce() -> Option<String>) -> Grade {
    lead.as_ref().map_or(Grade::Z, |lead| equality(Some(lead), account().as_ref()))
}

fn equality<T: PartialEq>(one: Option<T>, other: Option<T>) -> Grade {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Grade::A,
        (Some(_), Some(_)) => Grade::F,
        _ => Grade::Z,
    }
}
