//! Medians over rounds, and how they are printed.

use std::time::Duration;

use super::drive::Round;

/// What one server did in one case: medians over its rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) leads_per_cpu_s: f64,
    pub(crate) cpu_us: f64,
    leads_per_s: f64,
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    /// Share of the answers that are not what they must be.
    pub(crate) unexpected: f64,
}

impl Figures {
    pub(crate) fn of(rounds: &[Round]) -> Figures {
        let over = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
        let at = |share: f64| over(&|round| percentile(&round.latencies, share).as_secs_f64() * 1e6);
        let cpu_us = over(&|round| round.cpu.as_secs_f64() * 1e6 / round.leads.max(1) as f64);
        Figures {
            leads_per_cpu_s: 1e6 / cpu_us,
            cpu_us,
            leads_per_s: over(&|round| round.leads as f64 / round.wall.as_secs_f64()),
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
            unexpected: over(&|round| round.unexpected as f64 / round.leads.max(1) as f64),
        }
    }

    pub(crate) fn head() {
        println!(
            "{:<34} {:<10} {:>13} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>8}",
            "case",
            "server",
            "leads/cpu-s",
            "cpu us",
            "leads/s",
            "p50 us",
            "p99 us",
            "p99.9 us",
            "ratio",
            "above us"
        );
    }

    /// One line, beside the server that does nothing.
    pub(crate) fn line(&self, case: &str, server: &str, noop: Option<&Figures>) {
        let ratio = noop.map_or(1.0, |noop| self.leads_per_cpu_s / noop.leads_per_cpu_s);
        let above = noop.map_or(0.0, |noop| self.cpu_us - noop.cpu_us);
        println!(
            "{case:<34} {server:<10} {:>13.0} {:>8.2} {:>8.0} {:>8.0} {:>8.0} {:>9.0} {ratio:>7.2} {above:>8.2}",
            self.leads_per_cpu_s, self.cpu_us, self.leads_per_s, self.p50_us, self.p99_us, self.p999_us
        );
    }
}

/// Of sorted times, the one that this share does not exceed; zero of none.
fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
