//! The figures for people.

use std::io::{self, Write};

use crate::eval::{Figures, Ranking, Report};

/// Writes the report: by set and case, then tiers and calibration over all.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Routes: shares of the leads with an account; absent ones of those without")?;
    writeln!(
        out,
        "{:<44} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9}",
        "set, case",
        "leads",
        "absent",
        "right",
        "wrong",
        "review",
        "other",
        "missed",
        "a.routed",
        "a.review",
        "precision"
    )?;
    each(report, |name, figures| {
        let routes = &figures.routes;
        let shares = [
            routes.right,
            routes.wrong,
            routes.review_right,
            routes.review_other,
            routes.missed,
            routes.absent_routed,
            routes.absent_reviewed,
            routes.precision,
        ];
        write!(out, "{name:<44} {:>6} {:>6}", figures.with_account, figures.absent)?;
        for (at, share) in shares.iter().enumerate() {
            let width = [7, 7, 7, 7, 7, 8, 8, 9][at];
            if share.of == 0 {
                write!(out, " {:>width$}", "-")?
            } else {
                write!(out, " {:>width$.4}", share.share)?
            }
        }
        writeln!(out)
    })?;

    writeln!(
        out,
        "\nThe best candidate: by the name alone, then as submitted; accepted so that at most 1 % of"
    )?;
    writeln!(out, "the absent leads are over the threshold")?;
    writeln!(
        out,
        "{:<44} {:>6} {:>6} {:>9} {:>7} {:>7} {:>6}   {:>9} {:>7} {:>7} {:>6}",
        "set, case",
        "leads",
        "absent",
        "recall@1",
        "right",
        "wrong",
        "over",
        "recall@1",
        "right",
        "wrong",
        "over"
    )?;
    each(report, |name, figures| {
        if figures.by_name.with_account == 0 || figures.by_name.absent == 0 {
            return Ok(());
        }
        let ranking = |ranking: &Ranking| {
            format!(
                "{:>9.4} {:>7.4} {:>7.4} {:>6}",
                ranking.recall_at_1.share,
                ranking.right_at_threshold.share,
                ranking.wrong_at_threshold.share,
                ranking.threshold_bps
            )
        };
        let (by_name, as_submitted) = (ranking(&figures.by_name), ranking(&figures.as_submitted));
        let counts = &figures.by_name;
        writeln!(out, "{name:<44} {:>6} {:>6} {by_name}   {as_submitted}", counts.with_account, counts.absent)
    })?;

    writeln!(out, "\nTiers, over all: what was routed and how much of it rightly, with a 95 % interval;")?;
    writeln!(out, "then the best candidate whatever the route")?;
    for tier in &report.all.tiers {
        let (routed, best) = (tier.routed, tier.best);
        writeln!(
            out,
            "{:<18} {:>6} routed {:>7.4} ({:.4} to {:.4})   {:>6} best {:>7.4}",
            tier.tier, routed.of, routed.share, routed.low, routed.high, best.of, best.share
        )?;
    }

    writeln!(out, "\nCalibration, over all: how often the best candidate of a score is right")?;
    for band in &report.all.calibration {
        let best = band.best;
        writeln!(
            out,
            "{:>5} bps on {:>7} leads {:>7.4} ({:.4} to {:.4})",
            band.from_bps, best.of, best.share, best.low, best.high
        )?;
    }

    writeln!(out, "\nErrors, over all; --errors FILE lists them")?;
    report.mistakes.iter().try_for_each(|(kind, count)| writeln!(out, "{kind:<20} {count:>6}"))
}

/// Each set, its cases where there are several, and all.
fn each(report: &Report, mut row: impl FnMut(&str, &Figures) -> io::Result<()>) -> io::Result<()> {
    for set in &report.sets {
        row(&set.name, &set.all)?;
        if set.cases.len() > 1 {
            for (case, figures) in &set.cases {
                row(&format!("  {case}"), figures)?;
            }
        }
    }
    if report.sets.len() > 1 { row("all", &report.all) } else { Ok(()) }
}
