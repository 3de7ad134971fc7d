//! The core's enums in the contract's numbers. Each match is exhaustive: a new variant needs a new number.

use crate::account::{AccountClass, Alert, NameKind};
use crate::lead::LeadProblem;
use crate::proto::v1;
use crate::routing::{ActingRole, Grade, Layer, Note, NurtureReason, ReviewReason, Tier};
use crate::serving::Source;

macro_rules! same_names {
    ($($name:ident { $($variant:ident),+ $(,)? })+) => {$(
        impl From<$name> for v1::$name {
            fn from(value: $name) -> v1::$name {
                match value {
                    $($name::$variant => v1::$name::$variant),+
                }
            }
        }
    )+};
}

same_names! {
    Tier {
        KnownAccount, DomainAndName, Domain, NameExact, NameNear, NameContradicted, NameOnlyNear, Related,
    }
    Grade { A, B, F, Z }
    AccountClass { Strategic, Major, Named, Standard }
    NameKind { Current, Alias, Trading, Former }
    Alert { Now, Digest, Silent }
    ActingRole { Owner, Delegate, Manager }
    Layer { Exclusion, NamedAccount, HierarchyRollUp, StandardAccount, SoftExclusion, Nurture }
    ReviewReason {
        OwnerConflict, Ambiguous, LowConfidence, NoActiveOwner, SuspiciousDomain, DisposableMail,
    }
    NurtureReason {
        NoMatch, FreeMailOnly, UnownedStandard, OwnCompany, Competitor, Partner, Test, Blocklisted,
        RoleMailbox, Student, JobSeeker,
    }
    Note {
        RoleMailbox, Student, JobSeeker, Partner, FreeMail, LookAlikeDomain, NameDiffers,
        AcknowledgedConflict, MappedFromReview,
    }
}

impl From<Source> for v1::RegistrySource {
    fn from(source: Source) -> v1::RegistrySource {
        match source {
            Source::File => v1::RegistrySource::File,
            Source::Redis => v1::RegistrySource::Redis,
            Source::Snapshot => v1::RegistrySource::Snapshot,
        }
    }
}

impl From<LeadProblem> for v1::WarningCode {
    fn from(problem: LeadProblem) -> v1::WarningCode {
        match problem {
            LeadProblem::Cut { .. } => v1::WarningCode::Cut,
            LeadProblem::TooLong { .. } => v1::WarningCode::TooLong,
            LeadProblem::NothingToCompare => v1::WarningCode::NothingToCompare,
            LeadProblem::Domain(_) => v1::WarningCode::NoRegistrableDomain,
            LeadProblem::UnknownCountry => v1::WarningCode::UnknownCountry,
            LeadProblem::TooFewDigits => v1::WarningCode::TooFewDigits,
            LeadProblem::UnknownAccount => v1::WarningCode::UnknownAccount,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The core's names and the contract's must not drift apart: logs and files use the first.
    fn check(core_name: &str, contract_name: &str, prefix: &str) {
        assert_eq!(contract_name, format!("{prefix}{core_name}"));
    }

    #[test]
    fn tiers_are_called_the_same_in_the_core_and_in_the_contract() {
        for tier in Tier::ALL {
            check(tier.as_str(), v1::Tier::from(tier).as_str_name(), "TIER_");
        }
    }

    #[test]
    fn reasons_are_called_the_same_in_the_core_and_in_the_contract() {
        let review = [ReviewReason::OwnerConflict, ReviewReason::NoActiveOwner, ReviewReason::DisposableMail];
        for reason in review {
            check(reason.as_str(), v1::ReviewReason::from(reason).as_str_name(), "REVIEW_REASON_");
        }
        let nurture = [NurtureReason::NoMatch, NurtureReason::FreeMailOnly, NurtureReason::JobSeeker];
        for reason in nurture {
            check(reason.as_str(), v1::NurtureReason::from(reason).as_str_name(), "NURTURE_REASON_");
        }
    }
}
