//! The rules of routing as a table that a sales-operations person can read: `data/routing/cases.csv`, one rule a line,
//! over the accounts and reps beside it.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use namesake::account::AccountId;
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision};
use namesake::normalize::{RegistrableDomain, website_domain};
use namesake::policy::{DomainNameDiffers, Policy, ReviewMapping};
use namesake::registry::{Sources, load};
use namesake::routing::{Decision, Layer, Note, ReviewReason, Route, route};

const CASES: &str = include_str!("data/routing/cases.csv");
const ANSWER_COLUMNS: [&str; 10] = [
    "route",
    "do_not_round_robin",
    "account",
    "owner",
    "acting_rep",
    "layer",
    "tier",
    "reason",
    "overrode",
    "mapped_from_review",
];

/// Every route, reason and layer of the contract, and every tier that the matcher gives today.
const WORDS: [&str; 33] = [
    "owner",
    "review",
    "nurture",
    "OWNER_CONFLICT",
    "AMBIGUOUS",
    "LOW_CONFIDENCE",
    "NO_ACTIVE_OWNER",
    "SUSPICIOUS_DOMAIN",
    "DISPOSABLE_MAIL",
    "NO_MATCH",
    "FREE_MAIL_ONLY",
    "UNOWNED_STANDARD",
    "OWN_COMPANY",
    "COMPETITOR",
    "PARTNER",
    "TEST",
    "BLOCKLISTED",
    "ROLE_MAILBOX",
    "STUDENT",
    "JOB_SEEKER",
    "EXCLUSION",
    "NAMED_ACCOUNT",
    "HIERARCHY_ROLL_UP",
    "STANDARD_ACCOUNT",
    "SOFT_EXCLUSION",
    "NURTURE",
    "KNOWN_ACCOUNT",
    "DOMAIN_AND_NAME",
    "DOMAIN",
    "NAME_EXACT",
    "NAME_NEAR",
    "NAME_CONTRADICTED",
    "NAME_ONLY_NEAR",
];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/routing").join(name)
}

fn index() -> Index {
    let sources =
        Sources { accounts: vec![file("accounts.csv")], reps: Some(file("reps.csv")), strict: false };
    let loaded = load(&sources).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    Index::build(loaded.registry, Revision(1))
}

/// The seller's own lists, and what a line changes.
fn policy(choice: &str) -> Policy {
    let domain = |host: &str| -> Vec<RegistrableDomain> { vec![website_domain(host).unwrap()] };
    let mut policy = Policy {
        own_domains: domain("seller-inc.com"),
        competitor_domains: domain("rival-inc.com"),
        blocked_domains: domain("blocked-inc.com"),
        partner_domains: ["partner-inc.com", "nightjar.aero"].into_iter().flat_map(domain).collect(),
        ..Policy::default()
    };
    let reasons = [ReviewReason::LowConfidence, ReviewReason::OwnerConflict];
    match choice {
        "" => {}
        "name differs: review" => policy.domain_name_differs = DomainNameDiffers::Review,
        "reviews: owner" => {
            policy.review_maps_to = reasons.map(|reason| (reason, ReviewMapping::Owner)).into()
        }
        "reviews: nurture" => {
            policy.review_maps_to = reasons.map(|reason| (reason, ReviewMapping::Nurture)).into();
        }
        other => panic!("unknown policy {other:?}"),
    }
    policy
}

/// The decision in the words of the answer columns.
fn answer(decision: &Decision) -> Vec<String> {
    let flag = decision.do_not_round_robin.to_string();
    let tier = decision.tier.map_or("", |tier| tier.as_str()).to_owned();
    let [mut account, mut owner, mut acting, mut reason, mut overrode] = [const { String::new() }; 5];
    let layer;
    match &decision.route {
        Route::Owner(route) => {
            account = route.account.account_id.to_string();
            owner = route.owner.rep_id.to_string();
            acting = route.acting.rep.rep_id.to_string();
            layer = route.decided_by.as_str().to_owned();
            overrode = overridden(&route.overrode);
        }
        Route::Review(review) => {
            let ids: BTreeSet<&str> =
                review.claimants.iter().map(|claimant| claimant.candidate.account_id.as_str()).collect();
            account = ids.into_iter().collect::<Vec<_>>().join("|");
            layer = review.decided_by.as_str().to_owned();
            reason = review.reason.as_str().to_owned();
        }
        Route::Nurture(nurture) => {
            layer = nurture.decided_by.as_str().to_owned();
            reason = nurture.reason.as_str().to_owned();
            overrode = overridden(&nurture.overrode);
        }
    }
    let mapped = decision.mapped_from_review.map_or("", |reason| reason.as_str()).to_owned();
    vec![
        decision.route_name().to_owned(),
        flag,
        account,
        owner,
        acting,
        layer,
        tier,
        reason,
        overrode,
        mapped,
    ]
}

