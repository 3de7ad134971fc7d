use prost::Message;

use super::*;
use crate::account::{AccountClass, AccountId, Alert, NameKind, Registry, RepId, TeamMember};
use crate::lead::{LeadField, LeadProblem};
use crate::matching::{Index, Revision};
use crate::normalize::website_domain;
use crate::policy::Policy;
use crate::proto::v1::route_lead_response::Route as RouteMessage;
use crate::routing::{ActingRep, ActingRole, Claimant, Grade, Note, NurtureReason, ReviewReason, Tier};
use crate::score::Score;
use crate::serving::{Freshness, Serving};

fn serving() -> Serving {
    let serving = Serving::new(Policy::default());
    serving.publish(Index::build(Registry::default(), Revision(7)), Freshness::at(at(1_000)));
    serving
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

/// What a caller reads, once it is sure that prost would have written the same bytes.
#[track_caller]
fn read(in_force: &InForce, decision: &Decision, now: Timestamp) -> v1::RouteLeadResponse {
    let mut wire = Wire::behind(0);
    answer(&mut wire, decision, "L-1", in_force, now);
    let bytes = wire.into_bytes();
    let message = v1::RouteLeadResponse::decode(&bytes[..]).unwrap();
    assert_eq!(message.encode_to_vec(), bytes);
    message
}

#[track_caller]
fn check(decision: Decision) -> v1::RouteLeadResponse {
    read(&serving().load().unwrap(), &decision, at(1_000))
}

fn account_id(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn person(id: &str) -> OwnerSummary {
    OwnerSummary {
        rep_id: RepId::new(id).unwrap(),
        name: format!("{id} by name").into(),
        email: "r@us.example".into(),
    }
}

fn acme() -> CandidateSummary {
    CandidateSummary {
        account_id: account_id("A1"),
        account_name: "Acme".into(),
        class: AccountClass::Strategic,
        owner_id: RepId::new("R1"),
        tier: Some(Tier::DomainAndName),
        score: Score::from_bps(9_900),
        name_similarity: Score::from_bps(9_700),
        grades: Grades { name: Grade::B, email_domain: Grade::A, ..Grades::default() },
        matched_name: Some((NameKind::Former, "Ajax".into())),
        matched_domain: Some(website_domain("acme.com").unwrap()),
        lost_because: String::new(),
    }
}

fn nurture() -> Decision {
    Decision::nurture(NurtureReason::Competitor, "excluded".into(), "competitor_domains")
}

#[test]
fn an_owner_route_carries_who_acts_and_what_was_overridden() {
    let route = OwnerRoute {
        account: acme(),
        crm_url: "https://crm.example/A1".into(),
        context: vec![("segment".into(), "retail".into()), ("a".into(), "b".into())],
        owner: person("R1"),
        acting: ActingRep { rep: person("R2"), role: ActingRole::Delegate },
        team: vec![TeamMember { rep_id: RepId::new("R3").unwrap(), role: "overlay".into() }],
        alert: Alert::Digest,
        decided_by: Layer::HierarchyRollUp,
        overrode: vec![(Layer::StandardAccount, account_id("A2"))],
        tie_break: "class",
    };
    let answer = check(Decision {
        route: Route::Owner(Box::new(route)),
        do_not_round_robin: true,
        tier: Some(Tier::DomainAndName),
        score: Score::from_bps(9_900),
        ..nurture()
    });
    assert!(answer.do_not_round_robin);
    assert_eq!((answer.tier(), answer.score_bps), (v1::Tier::DomainAndName, 9_900));
    let Some(RouteMessage::Owner(owner)) = answer.route else { panic!("{:?}", answer.route) };
    assert_eq!(owner.owner.as_ref().unwrap().rep_id, "R1");
    let acting = owner.acting.as_ref().unwrap();
    assert_eq!(
        (acting.role(), acting.rep.as_ref().unwrap().rep_id.as_str()),
        (v1::ActingRole::Delegate, "R2")
    );
    assert_eq!((owner.alert(), owner.decided_by()), (v1::Alert::Digest, v1::Layer::HierarchyRollUp));
    assert_eq!(
        (owner.overrode[0].layer(), owner.overrode[0].account_id.as_str()),
        (v1::Layer::StandardAccount, "A2")
    );
    assert_eq!((owner.tie_break.as_str(), owner.crm_url.as_str()), ("class", "https://crm.example/A1"));
    assert_eq!(owner.context[0].key, "segment", "the registry's order, not the alphabet's");
    assert_eq!((owner.team[0].rep_id.as_str(), owner.team[0].role.as_str()), ("R3", "overlay"));
}

#[test]
fn a_candidate_keeps_its_evidence() {
    let answer = check(Decision { best: Some(acme()), runner_ups: vec![acme(), acme()], ..nurture() });
    assert_eq!(answer.runner_ups.len(), 2);
    let best = answer.best.unwrap();
    assert_eq!((best.account_id.as_str(), best.owner_id.as_str()), ("A1", "R1"));
    assert_eq!((best.account_class(), best.tier()), (v1::AccountClass::Strategic, v1::Tier::DomainAndName));
    assert_eq!((best.score_bps, best.name_similarity_bps), (9_900, 9_700));
    let (name, grades) = (best.matched_name.unwrap(), best.grades.unwrap());
    assert_eq!((name.kind(), name.name.as_str()), (v1::NameKind::Former, "Ajax"));
    assert_eq!(
        (grades.name(), grades.email_domain(), grades.phone()),
        (v1::Grade::B, v1::Grade::A, v1::Grade::Z)
    );
    assert_eq!(best.matched_domain, "acme.com");
}

#[test]
fn a_review_names_claimants_with_and_without_an_owner() {
    let claimants = vec![
        Claimant { candidate: acme(), owner: Some(person("R1")) },
        Claimant { candidate: acme(), owner: None },
    ];
    let route = ReviewRoute {
        reason: ReviewReason::OwnerConflict,
        queue: "reviews".into(),
        claimants,
        suggested_account_id: Some(account_id("A1")),
        decided_by: Layer::NamedAccount,
    };
    let Some(RouteMessage::Review(review)) =
        check(Decision { route: Route::Review(Box::new(route)), ..nurture() }).route
    else {
        panic!("not a review")
    };
    assert_eq!((review.reason(), review.queue.as_str()), (v1::ReviewReason::OwnerConflict, "reviews"));
    assert_eq!((review.suggested_account_id.as_str(), review.decided_by()), ("A1", v1::Layer::NamedAccount));
    let owners: Vec<bool> = review.claimants.iter().map(|claimant| claimant.owner.is_some()).collect();
    assert_eq!(owners, [true, false]);
}

#[test]
fn an_exclusion_keeps_reason_warnings_notes_and_the_mapped_review() {
    let warning = LeadWarning { field: LeadField::Company, problem: LeadProblem::Cut { limit_chars: 256 } };
    let answer = check(Decision {
        warnings: vec![warning],
        notes: vec![Note::MappedFromReview],
        mapped_from_review: Some(ReviewReason::Ambiguous),
        sentence: "A competitor.".into(),
        ..nurture()
    });
    assert_eq!(answer.mapped_from_review(), v1::ReviewReason::Ambiguous);
    assert_eq!(answer.notes().collect::<Vec<_>>(), [v1::Note::MappedFromReview]);
    assert_eq!((answer.lead_id.as_str(), answer.sentence.as_str()), ("L-1", "A competitor."));
    let warning = &answer.warnings[0];
    assert_eq!((warning.field.as_str(), warning.code()), ("company", v1::WarningCode::Cut));
    assert_eq!(warning.text, "company is longer than 256 characters: the rest is not read");
    assert_eq!(answer.tier, None, "nothing matched");
    let Some(RouteMessage::Nurture(route)) = answer.route else { panic!("{:?}", answer.route) };
    assert_eq!((route.reason(), route.track.as_str()), (v1::NurtureReason::Competitor, "excluded"));
    assert_eq!(route.rule, "competitor_domains");
}

#[test]
fn the_age_counts_from_the_last_confirmation_and_is_never_negative() {
    let serving = serving();
    serving.confirm(at(2_000));
    let in_force = serving.load().unwrap();
    let later = read(&in_force, &nurture(), at(3_500)).envelope.unwrap();
    assert_eq!(later.index_revision, 7);
    assert_eq!(later.index_published_time, Some(prost_types::Timestamp { seconds: 1, nanos: 0 }));
    assert_eq!(later.index_age, Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }));
    assert_eq!((later.stale, later.registry_source()), (false, v1::RegistrySource::File));
    assert_eq!(later.policy_digest, in_force.policy.digest);
    let clock_set_back = read(&in_force, &nurture(), at(0)).envelope.unwrap();
    assert_eq!(clock_set_back.index_age, Some(prost_types::Duration::default()));
}

#[test]
fn an_explanation_keeps_the_decision_the_losers_and_every_sentence() {
    let losing = CandidateSummary { lost_because: "the name is too different".into(), ..acme() };
    let explained = Explanation {
        decision: nurture(),
        candidates: vec![acme(), losing],
        would_change: vec!["A country.".into(), String::new()],
    };
    let mut wire = Wire::behind(0);
    explanation(&mut wire, &explained, "L-1", &serving().load().unwrap(), at(1_000));
    let bytes = wire.into_bytes();
    let message = v1::ExplainLeadResponse::decode(&bytes[..]).unwrap();
    assert_eq!(message.encode_to_vec(), bytes);
    assert_eq!(message.decision, Some(check(nurture())));
    assert_eq!(message.candidates[1].lost_because, "the name is too different");
    assert_eq!(message.would_change, ["A country.", ""]);
}

#[test]
fn times_before_1970_have_positive_nanoseconds() {
    let before = timestamp(Timestamp::from_millisecond(-1).unwrap());
    assert_eq!((before.seconds, before.nanos), (-1, 999_000_000));
}
