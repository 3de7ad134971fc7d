//! The companies that leads name and the registry lacks, with what they look like in it.

use tonic::Status;

use super::failure;
use crate::grpc::encode::timestamp;
use crate::grpc::status;
use crate::proto::v1;
use crate::serving::{InForce, Serving};
use crate::tally::{Likeness, Suggestion, Unmatched, suggest};

/// Companies of an answer where the caller does not say.
const TOP_DEFAULT: i32 = 100;
/// Most companies of an answer: each is searched for in the registry.
const TOP_MAX: i32 = 1_000;

/// The companies seen most. Searches for each of them, so not on a thread that serves leads.
pub(super) fn list(serving: &Serving, top_count: i32) -> Result<v1::ListUnmatchedCompaniesResponse, Status> {
    if top_count < 0 {
        return Err(failure::invalid("top_count", "is under 0: leave it out, or say how many"));
    }
    let in_force = serving.load().ok_or_else(status::index_not_loaded)?;
    let count = if top_count == 0 { TOP_DEFAULT } else { top_count.min(TOP_MAX) };
    let top = serving.tally().top(count as usize);
    Ok(v1::ListUnmatchedCompaniesResponse {
        companies: top.companies.into_iter().map(|company| message(company, &in_force)).collect(),
        company_count: top.company_count as i64,
        lead_count: whole(top.lead_count),
        index_revision: whole(in_force.index.revision().0),
    })
}

fn message(company: Unmatched, in_force: &InForce) -> v1::UnmatchedCompany {
    let suggestion = suggest(&company, &in_force.index, &in_force.policy.policy);
    v1::UnmatchedCompany {
        company: company.company.unwrap_or_default(),
        domain: company.domain.to_string(),
        country: company.country.map(|country| country.to_string()).unwrap_or_default(),
        lead_count: whole(company.lead_count),
        lead_count_error: whole(company.lead_count_error),
        first_seen_time: Some(timestamp(company.first_seen)),
        last_seen_time: Some(timestamp(company.last_seen)),
        suggestion: suggestion.map(told),
    }
}

fn told(suggestion: Suggestion) -> v1::AccountSuggestion {
    v1::AccountSuggestion {
        account_id: suggestion.account_id.to_string(),
        account_name: suggestion.account_name,
        likeness: match suggestion.likeness {
            Likeness::Declared => v1::Likeness::Declared,
            Likeness::AnotherDomain => v1::Likeness::AnotherDomain,
            Likeness::Alias => v1::Likeness::Alias,
        }
        .into(),
        score_bps: i32::from(suggestion.score.bps()),
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
