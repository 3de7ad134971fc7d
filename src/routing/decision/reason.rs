//! Why a decision is what it is, in the words of the contract.

/// Why a person must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewReason {
    /// Different owners claim the lead with evidence of equal rank.
    OwnerConflict,
    /// The best candidate of another owner is too close.
    Ambiguous,
    /// Plausible, not certain.
    LowConfidence,
    /// The account's owner, delegate and manager are all unable to act, or it has no owner.
    NoActiveOwner,
    /// The e-mail domain imitates a registered one.
    SuspiciousDomain,
    /// The e-mail address is a throw-away one.
    DisposableMail,
}

impl ReviewReason {
    /// The reason's name in answers and configuration: `OWNER_CONFLICT` …
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewReason::OwnerConflict => "OWNER_CONFLICT",
            ReviewReason::Ambiguous => "AMBIGUOUS",
            ReviewReason::LowConfidence => "LOW_CONFIDENCE",
            ReviewReason::NoActiveOwner => "NO_ACTIVE_OWNER",
            ReviewReason::SuspiciousDomain => "SUSPICIOUS_DOMAIN",
            ReviewReason::DisposableMail => "DISPOSABLE_MAIL",
        }
    }
}

/// Why nobody gets the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NurtureReason {
    /// No account matches.
    NoMatch,
    /// Nothing to go by but a free-mail address.
    FreeMailOnly,
    /// A standard account matches for which nobody can act.
    UnownedStandard,
    /// The seller's own people.
    OwnCompany,
    /// A listed competitor.
    Competitor,
    /// A listed partner.
    Partner,
    /// A test submission.
    Test,
    /// On the blocklist.
    Blocklisted,
    /// A role mailbox (`info@`) of no named account.
    RoleMailbox,
    /// A student.
    Student,
    /// A job seeker.
    JobSeeker,
}

impl NurtureReason {
    /// Every reason, in the order of the contract.
    pub const ALL: [NurtureReason; 11] = [
        NurtureReason::NoMatch,
        NurtureReason::FreeMailOnly,
        NurtureReason::UnownedStandard,
        NurtureReason::OwnCompany,
        NurtureReason::Competitor,
        NurtureReason::Partner,
        NurtureReason::Test,
        NurtureReason::Blocklisted,
        NurtureReason::RoleMailbox,
        NurtureReason::Student,
        NurtureReason::JobSeeker,
    ];

    /// True for exclusions by the e-mail domain that hold whatever the lead matches.
    pub fn is_before_matching(self) -> bool {
        use NurtureReason::{Blocklisted, Competitor, OwnCompany, Test};
        matches!(self, OwnCompany | Competitor | Test | Blocklisted)
    }

    /// True for exclusions: no rotation may take the lead either.
    pub fn is_exclusion(self) -> bool {
        !matches!(self, NurtureReason::NoMatch | NurtureReason::FreeMailOnly | NurtureReason::UnownedStandard)
    }

    /// The reason's name in answers: `NO_MATCH` …
    pub fn as_str(self) -> &'static str {
        match self {
            NurtureReason::NoMatch => "NO_MATCH",
            NurtureReason::FreeMailOnly => "FREE_MAIL_ONLY",
            NurtureReason::UnownedStandard => "UNOWNED_STANDARD",
            NurtureReason::OwnCompany => "OWN_COMPANY",
            NurtureReason::Competitor => "COMPETITOR",
            NurtureReason::Partner => "PARTNER",
            NurtureReason::Test => "TEST",
            NurtureReason::Blocklisted => "BLOCKLISTED",
            NurtureReason::RoleMailbox => "ROLE_MAILBOX",
            NurtureReason::Student => "STUDENT",
            NurtureReason::JobSeeker => "JOB_SEEKER",
        }
    }
}

/// A fact about the lead that did not change the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// A role mailbox.
    RoleMailbox,
    /// A student.
    Student,
    /// A job seeker.
    JobSeeker,
    /// A listed partner.
    Partner,
    /// The e-mail address is with a mail provider for everybody.
    FreeMail,
    /// The e-mail domain differs from a registered one by a likely slip or trick of spelling.
    LookAlikeDomain,
    /// The typed name is not the account's, whose domain matched.
    NameDiffers,
    /// A conflict of owners that the registry acknowledges.
    AcknowledgedConflict,
    /// Review was mapped to another route by policy.
    MappedFromReview,
}

impl Note {
    /// The note's name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Note::RoleMailbox => "ROLE_MAILBOX",
            Note::Student => "STUDENT",
            Note::JobSeeker => "JOB_SEEKER",
            Note::Partner => "PARTNER",
            Note::FreeMail => "FREE_MAIL",
            Note::LookAlikeDomain => "LOOK_ALIKE_DOMAIN",
            Note::NameDiffers => "NAME_DIFFERS",
            Note::AcknowledgedConflict => "ACKNOWLEDGED_CONFLICT",
            Note::MappedFromReview => "MAPPED_FROM_REVIEW",
        }
    }
}
