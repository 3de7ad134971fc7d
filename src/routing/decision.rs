//! The decision: a value with its evidence.

mod reason;

pub use reason::{Note, NurtureReason, ReviewReason};

use compact_str::CompactString;

use crate::account::{AccountClass, AccountId, Alert, NameKind, RepId, TeamMember};
use crate::lead::LeadWarning;
use crate::normalize::RegistrableDomain;
use crate::score::Score;

/// What a match rests on. The order is the order of strength: the first is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The caller knew the account.
    KnownAccount,
    /// E-mail domain same, name same or similar.
    DomainAndName,
    /// E-mail domain same, name missing, uninformative or fitting no other account.
    Domain,
    /// Equal match keys with enough distinctive weight, no contradiction.
    NameExact,
    /// Near keys plus support, no contradiction.
    NameNear,
    /// Equal or near keys, but the e-mail domain contradicts.
    NameContradicted,
    /// Near keys and nothing else.
    NameOnlyNear,
    /// Parent or child of an account that matched.
    Related,
}

impl Tier {
    /// Every tier, strongest first.
    pub const ALL: [Tier; 8] = [
        Tier::KnownAccount,
        Tier::DomainAndName,
        Tier::Domain,
        Tier::NameExact,
        Tier::NameNear,
        Tier::NameContradicted,
        Tier::NameOnlyNear,
        Tier::Related,
    ];

    /// The tier's name in answers and configuration: `DOMAIN_AND_NAME` …
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::KnownAccount => "KNOWN_ACCOUNT",
            Tier::DomainAndName => "DOMAIN_AND_NAME",
            Tier::Domain => "DOMAIN",
            Tier::NameExact => "NAME_EXACT",
            Tier::NameNear => "NAME_NEAR",
            Tier::NameContradicted => "NAME_CONTRADICTED",
            Tier::NameOnlyNear => "NAME_ONLY_NEAR",
            Tier::Related => "RELATED",
        }
    }
}

/// How one field of a lead compares with the account's, in Dun & Bradstreet's letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grade {
    /// Same.
    A,
    /// Similar.
    B,
    /// Different.
    F,
    /// Missing on either side, or unusable.
    #[default]
    Z,
}

impl Grade {
    /// The letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::F => "F",
            Grade::Z => "Z",
        }
    }
}

/// One grade per field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grades {
    /// Company name.
    pub name: Grade,
    /// E-mail domain.
    pub email_domain: Grade,
    /// Typed website.
    pub website: Grade,
    /// Country.
    pub country: Grade,
    /// State or province.
    pub region: Grade,
    /// Postal code.
    pub postal_code: Grade,
    /// Phone.
    pub phone: Grade,
}

/// An account that was compared with the lead, and how it fared. Its names are short as a rule, so they stand in place.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateSummary {
    /// The account.
    pub account_id: AccountId,
    /// Its current name.
    pub account_name: CompactString,
    /// Its class.
    pub class: AccountClass,
    /// Its owner, after roll-up; `None` if nobody owns it.
    pub owner_id: Option<RepId>,
    /// What the match rests on; `None` for a candidate under every tier.
    pub tier: Option<Tier>,
    /// Evidence over all fields.
    pub score: Score,
    /// Similarity of the names alone.
    pub name_similarity: Score,
    /// Field by field.
    pub grades: Grades,
    /// The account's name that matched best, with its kind; `None` where no name was compared.
    pub matched_name: Option<(NameKind, CompactString)>,
    /// The declared domain that matched; `None` where none did.
    pub matched_domain: Option<RegistrableDomain>,
    /// Why this candidate lost, one clause; empty for the winner.
    pub lost_because: String,
}

/// A rep as named in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerSummary {
    /// Who.
    pub rep_id: RepId,
    /// The name colleagues use.
    pub name: CompactString,
    /// Where alerts go; empty if unknown.
    pub email: CompactString,
}

/// In which capacity somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActingRole {
    /// The owner.
    Owner,
    /// The owner's delegate, while the owner is away.
    Delegate,
    /// The owner's manager, since the delegate cannot.
    Manager,
}

/// The rep who acts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingRep {
    /// Who.
    pub rep: OwnerSummary,
    /// As what.
    pub role: ActingRole,
}

/// Which layer of the routing decided, or was overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Own company, listed competitor, test, blocklist.
    Exclusion,
    /// A named account.
    NamedAccount,
    /// The owner of a parent.
    HierarchyRollUp,
    /// A standard account.
    StandardAccount,
    /// Role mailbox, student, job seeker, partner: only when no named account matches.
    SoftExclusion,
    /// Nobody.
    Nurture,
}

