//! `--errors`: what went wrong, one row a lead.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::cli::spreadsheet;
use crate::eval::mistakes::{Evidence, Mistake};

/// Writes the mistakes: JSON Lines where the file's name ends so, else CSV with the features in one cell.
pub(super) fn write(path: &Path, mistakes: &[Mistake]) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let ending = path.extension().unwrap_or_default();
    if ending == "jsonl" || ending == "ndjson" {
        for mistake in mistakes {
            serde_json::to_writer(&mut out, mistake)?;
            out.write_all(b"\n")?;
        }
        return out.flush();
    }
    let mut rows = csv::Writer::from_writer(&mut out);
    let mut header: Vec<String> =
        ["set", "lead_id", "case", "kind", "company", "email_domain"].map(String::from).to_vec();
    for side in ["chosen", "expected"] {
        header.extend(COLUMNS.map(|column| format!("{side}_{column}")));
    }
    rows.write_record(&header)?;
    for mistake in mistakes {
        let Mistake { set, lead_id, case, kind, company, email_domain, chosen, expected } = mistake;
        let (lead_id, company) = (spreadsheet::id(lead_id), spreadsheet::text(company));
        let mut row: Vec<String> =
            [set.as_str(), &lead_id, case, kind.as_str(), &company, email_domain].map(String::from).to_vec();
        for side in [chosen, expected] {
            match side {
                Some(evidence) => row.extend(cells(evidence)),
                None => row.extend(COLUMNS.map(|_| String::new())),
            }
        }
        rows.write_record(&row)?;
    }
    rows.flush()?;
    drop(rows);
    out.flush()
}

const COLUMNS: [&str; 9] = [
    "account_id",
    "name",
    "matched_name",
    "place",
    "tier",
    "score_bps",
    "name_similarity_bps",
    "grades",
    "features",
];

/// As [`COLUMNS`] names them.
fn cells(evidence: &Evidence) -> [String; 9] {
    let features: Vec<String> =
        evidence.features.iter().map(|(name, value)| format!("{name}={value:.4}")).collect();
    [
        evidence.account_id.clone(),
        spreadsheet::text(&evidence.name).into_owned(),
        spreadsheet::text(evidence.matched_name.as_deref().unwrap_or_default()).into_owned(),
        evidence.place.map(|place| place.to_string()).unwrap_or_default(),
        evidence.tier.unwrap_or_default().to_owned(),
        evidence.score_bps.to_string(),
        evidence.name_similarity_bps.to_string(),
        evidence.grades.clone(),
        features.join(" "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::mistakes::Kind;

    fn mistake() -> Mistake {
        let chosen = Evidence {
            account_id: "a1".into(),
            name: "Zyxtorin, Ltd".into(),
            features: vec![("order", 1.0)],
            ..Evidence::default()
        };
        Mistake {
            set: "toy".into(),
            lead_id: "l1".into(),
            case: "variant".into(),
            kind: Kind::FalseMatch,
            company: "=Zyxtorin".into(),
            email_domain: String::new(),
            chosen: Some(chosen),
            expected: None,
        }
    }

    #[test]
    fn every_row_has_the_columns_of_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors.csv");
        write(&path, &[mistake()]).unwrap();
        let mut rows = csv::Reader::from_path(&path).unwrap();
        let header = rows.headers().unwrap().clone();
        let row = rows.records().next().unwrap().unwrap();
        let cell = |column: &str| &row[header.iter().position(|name| name == column).unwrap()];
        assert_eq!((cell("kind"), cell("chosen_name")), ("false_match", "Zyxtorin, Ltd"));
        assert_eq!(cell("company"), "'=Zyxtorin");
        assert_eq!((cell("chosen_features"), cell("expected_name")), ("order=1.0000", ""));
    }

    #[test]
    fn json_lines_are_chosen_by_the_name_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors.jsonl");
        write(&path, &[mistake(), mistake()]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((text.lines().count(), first["kind"].as_str()), (2, Some("false_match")));
    }
}
