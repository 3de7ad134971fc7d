//! The decision put together: the route and, beside it, the evidence that every answer carries.

use jiff::Timestamp;

use super::contest::Contender;
use super::decision::{
    ActingRep, CandidateSummary, Claimant, Decision, Layer, Note, NurtureReason, NurtureRoute, OwnerRoute,
    ReviewReason, ReviewRoute, Route,
};
use super::{acting, hierarchy, sentence};
use crate::account::{AccountId, Alert, Rep};
use crate::lead::Lead;
use crate::matching::{AccountMatch, Found, Index, PreparedAccount, RUNNER_UPS_MAX};
use crate::policy::{NurtureFacts, Policy, ReviewMapping};

/// What a decision is made from.
#[derive(Debug)]
pub(super) struct Answer<'l, 'a> {
    pub(super) lead: &'l Lead,
    pub(super) found: &'l Found<'a>,
    pub(super) index: &'a Index,
    pub(super) policy: &'l Policy,
    pub(super) now: Timestamp,
    pub(super) notes: Vec<Note>,
    /// What excludes the lead unless a named account matches, with the name of the rule.
    pub(super) excluded: Option<(NurtureReason, &'static str)>,
}

impl Answer<'_, '_> {
    pub(super) fn owner(
        &self,
        winner: Contender<'_>,
        answering: &PreparedAccount,
        owner: &Rep,
        acting: ActingRep,
        tie_break: &'static str,
        overrode: Vec<Contender<'_>>,
    ) -> Decision {
        let account = winner.found.account;
        let named = winner.is_named();
        let decided_by = match (named, answering.id == account.id) {
            (true, true) => Layer::NamedAccount,
            (true, false) => Layer::HierarchyRollUp,
            (false, _) => Layer::StandardAccount,
        };
        let mut overridden: Vec<_> = overrode.iter().map(stands_in).collect();
        let own_owner = || account.owner_id.as_ref().and_then(|own| self.index.rep(own));
        if answering.id != account.id && own_owner().is_some_and(|own| own.id != owner.id) {
            overridden.insert(0, stands_in(&winner));
        }
        let alert = account.alert.or_else(|| self.policy.alerts.get(&account.class).copied());
        let sentence = sentence::owner(&winner, owner, &acting);
        let (crm_url, context, team) = account.on_file();
        let route = OwnerRoute {
            account: summary(winner.found, winner.answering, ""),
            crm_url: crm_url.to_owned(),
            context: context.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            owner: acting::summary(owner),
            acting,
            team: team.collect(),
            alert: alert.unwrap_or(Alert::Now),
            decided_by,
            overrode: overridden,
            tie_break,
        };
        self.finish(Route::Owner(Box::new(route)), named, Some(&winner), sentence)
    }

    pub(super) fn review(&self, reason: ReviewReason, claimants: Vec<Contender<'_>>) -> Decision {
        let mapped = self
            .policy
            .review_maps_to
            .get(&reason)
            .and_then(|mapping| self.mapped(reason, *mapping, &claimants));
        let mut decision = mapped.unwrap_or_else(|| self.plain_review(reason, &claimants));
        if !matches!(decision.route, Route::Review(_)) {
            decision.mapped_from_review = Some(reason);
            decision.notes.push(Note::MappedFromReview);
        }
        // A possible named-account lead is held, never given away by rotation.
        decision.do_not_round_robin = true;
        decision
    }

