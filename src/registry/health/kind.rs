//! What can be found in a registry: each kind with its severity, what one of it is, and the remedy.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Severity {
    /// Leads wait for a person, or for nobody, until it is mended.
    Error,
    /// Leads can go astray, or evidence is lost.
    Warning,
    /// May be meant; worth a look now and then.
    Notice,
}

impl Severity {
    /// The word used in answers: `error`, `warning`, `notice`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the kinds, so that none is without its severity, meaning and remedy.
macro_rules! kinds {
    ($($kind:ident $word:literal $severity:ident $title:literal $remedy:literal)*) => {
        /// What is found, in the order of the report within one severity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $title] $kind,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// The word used in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $word,)* }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Kind::$kind => Severity::$severity,)* }
            }

            /// What one of it is, in the plural.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$kind => $title,)* }
            }

            /// What to do, in one sentence.
            pub fn remedy(self) -> &'static str {
                match self { $(Kind::$kind => $remedy,)* }
            }
        }
    };
}

kinds! {
    OwnerConflict "owner_conflict" Error "claims of several owners to one domain or name"
        "Give what is claimed to one owner, or list the other account in acknowledged_conflicts if both are meant."
    StrategicWithoutOwner "strategic_without_owner" Error "strategic accounts that nobody owns"
        "Set owner_id: a strategic account needs one accountable rep."
    UnknownOwner "unknown_owner" Error "owners who are not among the reps"
        "Add the rep, or give the accounts to one who is there."
    InactiveOwner "inactive_owner" Error "owners who are not active"
        "Give the accounts of a rep who has left to another: a stand-in is none for ever."
    NobodyActs "nobody_acts" Error "owners for whom nobody can act now"
        "Name a delegate or manager who is active and there, or give the accounts to another rep."
    MalformedRecord "malformed_record" Error "records that cannot be read"
        "Write the record again: until then it is left out, or its last good version stays."
    WithoutOwner "without_owner" Warning "named accounts that nobody owns"
        "Set owner_id, or make the account standard: its leads wait for a person."
    RollUpNowhere "roll_up_nowhere" Warning "accounts that rely on an owner above them, where there is none"
        "Give an account above it an owner, or set owner_id on the account itself."
    Duplicate "duplicate" Warning "accounts of one owner that look like one company"
        "Merge them and list the other ids in merged_ids, or set countries if they are branches."
    IndistinctName "indistinct_name" Warning "named accounts whose name is too common to be routed on"
        "Declare the account's e-mail domains, or add the longer name as an alias."
    FreeMailDomain "free_mail_domain" Warning "accounts with a free-mail domain"
        "Take the domain off: everybody has an address there, so it is no evidence; or overrule it in policy.domain_classes."
    DisposableDomain "disposable_domain" Warning "accounts with a disposable-mail domain"
        "Take the domain off: no lead is matched by it; or overrule it in policy.domain_classes."
    SharedHostDomain "shared_host_domain" Warning "accounts with a host of many as domain"
        "Take the domain off: many companies have addresses or pages there; or overrule it in policy.domain_classes."
    ExcludedDomain "excluded_domain" Warning "accounts with a domain whose leads are excluded"
        "Take the domain off the account or off the policy's list: leads from it never reach the owner."
    DanglingParent "dangling_parent" Warning "parents that are not in the registry"
        "Add the parent or empty parent_id; the link is ignored."
    ParentCycle "parent_cycle" Warning "parents that lead back to the account itself"
        "Empty parent_id of the topmost account; every link of the cycle is ignored."
    OverlongChain "overlong_chain" Warning "accounts under more parents than are followed"
        "Link the account to a nearer parent."
    OverCap "over_cap" Warning "reps with more named accounts than their account_cap"
        "Give accounts to another rep, make some standard, or raise the cap if that is meant."
    ZeroCap "zero_cap" Warning "reps with an account_cap of zero"
        "Set a number, or leave account_cap empty: a cap of zero allows no account at all."
    AwayWithoutDelegate "away_without_delegate" Warning "owners on leave, now or soon, without a delegate who can act"
        "Name a delegate for the leave, or a standing one in delegate_id."
    DelegateAway "delegate_away" Warning "owners whose delegate is away in the same days"
        "Name somebody who is there: a delegate's own delegate is not asked."
    UnfitStandIn "unfit_stand_in" Warning "delegates or managers who can never act"
        "Name another active rep in delegate_id, manager_id or away."
    UnknownStandIn "unknown_stand_in" Warning "delegates or managers who are not among the reps"
        "Add the rep or correct the id; the link is ignored."
    IgnoredValue "ignored_value" Warning "values that were ignored"
        "Correct the value or empty it."
    SameName "same_name" Warning "accounts that have this name already"
        "If it is the same company, change that account instead; if not, set countries and domains on both."
    StandardWithoutOwner "standard_without_owner" Notice "standard accounts that nobody owns"
        "Set owner_id if a rep should be preferred; otherwise a rotation takes their leads."
    SharedDomain "shared_domain" Notice "domains that several accounts declare"
        "Leave it where they are branches told apart by name or country; otherwise keep the domain on one."
    WithoutDomain "without_domain" Notice "named accounts without an e-mail domain"
        "Declare domains: a name alone is the weaker evidence."
    LargeBook "large_book" Notice "reps with more named accounts than the usual few dozen"
        "Name fewer: attention to each falls as the number rises."
    OverlappingLeaves "overlapping_leaves" Notice "reps whose leaves overlap"
        "Make it one leave: in the days that both cover the first one's delegate acts."
    StaleAcknowledgment "stale_acknowledgment" Notice "acknowledged conflicts that no longer exist"
        "Take the id out of acknowledged_conflicts, or it hides the next conflict of the two."
    NearName "near_name" Notice "accounts with a name near to this one"
        "Look whether it is the same company; if not, declare domains on both."
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
