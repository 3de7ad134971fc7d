//! Labelled leads and the registry they are asked against.
//!
//! A set is a folder with `accounts.csv` and `leads.csv`, or two files named one by one. Leads have the columns
//! of the contract, `expected_account_id` (empty: no account is the lead's company) and `case`, a word that
//! says what kind of lead it is.

use std::io;
use std::path::{Path, PathBuf};

use crate::account::AccountId;
use crate::lead::LeadFields;
use crate::matching::{Index, Revision};
use crate::registry::{self, LoadError, Quotes, Sources, column_name, separator};

/// Leads with a known answer, and the files of their registry.
#[derive(Clone, Debug, Default)]
pub struct CaseSet {
    /// The folder's name.
    pub name: String,
    /// Where the accounts and reps are.
    pub sources: Sources,
    /// Where the leads are.
    pub leads: PathBuf,
}

/// A lead and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabeledLead {
    /// The lead as submitted.
    pub fields: LeadFields,
    /// The account it belongs to; `None` where it belongs to none of the registry.
    pub expected: Option<AccountId>,
    /// What kind of lead it is; may be empty.
    pub case: String,
}

/// Why cases cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of leads makes no sense.
    #[error("{}: {why}", path.display())]
    BadLeads {
        /// Which.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// The registry is refused.
    #[error(transparent)]
    Registry(#[from] LoadError),
}

impl CaseSet {
    /// The sets of a folder: itself where it has leads and accounts, else its folders that have, by name.
    ///
    /// # Errors
    /// [`CasesError::Unreadable`] where the folder cannot be read, [`CasesError::BadLeads`] where it holds no
    /// set.
    pub fn discover(folder: &Path) -> Result<Vec<CaseSet>, CasesError> {
        if let Some(set) = CaseSet::of_folder(folder) {
            return Ok(vec![set]);
        }
        let unreadable = |source| CasesError::Unreadable { path: folder.to_owned(), source };
        let mut sets = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            sets.extend(CaseSet::of_folder(&entry.map_err(unreadable)?.path()));
        }
        sets.sort_by(|one, other| one.name.cmp(&other.name));
        if sets.is_empty() {
            let why = "holds no set of cases: a set is a folder with accounts.csv and leads.csv".to_owned();
            return Err(CasesError::BadLeads { path: folder.to_owned(), why });
        }
        Ok(sets)
    }

    fn of_folder(folder: &Path) -> Option<CaseSet> {
        let (accounts, reps, leads) =
            (folder.join("accounts.csv"), folder.join("reps.csv"), folder.join("leads.csv"));
        let name = folder.canonicalize().ok()?.file_name()?.to_string_lossy().into_owned();
        (accounts.is_file() && leads.is_file()).then(|| CaseSet {
            name,
            sources: Sources {
                accounts: vec![accounts],
                reps: reps.is_file().then_some(reps),
                strict: false,
            },
            leads,
        })
    }

    /// Reads the leads and builds the index.
    ///
    /// # Errors
    /// [`CasesError`]; a label that names no account of the registry is one.
    pub fn load(&self) -> Result<(Index, Vec<LabeledLead>), CasesError> {
        let bytes = std::fs::read(&self.leads)
            .map_err(|source| CasesError::Unreadable { path: self.leads.clone(), source })?;
        let bad = |why| CasesError::BadLeads { path: self.leads.clone(), why };
        let leads = read_leads(&bytes).map_err(bad)?;
        let index = Index::build(registry::load(&self.sources)?.registry, Revision(1));
        let unknown =
            |lead: &&LabeledLead| lead.expected.as_ref().is_some_and(|id| index.account(id).is_none());
        if let Some(lead) = leads.iter().find(unknown) {
            let id = lead.expected.as_ref().map(AccountId::as_str).unwrap_or_default();
            return Err(bad(format!(
                "expected_account_id {id} is no account of the registry: add the account, or leave the label \
                 empty if the lead has none"
            )));
        }
        Ok((index, leads))
    }
}