    fn plain_review(&self, reason: ReviewReason, claimants: &[Contender<'_>]) -> Decision {
        let first = claimants.first();
        // Where two owners claim the lead, a suggestion would pick one of them after all.
        let suggested = first.filter(|_| claimants.len() == 1);
        let route = ReviewRoute {
            reason,
            queue: self.policy.review_queue.clone(),
            claimants: claimants
                .iter()
                .take(RUNNER_UPS_MAX)
                .map(|claimant| Claimant {
                    candidate: summary(claimant.found, claimant.answering, ""),
                    owner: claimant.answering.map(|(_, owner)| acting::summary(owner)),
                })
                .collect(),
            suggested_account_id: suggested.map(|claimant| claimant.found.account.id.clone()),
            decided_by: match claimants.iter().any(Contender::is_named) {
                true => Layer::NamedAccount,
                false => Layer::StandardAccount,
            },
        };
        let sentence = sentence::review(reason, claimants);
        self.finish(Route::Review(Box::new(route)), true, first, sentence)
    }

    /// The route that policy gives a review; `None` where it cannot be taken.
    fn mapped(
        &self,
        reason: ReviewReason,
        mapping: ReviewMapping,
        claimants: &[Contender<'_>],
    ) -> Option<Decision> {
        match mapping {
            ReviewMapping::Nurture => {
                let no_match = NurtureReason::NoMatch;
                let mut decision =
                    self.nurture(no_match, "review_maps_to", Layer::Nurture, claimants.first());
                if let Route::Nurture(NurtureRoute { track, .. }) = &decision.route {
                    decision.sentence = sentence::mapped(reason, claimants, track);
                }
                Some(decision)
            }
            ReviewMapping::Owner => {
                // Two owners are never settled silently: only a single claimant can be mapped to its owner.
                let [winner] = claimants else { return None };
                let (answering, owner) = winner.answering?;
                let acting = acting::acting_for(owner, self.index, self.now)?;
                Some(self.owner(*winner, answering, owner, acting, "", Vec::new()))
            }
        }
    }

    /// To the campaign of the first nurture rule that fits; where none does, to that of `rule`. `matched` is what
    /// matched and yet gives the lead to nobody.
    pub(super) fn nurture(
        &self,
        reason: NurtureReason,
        rule: &str,
        decided_by: Layer,
        matched: Option<&Contender<'_>>,
    ) -> Decision {
        let excluded = reason.is_exclusion();
        let facts = NurtureFacts {
            reason,
            country: self.lead.country,
            mail_class: self.found.facts.email_class,
            email_domain: self.lead.email.as_ref().map(|email| &email.domain),
            account_class: matched.map(|matched| matched.found.account.class),
            source: &self.lead.source,
        };
        let (track, rule) = match self.policy.nurture_rule(&facts) {
            Some(chosen) => (&chosen.track, chosen.name.as_str()),
            None if excluded => (&self.policy.excluded_track, rule),
            None => (&self.policy.nurture_track, rule),
        };
        let sentence = sentence::nurture(reason, track);
        let overridden = matched.filter(|_| decided_by == Layer::SoftExclusion);
        let overrode = overridden.map(stands_in).into_iter().collect();
        let (track, rule) = (track.clone(), rule.into());
        let route = Route::Nurture(NurtureRoute { reason, track, rule, decided_by, overrode });
        self.finish(route, excluded, None, sentence)
    }

    fn finish(
        &self,
        route: Route,
        do_not_round_robin: bool,
        chosen: Option<&Contender<'_>>,
        sentence: String,
    ) -> Decision {
        let best = chosen.map(|chosen| chosen.found).or(self.found.matches.first());
        let best_summary = match chosen {
            Some(chosen) => Some(summary(chosen.found, chosen.answering, "")),
            None => best.map(|best| self.summary(best, "")),
        };
        let others = self
            .found
            .matches
            .iter()
            .filter(|found| best.is_none_or(|best| best.account.id != found.account.id));
        let mut notes = self.notes.clone();
        notes.dedup();
        Decision {
            route,
            do_not_round_robin,
            mapped_from_review: None,
            tier: best.and_then(|found| found.tier),
            score: best.map(|found| found.score).unwrap_or_default(),
            name_similarity: best.map(|found| found.name_similarity).unwrap_or_default(),
            grades: best.map(|found| found.grades).unwrap_or_default(),
            best: best_summary,
            runner_ups: others.take(RUNNER_UPS_MAX).map(|found| self.summary(found, "")).collect(),
            warnings: self.found.facts.warnings.clone(),
            notes,
            sentence,
        }
    }

    pub(super) fn summary(&self, found: &AccountMatch<'_>, lost_because: &str) -> CandidateSummary {
        summary(found, hierarchy::answering(found.account, self.index), lost_because)
    }
}

/// An account as answers name one, with who answers for it.
fn summary(
    found: &AccountMatch<'_>,
    answering: Option<(&PreparedAccount, &Rep)>,
    lost_because: &str,
) -> CandidateSummary {
    CandidateSummary {
        account_id: found.account.id.clone(),
        account_name: found.account.name().into(),
        class: found.account.class,
        owner_id: answering.map(|(_, owner)| owner.id.clone()),
        tier: found.tier,
        score: found.score,
        name_similarity: found.name_similarity,
        grades: found.grades,
        matched_name: found.matched_name.map(|(kind, name)| (kind, name.into())),
        matched_domain: found.matched_domain.clone(),
        lost_because: lost_because.to_owned(),
    }
}

/// The layer in which a contender stands, and its account.
fn stands_in(contender: &Contender<'_>) -> (Layer, AccountId) {
    let layer = if contender.is_named() { Layer::NamedAccount } else { Layer::StandardAccount };
    (layer, contender.found.account.id.clone())
}