impl Layer {
    /// The layer's name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Exclusion => "EXCLUSION",
            Layer::NamedAccount => "NAMED_ACCOUNT",
            Layer::HierarchyRollUp => "HIERARCHY_ROLL_UP",
            Layer::StandardAccount => "STANDARD_ACCOUNT",
            Layer::SoftExclusion => "SOFT_EXCLUSION",
            Layer::Nurture => "NURTURE",
        }
    }
}

/// The lead has an owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerRoute {
    /// The account that matched.
    pub account: CandidateSummary,
    /// Where the account is found in the CRM; empty if unknown.
    pub crm_url: String,
    /// What the rep keeps on file.
    pub context: Vec<(String, String)>,
    /// The one rep who is accountable.
    pub owner: OwnerSummary,
    /// The rep who acts now.
    pub acting: ActingRep,
    /// Reps who get a copy.
    pub team: Vec<TeamMember>,
    /// How loudly the acting rep is told.
    pub alert: Alert,
    /// The layer that decided.
    pub decided_by: Layer,
    /// What it overrode: other accounts with a weaker claim, with the layer they stood in.
    pub overrode: Vec<(Layer, AccountId)>,
    /// The rule that chose among several accounts of this owner; empty where there was only one.
    pub tie_break: &'static str,
}

/// An account that could claim the lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimant {
    /// The account and its evidence.
    pub candidate: CandidateSummary,
    /// Its owner; `None` if nobody.
    pub owner: Option<OwnerSummary>,
}

/// A person must look before anybody gets the lead.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewRoute {
    /// Why.
    pub reason: ReviewReason,
    /// The queue's name.
    pub queue: String,
    /// Everybody who could claim the lead, strongest first; at most [`crate::matching::RUNNER_UPS_MAX`].
    pub claimants: Vec<Claimant>,
    /// The account the evidence favours, if any.
    pub suggested_account_id: Option<AccountId>,
    /// The layer in which the claimants stand, the named ones first.
    pub decided_by: Layer,
}

/// Nobody gets the lead.
#[derive(Clone, Debug, PartialEq)]
pub struct NurtureRoute {
    /// Why.
    pub reason: NurtureReason,
    /// The campaign's name.
    pub track: String,
    /// The policy rule that chose the track.
    pub rule: String,
    /// The layer that decided.
    pub decided_by: Layer,
    /// The standard account whose claim an exclusion overrode, with its layer.
    pub overrode: Vec<(Layer, AccountId)>,
}

/// Where the lead goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// To the owner.
    Owner(Box<OwnerRoute>),
    /// To a person who decides.
    Review(Box<ReviewRoute>),
    /// To a campaign.
    Nurture(NurtureRoute),
}

/// Whose lead it is, with the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Where the lead goes.
    pub route: Route,
    /// True: no rotation may take this lead, whatever the route.
    pub do_not_round_robin: bool,
    /// The reason of a review that policy mapped to another route.
    pub mapped_from_review: Option<ReviewReason>,
    /// What the best match rests on; `None` if nothing matched.
    pub tier: Option<Tier>,
    /// Evidence for the best candidate over all fields; 0 where there is none.
    pub score: Score,
    /// Similarity of the names alone.
    pub name_similarity: Score,
    /// Field by field, for the best candidate.
    pub grades: Grades,
    /// The best candidate whatever the route; `None` when none reaches 3 000 bps.
    pub best: Option<CandidateSummary>,
    /// The next best accounts, best first; at most [`crate::matching::RUNNER_UPS_MAX`].
    pub runner_ups: Vec<CandidateSummary>,
    /// What is wrong with fields of the lead.
    pub warnings: Vec<LeadWarning>,
    /// Facts that did not change the route.
    pub notes: Vec<Note>,
    /// One plain sentence that a rep can read. Holds names of the registry, never text of the lead.
    pub sentence: String,
}

impl Decision {
    /// A decision for nurture without any candidate.
    pub fn nurture(reason: NurtureReason, track: String, rule: &str) -> Decision {
        Decision {
            do_not_round_robin: reason.is_exclusion(),
            route: Route::Nurture(NurtureRoute {
                reason,
                track,
                rule: rule.into(),
                decided_by: Layer::Nurture,
                overrode: Vec::new(),
            }),
            mapped_from_review: None,
            tier: None,
            score: Score::ZERO,
            name_similarity: Score::ZERO,
            grades: Grades::default(),
            best: None,
            runner_ups: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            sentence: String::new(),
        }
    }

    /// `owner`, `review` or `nurture`.
    pub fn route_name(&self) -> &'static str {
        match self.route {
            Route::Owner(_) => "owner",
            Route::Review(_) => "review",
            Route::Nurture(_) => "nurture",
        }
    }
}
