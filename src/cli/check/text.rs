//! A report for people.

use std::io::{self, Write};

use crate::cli::source::counted;
use crate::registry::health::Report;

/// Writes a report, the severest first. `name` is that of the account it is about, where it is about one.
pub(super) fn write(report: &Report, name: Option<&str>, to: &mut dyn Write) -> io::Result<()> {
    let (accounts, reps) = (counted(report.account_count, "account"), counted(report.rep_count, "rep"));
    match name {
        None => write!(to, "{accounts}, {reps}: ")?,
        Some(name) => write!(to, "\"{name}\" beside {accounts}, {reps}: ")?,
    }
    if report.findings.is_empty() {
        return writeln!(to, "nothing found");
    }
    let counts = [
        counted(report.error_count, "error"),
        counted(report.warning_count, "warning"),
        counted(report.notice_count, "notice"),
    ];
    writeln!(to, "{}", counts.join(", "))?;
    for finding in &report.findings {
        writeln!(
            to,
            "\n{} {}: {}, {}",
            finding.severity,
            finding.kind.as_str(),
            finding.count,
            finding.title
        )?;
        for offender in &finding.worst {
            writeln!(to, "  {}", offender.text)?;
        }
        let more = finding.count - finding.worst.len();
        if more > 0 {
            writeln!(to, "  … and {more} more")?;
        }
        writeln!(to, "  -> {}", finding.remedy)?;
    }
    Ok(())
}
