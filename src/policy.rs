//! What a company may decide for itself: thresholds, layers, tracks. One value, passed as an argument.
//!
//! Read from `namesake.toml` by `config`; the defaults below are what the service does without one.

mod nurture;

use std::collections::BTreeMap;

use crate::account::{AccountClass, Alert};
use crate::normalize::{DomainClass, RegistrableDomain};
use crate::routing::{ReviewReason, Tier};
use crate::score::Score;

pub use nurture::{DeadRule, LEAD_CLASSES, MAIL_CLASSES, NURTURE_RULES_MAX, NurtureFacts, NurtureRule};

/// Thresholds of one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierPolicy {
    /// At or over this score the lead goes to the owner; `None` means that the tier never routes.
    pub route: Option<Score>,
    /// Under this score it is no match.
    pub review: Score,
    /// The best candidate of another owner must be more than this far behind.
    pub margin: Score,
}

/// What to do when the e-mail domain is an account's and the typed name is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DomainNameDiffers {
    /// Route by the domain.
    #[default]
    Route,
    /// Let a person look.
    Review,
}

/// Where a caller who knows only two outcomes wants reviews to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewMapping {
    /// To the owner of the suggested account, where one can act.
    Owner,
    /// To nurture.
    Nurture,
}

/// Settings for routing.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Thresholds by tier.
    pub tiers: BTreeMap<Tier, TierPolicy>,
    /// Thresholds of a tier for accounts of one class, in place of [`Policy::tiers`].
    pub class_tiers: BTreeMap<(AccountClass, Tier), TierPolicy>,
    /// Same domain, another name.
    pub domain_name_differs: DomainNameDiffers,
    /// The seller's own domains: such leads are excluded as `OWN_COMPANY`.
    pub own_domains: Vec<RegistrableDomain>,
    /// Domains of competitors: excluded as `COMPETITOR`.
    pub competitor_domains: Vec<RegistrableDomain>,
    /// Domains excluded as `BLOCKLISTED`.
    pub blocked_domains: Vec<RegistrableDomain>,
    /// Domains used in tests: excluded as `TEST`. `example.com` and its like always are.
    pub test_domains: Vec<RegistrableDomain>,
    /// Domains of partners: excluded as `PARTNER` unless a named account matches.
    pub partner_domains: Vec<RegistrableDomain>,
    /// Domain classes that win over the built-in lists, both ways.
    pub domain_classes: BTreeMap<RegistrableDomain, DomainClass>,
    /// The name of the queue that reviews go to.
    pub review_queue: String,
    /// Another route for reviews, by reason; the answer says `mapped_from_review`.
    pub review_maps_to: BTreeMap<ReviewReason, ReviewMapping>,
    /// Which track a nurtured lead goes to: the first rule that fits decides. At most [`NURTURE_RULES_MAX`].
    pub nurture_rules: Vec<NurtureRule>,
    /// The nurture track of a lead that matches nothing, where no rule fits.
    pub nurture_track: String,
    /// The nurture track of an excluded lead, where no rule fits.
    pub excluded_track: String,
    /// How loudly an owner is told, where the account does not say.
    pub alerts: BTreeMap<AccountClass, Alert>,
}

impl Default for Policy {
    fn default() -> Policy {
        let tier = |route: u16, review: u16| TierPolicy {
            route: Some(Score::from_bps(route)),
            review: Score::from_bps(review),
            margin: Score::from_bps(300),
        };
        Policy {
            tiers: BTreeMap::from([
                (Tier::KnownAccount, tier(0, 0)),
                (Tier::DomainAndName, tier(0, 0)),
                (Tier::Domain, tier(0, 0)),
                (Tier::NameExact, tier(6_100, 4_600)),
                (Tier::NameNear, tier(6_500, 5_000)),
                (Tier::NameContradicted, TierPolicy { route: None, ..tier(0, 6_100) }),
                (Tier::NameOnlyNear, TierPolicy { route: None, ..tier(0, 5_000) }),
                (Tier::Related, tier(6_100, 4_600)),
            ]),
            class_tiers: BTreeMap::new(),
            domain_name_differs: DomainNameDiffers::default(),
            own_domains: Vec::new(),
            competitor_domains: Vec::new(),
            blocked_domains: Vec::new(),
            test_domains: Vec::new(),
            partner_domains: Vec::new(),
            domain_classes: BTreeMap::new(),
            review_queue: "named-account-review".into(),
            review_maps_to: BTreeMap::new(),
            nurture_rules: Vec::new(),
            nurture_track: "general".into(),
            excluded_track: "excluded".into(),
            alerts: BTreeMap::from([
                (AccountClass::Strategic, Alert::Now),
                (AccountClass::Major, Alert::Now),
                (AccountClass::Named, Alert::Now),
                (AccountClass::Standard, Alert::Digest),
            ]),
        }
    }
}

impl Policy {
    /// Domains on several lists of exclusions, one sentence each: the first list decides, and the others never count.
    pub fn listed_twice(&self) -> Vec<String> {
        // In the order in which they are asked.
        let lists = [
            ("own_domains", &self.own_domains),
            ("competitor_domains", &self.competitor_domains),
            ("test_domains", &self.test_domains),
            ("blocked_domains", &self.blocked_domains),
            ("partner_domains", &self.partner_domains),
        ];
        let mut first = BTreeMap::new();
        let mut twice = Vec::new();
        for (list, domains) in lists {
            for domain in domains {
                let decides = *first.entry(domain).or_insert(list);
                if decides != list {
                    twice.push(format!(
                        "policy.{list} has {domain}, and policy.{decides} too, which decides: take it out of one of them"
                    ));
                }
            }
        }
        twice
    }

    /// The thresholds of a tier for an account of a class.
    pub fn thresholds(&self, tier: Tier, class: AccountClass) -> Option<&TierPolicy> {
        self.class_tiers.get(&(class, tier)).or_else(|| self.tiers.get(&tier))
    }
}
