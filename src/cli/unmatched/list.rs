//! A list of unmatched companies, from a server or counted here, and how it is told.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::Format;
use crate::cli::spreadsheet;
use crate::matching::Index;
use crate::parallel;
use crate::policy::Policy;
use crate::proto::v1;
use crate::tally::{Likeness, Suggestion, Tally, Unmatched, suggest};

/// A company; the fields are the columns, in order.
#[derive(Clone, Debug, Serialize)]
struct Row {
    company: String,
    domain: String,
    country: String,
    leads: u64,
    leads_error: u64,
    first_seen_time: String,
    last_seen_time: String,
    /// `declared`, `another_domain` or `alias`; with the next three `null` or empty where it looks like none.
    looks_like: Option<&'static str>,
    account_id: Option<String>,
    account_name: Option<String>,
    score_bps: Option<u16>,
}

/// Companies, those seen most first.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct List {
    /// Companies that were kept, and leads counted, in all.
    company_count: u64,
    lead_count: u64,
    companies: Vec<Row>,
}

impl List {
    /// What `tally` has counted, the `count_max` companies seen most.
    pub(in crate::cli) fn of(tally: &Tally, count_max: usize, index: &Index, policy: &Policy) -> List {
        let top = tally.top(count_max);
        let row = |company: &Unmatched| row(company.clone(), suggest(company, index, policy));
        List {
            company_count: top.company_count as u64,
            lead_count: top.lead_count,
            companies: parallel::map_in_order(&top.companies, parallel::threads(), row),
        }
    }

    pub(in crate::cli) fn told(&self, format: Format) -> String {
        match format {
            Format::Json => {
                format!("{}\n", serde_json::to_string_pretty(self).expect("numbers and texts"))
            }
            Format::Csv => self.csv(),
            Format::Text => self.text(),
        }
    }

    fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.write_record(COLUMNS).expect("memory takes it");
        for row in &self.companies {
            let account_name = row.account_name.as_deref().map(|name| spreadsheet::text(name).into_owned());
            let company = spreadsheet::text(&row.company).into_owned();
            writer.serialize(Row { company, account_name, ..row.clone() }).expect("memory takes it");
        }
        let bytes = writer.into_inner().expect("memory takes it");
        String::from_utf8(bytes).expect("rows are text")
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let counted = |count: u64, one: &str, several: &str| {
            format!("{count} {}", if count == 1 { one } else { several })
        };
        let companies = counted(self.company_count, "company", "companies");
        let _ = writeln!(text, "{companies} in {}", counted(self.lead_count, "lead", "leads"));
        if !self.companies.is_empty() {
            let _ = writeln!(text, "{:>9}  {:<30} {:<28} looks like", "leads", "company", "domain");
        }
        for row in &self.companies {
            let leads = match row.leads_error {
                0 => row.leads.to_string(),
                error => format!("{}..{}", row.leads, row.leads + error),
            };
            let company = if row.company.is_empty() { "-" } else { &row.company };
            let account = match (&row.account_name, &row.account_id) {
                (Some(name), Some(id)) => format!("{name} ({id})"),
                _ => String::new(),
            };
            let looks_like = match row.looks_like {
                Some("declared") => format!("the domain is {account}'s by now"),
                Some("another_domain") => format!("another domain of {account}"),
                Some(_) => format!("an alias of {account}"),
                None => String::new(),
            };
            let line = format!("{leads:>9}  {company:<30} {:<28} {looks_like}", row.domain);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

const COLUMNS: [&str; 11] = [
    "company",
    "domain",
    "country",
    "leads",
    "leads_error",
    "first_seen_time",
    "last_seen_time",
    "looks_like",
    "account_id",
    "account_name",
    "score_bps",
];

fn row(company: Unmatched, suggestion: Option<Suggestion>) -> Row {
    Row {
        company: company.company.unwrap_or_default(),
        domain: company.domain.to_string(),
        country: company.country.map(|country| country.to_string()).unwrap_or_default(),
        leads: company.lead_count,
        leads_error: company.lead_count_error,
        first_seen_time: company.first_seen.to_string(),
        last_seen_time: company.last_seen.to_string(),
        looks_like: suggestion.as_ref().map(|found| found.likeness.as_str()),
        account_id: suggestion.as_ref().map(|found| found.account_id.to_string()),
        account_name: suggestion.as_ref().map(|found| found.account_name.clone()),
        score_bps: suggestion.map(|found| found.score.bps()),
    }
}

impl From<v1::ListUnmatchedCompaniesResponse> for List {
    fn from(answer: v1::ListUnmatchedCompaniesResponse) -> List {
        List {
            company_count: count(answer.company_count),
            lead_count: count(answer.lead_count),
            companies: answer.companies.into_iter().map(remote_row).collect(),
        }
    }
}

/// The same as [`row`] for the same company.
fn remote_row(company: v1::UnmatchedCompany) -> Row {
    let suggestion = company.suggestion;
    let time = |at: Option<prost_types::Timestamp>| {
        let at = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
        at.map(|at| at.to_string()).unwrap_or_default()
    };
    Row {
        company: company.company,
        domain: company.domain,
        country: company.country,
        leads: count(company.lead_count),
        leads_error: count(company.lead_count_error),
        first_seen_time: time(company.first_seen_time),
        last_seen_time: time(company.last_seen_time),
        looks_like: suggestion.as_ref().map(|found| match found.likeness() {
            v1::Likeness::Declared => Likeness::Declared.as_str(),
            v1::Likeness::AnotherDomain => Likeness::AnotherDomain.as_str(),
            v1::Likeness::Alias | v1::Likeness::Unspecified => Likeness::Alias.as_str(),
        }),
        account_id: suggestion.as_ref().map(|found| found.account_id.clone()),
        account_name: suggestion.as_ref().map(|found| found.account_name.clone()),
        score_bps: suggestion.and_then(|found| u16::try_from(found.score_bps).ok()),
    }
}

fn count(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