/// Leads of a CSV file with a header; what is wrong as a text.
fn read_leads(bytes: &[u8]) -> Result<Vec<LabeledLead>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Quotes::check(separator(bytes), bytes).map_err(|open| open.to_string())?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(bytes))
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows = reader.byte_records();
    let texts = |row: csv::ByteRecord| -> Vec<String> {
        row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    };
    let columns: Vec<String> = match rows.next() {
        Some(Ok(row)) => texts(row).iter().map(|name| column_name(name)).collect(),
        _ => Vec::new(),
    };
    if !columns.iter().any(|column| column == "expected_account_id") {
        return Err("the first line must name the columns, expected_account_id among them: it says whose \
                    each lead is, empty for nobody's"
            .into());
    }
    let mut leads = Vec::new();
    for row in rows {
        let row = row.map_err(|error| format!("is not CSV: {error}"))?;
        let mut lead = LabeledLead::default();
        for (column, value) in columns.iter().zip(texts(row)) {
            let field = match column.as_str() {
                "lead_id" => &mut lead.fields.lead_id,
                "company" => &mut lead.fields.company,
                "email" => &mut lead.fields.email,
                "website" => &mut lead.fields.website,
                "country" => &mut lead.fields.country,
                "region" => &mut lead.fields.region,
                "postal_code" => &mut lead.fields.postal_code,
                "phone" => &mut lead.fields.phone,
                "source" => &mut lead.fields.source,
                "job_title" => &mut lead.fields.job_title,
                "known_account_id" => &mut lead.fields.known_account_id,
                "case" => &mut lead.case,
                "expected_account_id" => {
                    lead.expected = AccountId::new(&value);
                    continue;
                }
                _ => continue,
            };
            *field = value;
        }
        leads.push(lead);
    }
    Ok(leads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_may_be_empty_and_unknown_columns_are_passed_over() {
        let text = "lead_id,company,shoe,expected_account_id,case\n1,Acme,44,A1,variant\n2,Apex,,,absent\n";
        let leads = read_leads(text.as_bytes()).unwrap();
        assert_eq!(leads[0].expected, AccountId::new("A1"));
        assert_eq!(leads[0].fields.company, "Acme");
        assert_eq!((&leads[1].expected, leads[1].case.as_str()), (&None, "absent"));
    }

    #[test]
    fn leads_without_labels_are_refused() {
        let refused = read_leads(b"lead_id,company\n1,Acme\n").unwrap_err();
        assert!(refused.contains("expected_account_id"), "{refused}");
    }

    #[test]
    fn a_quote_left_open_is_refused_with_its_line() {
        let text = "company,expected_account_id\nAcme,A1\n\"Apex,A2\nGlobex,A3\n";
        let refused = read_leads(text.as_bytes()).unwrap_err();
        assert!(refused.starts_with("line 3: a quoted value begins here and never ends"), "{refused}");
    }

    #[test]
    fn a_folder_is_a_set_or_holds_sets() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(CaseSet::discover(folder.path()), Err(CasesError::BadLeads { .. })));
        for name in ["two", "one"] {
            let set = folder.path().join(name);
            std::fs::create_dir(&set).unwrap();
            std::fs::write(set.join("accounts.csv"), "id,name\nA1,Acme\n").unwrap();
            std::fs::write(set.join("leads.csv"), "company,expected_account_id\nAcme,A1\n").unwrap();
        }
        let names = |sets: Vec<CaseSet>| sets.into_iter().map(|set| set.name).collect::<Vec<_>>();
        assert_eq!(names(CaseSet::discover(folder.path()).unwrap()), ["one", "two"]);
        assert_eq!(names(CaseSet::discover(&folder.path().join("two")).unwrap()), ["two"]);
    }

    #[test]
    fn a_label_that_names_no_account_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("accounts.csv"), "id,name\nA1,Acme\n").unwrap();
        std::fs::write(folder.path().join("leads.csv"), "company,expected_account_id\nAcme,A2\n").unwrap();
        let refused = CaseSet::discover(folder.path()).unwrap()[0].load().unwrap_err().to_string();
        assert!(refused.contains("A2 is no account"), "{refused}");
    }
}
