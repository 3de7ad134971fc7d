//! Rules that no earlier rule covers alone, but several do together: Germany, Austria, then both.
//!
//! The leads that a rule fits are cut into cells, in each of which every rule fits all combinations of reason, mail and account
//! that it accepts, or none: one cell for each country, domain and source that a rule names, and one for all others. A rule
//! is dead where earlier rules leave nothing in any cell.

use super::{Combinations, NurtureRule, possible, reachable_from};
use crate::normalize::RegistrableDomain;
use crate::policy::Policy;

/// Most cells that are looked at; past it a rule counts as alive. A rule for every country with ten sources has fewer.
const CELLS_MAX: usize = 4_096;

/// Values that rules name for a fact; `None` for all others.
type Values<'a, T> = Vec<Option<&'a T>>;

/// The earlier rules that together take every lead that would fit the rule at `at`, in order; `None` where one is left.
pub(super) fn covered(policy: &Policy, at: usize) -> Option<Vec<usize>> {
    let (earlier, rule) = (&policy.nurture_rules[..at], &policy.nurture_rules[at]);
    let accepted: Vec<Combinations> = earlier.iter().map(NurtureRule::accepts).collect();
    let countries = values(&rule.countries, earlier, |rule| &rule.countries);
    let domains = values(&rule.domains, earlier, |rule| &rule.domains);
    let sources = values(&rule.sources, earlier, |rule| &rule.sources);
    if countries.len().saturating_mul(domains.len()).saturating_mul(sources.len()) > CELLS_MAX {
        return None;
    }
    let mut takers = vec![false; at];
    for &domain in &domains {
        let fitting = fitting(rule, domain, policy);
        for &country in &countries {
            for &source in &sources {
                let mut left = fitting;
                for (at, one) in earlier.iter().enumerate() {
                    if left.is_empty() {
                        break;
                    }
                    if names(&one.countries, country)
                        && names(&one.domains, domain)
                        && names(&one.sources, source)
                    {
                        takers[at] |= left.take(&accepted[at]);
                    }
                }
                if !left.is_empty() {
                    return None;
                }
            }
        }
    }
    Some((0..at).filter(|at| takers[*at]).collect())
}

/// What a lead of this domain can have that fits the rule.
fn fitting(rule: &NurtureRule, domain: Option<&RegistrableDomain>, policy: &Policy) -> Combinations {
    let mut fitting = rule.accepts();
    fitting.keep(&Combinations::of(possible));
    if let Some(domain) = domain {
        fitting.keep(&reachable_from(std::slice::from_ref(domain), policy));
    }
    fitting
}

/// The values that the rule names, or where it names none those of the rules before it and all others.
fn values<'a, T: Ord>(
    own: &'a [T],
    earlier: &'a [NurtureRule],
    of: impl Fn(&'a NurtureRule) -> &'a [T],
) -> Values<'a, T> {
    if !own.is_empty() {
        return own.iter().map(Some).collect();
    }
    let mut named: Values<'a, T> = earlier.iter().flat_map(of).map(Some).chain([None]).collect();
    named.sort();
    named.dedup();
    named
}

/// True where a rule that names these values fits a lead with this one.
fn names<T: PartialEq>(named: &[T], value: Option<&T>) -> bool {
    named.is_empty() || value.is_some_and(|value| named.contains(value))
}