fn overridden(overrode: &[(Layer, AccountId)]) -> String {
    let lines = overrode.iter().map(|(layer, id)| format!("{} {id}", layer.as_str()));
    lines.collect::<Vec<_>>().join("|")
}

#[derive(Debug, Default)]
struct Seen {
    rules: BTreeSet<String>,
    answers: BTreeSet<String>,
}

/// Every line that is not answered as it says, and what the table covers.
fn check(index: &Index) -> (Vec<String>, Seen) {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(CASES.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let (mut wrong, mut seen) = (Vec::new(), Seen::default());
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            record[at.unwrap_or_else(|| panic!("no column {name}"))].to_owned()
        };
        let lead = Lead::new(LeadFields {
            company: cell("company"),
            email: cell("email"),
            website: cell("website"),
            country: cell("country"),
            region: cell("region"),
            postal_code: cell("postal_code"),
            phone: cell("phone"),
            job_title: cell("job_title"),
            known_account_id: cell("known_account_id"),
            ..LeadFields::default()
        })
        .unwrap();
        let day = Some(cell("on")).filter(|day| !day.is_empty()).unwrap_or("2026-11-21".into());
        let now: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
        let answered = answer(&route(&lead, index, &policy(&cell("policy")), now));
        let expected = ANSWER_COLUMNS.map(cell).to_vec();
        assert!(seen.rules.insert(cell("rule")), "two lines for {}", cell("rule"));
        seen.answers.extend(expected.iter().cloned());
        if answered != expected {
            wrong.push(format!("{}\n  expected {expected:?}\n  got      {answered:?}", cell("rule")));
        }
    }
    (wrong, seen)
}

#[test]
fn every_rule_is_answered_as_the_table_says() {
    let (wrong, _) = check(&index());
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_covers_every_route_reason_and_layer() {
    let (_, seen) = check(&index());
    let missing: Vec<&&str> = WORDS.iter().filter(|word| !seen.answers.contains(**word)).collect();
    assert!(missing.is_empty(), "no line answers {missing:?}");
}

/// What the rep reads about a lead of this company and address.
#[track_caller]
fn check_sentence(choice: &str, company: &str, email: &str, expected: &str) {
    let fields = LeadFields { company: company.into(), email: email.into(), ..LeadFields::default() };
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let decision = route(&Lead::new(fields).unwrap(), &index(), &policy(choice), now);
    assert_eq!(decision.sentence, expected);
}

#[test]
fn the_sentence_says_why_a_review_went_elsewhere_and_what_the_account_is() {
    let likely = "The company name is close to Quillfeather Press: likely, not certain";
    check_sentence("", "Quilfeather Press", "", &format!("{likely}."));
    check_sentence(
        "reviews: nurture",
        "Quilfeather Press",
        "",
        &format!("{likely}; by policy nurture track general."),
    );
    check_sentence(
        "",
        "",
        "jane@dunmoretextiles.ie",
        "Dunmore Textiles is a named account, but nobody who answers for it can act.",
    );
}

#[test]
fn every_fact_about_a_lead_is_a_note_on_its_owners_route() {
    let fields = LeadFields {
        email: "info@nightjar.aero".into(),
        job_title: "Student".into(),
        ..LeadFields::default()
    };
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let decision = route(&Lead::new(fields).unwrap(), &index(), &policy(""), now);
    assert_eq!(decision.route_name(), "owner");
    assert_eq!(decision.notes, [Note::Partner, Note::RoleMailbox, Note::Student]);
}
