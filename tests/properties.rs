//! Properties of matching and routing that hold for every lead and every registry.
//!
//! Small registries are made of few words, few domains and few owners, so that accounts share them all the time.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use namesake::account::{Account, AccountClass, AccountId, Registry, Rep, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{
    CANDIDATES_MAX, Index, PreparedAccount, RUNNER_UPS_MAX, Revision, search, search_all,
};
use namesake::normalize::{Country, company_name, website_domain};
use namesake::policy::Policy;
use namesake::registry::{Sources, load};
use namesake::routing::{Decision, Grade, Route, Tier, explain, route};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const WORDS: [&str; 10] =
    ["Acme", "Zumbado", "Korvex", "Bank", "of", "West", "East", "Group", "Solutions", "II"];
const FORMS: [&str; 4] = ["", " GmbH", " Inc.", " AG"];
const DOMAINS: [&str; 4] = ["acme.com", "zumbado.com", "korvex.de", "west.org"];
const COUNTRIES: [&str; 3] = ["", "DE", "US"];
const REGIONS: [&str; 3] = ["", "Texas", "Ohio"];
const POSTAL_CODES: [&str; 3] = ["", "78701", "43004"];
const OWNERS: [&str; 3] = ["ann", "bob", "cat"];
const CLASSES: [AccountClass; 4] =
    [AccountClass::Strategic, AccountClass::Major, AccountClass::Named, AccountClass::Standard];

static DEMO: LazyLock<Index> = LazyLock::new(|| {
    let file = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let sources =
        Sources { accounts: vec![file("accounts.csv")], reps: Some(file("reps.csv")), strict: false };
    Index::build(load(&sources).unwrap().registry, Revision(1))
});

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn names() -> impl Strategy<Value = String> {
    (proptest::collection::vec(select(WORDS.as_slice()), 1..4), select(FORMS.as_slice()))
        .prop_map(|(words, form)| words.join(" ") + form)
}

fn accounts() -> impl Strategy<Value = Vec<Account>> {
    let places = (select(COUNTRIES.as_slice()), select(REGIONS.as_slice()), select(POSTAL_CODES.as_slice()));
    let account = (
        names(),
        subsequence(DOMAINS.as_slice(), 0..=2),
        places,
        (proptest::option::weighted(0.9, select(OWNERS.as_slice())), select(CLASSES.as_slice())),
        proptest::option::weighted(0.3, 0_usize..8),
    );
    proptest::collection::vec(account, 1..8).prop_map(|made| {
        let id = |at: usize| AccountId::new(&format!("a{at}")).unwrap();
        let accounts =
            made.into_iter().enumerate().map(|(at, (name, domains, place, (owner, class), parent))| {
                Account {
                    domains: domains.into_iter().map(|domain| website_domain(domain).unwrap()).collect(),
                    country: Country::parse(place.0),
                    region: place.1.to_owned(),
                    postal_code: place.2.to_owned(),
                    owner_id: owner.and_then(RepId::new),
                    class,
                    // Parents may be missing or run in a circle: real registries have both.
                    parent_id: parent.map(id),
                    ..Account::new(id(at), name)
                }
            });
        accounts.collect()
    })
}

fn leads() -> impl Strategy<Value = Lead> {
    let fields = (
        proptest::option::weighted(0.8, names()),
        proptest::option::of(select(DOMAINS.as_slice())),
        proptest::option::weighted(0.3, select(DOMAINS.as_slice())),
        (select(COUNTRIES.as_slice()), select(REGIONS.as_slice()), select(POSTAL_CODES.as_slice())),
    );
    fields.prop_filter_map("nothing to go by", |(company, email, website, place)| {
        let fields = LeadFields {
            company: company.unwrap_or_default(),
            email: email.map(|domain| format!("jane@{domain}")).unwrap_or_default(),
            website: website.unwrap_or_default().to_owned(),
            country: place.0.to_owned(),
            region: place.1.to_owned(),
            postal_code: place.2.to_owned(),
            ..LeadFields::default()
        };
        Lead::new(fields).ok()
    })
}

fn index(accounts: Vec<Account>) -> Index {
    let reps = OWNERS.iter().map(|owner| Rep::new(RepId::new(owner).unwrap())).collect();
    Index::build(Registry { accounts, reps }, Revision(1))
}

/// What holds for every decision on `lead`; gives the decision.
fn check(lead: &Lead, index: &Index) -> Result<Decision, TestCaseError> {
    let policy = Policy::default();
    let decision = route(lead, index, &policy, now());
    prop_assert_eq!(&decision, &route(lead, index, &policy, now()), "routed twice");
    let explained = explain(lead, index, &policy, now());
    prop_assert_eq!(&decision, &explained.decision, "explained");
    prop_assert!(decision.runner_ups.len() <= RUNNER_UPS_MAX);
    prop_assert!(explained.candidates.len() <= CANDIDATES_MAX);
    let told: Vec<_> = explained.candidates.iter().map(|told| (&told.account_id, told.score)).collect();
    prop_assert!(decision.best.iter().all(|best| told.contains(&(&best.account_id, best.score))), "told");
    let numbers = explained.candidates.iter().flat_map(|found| [found.score, found.name_similarity]);
    for number in numbers.chain([decision.score, decision.name_similarity]) {
        prop_assert!(number.bps() <= 10_000);
    }
    let named = match &decision.route {
        Route::Owner(owner) => owner.account.class.is_named(),
        Route::Review(review) => {
            prop_assert!(!review.claimants.is_empty() && review.claimants.len() <= RUNNER_UPS_MAX);
            true
        }
        Route::Nurture(_) => false,
    };
    prop_assert!(decision.do_not_round_robin || !named, "a named account's lead may be rotated");
    prop_assert!(!decision.sentence.is_empty());
    Ok(decision)
}

/// No two owners are settled silently: whoever claims the lead with the same strongest field as the winner has its
/// owner, or a documented rule tells them apart.
fn check_owners(lead: &Lead, index: &Index, decision: &Decision) -> Result<(), TestCaseError> {
    let Route::Owner(winner) = &decision.route else { return Ok(()) };
    let policy = Policy::default();
    let found = search_all(lead, index, &policy);
    let won = found.matches.iter().find(|found| found.account.id == winner.account.account_id);
    let won = won.expect("the winner was found");
    let won_field = field(won.tier.expect("the winner has a tier"));
    let same_field =
        found.matches.iter().filter(|found| found.tier.is_some_and(|tier| field(tier) == won_field));
    // What the margin compares: scores, which beside an equal domain lie too close together.
    let near = |found: &namesake::matching::AccountMatch<'_>| {
        if won_field == 1 { found.name_similarity.bps() } else { found.score.bps() }
    };
    let nearest = same_field.map(near).max().unwrap_or_default();
    for rival in &found.matches {
        let Some(tier) = rival.tier else { continue };
        let owner = decision_owner(rival.account, index);
        if owner.is_none() || owner.as_deref() == Some(winner.owner.rep_id.as_str()) {
            continue;
        }
        let over_review = rival.score >= policy.tiers[&tier].review;
        // An owner who also claims the domain was told apart there.
        let claims_domain = found.matches.iter().any(|found| {
            found.tier.is_some_and(|tier| field(tier) == 1) && decision_owner(found.account, index) == owner
        });
        if won_field == 1
            && !claims_domain
            && field(tier) > 1
            && over_review
            && is_named(rival.account, index)
        {
            // An equal name rules out those that are merely near, whoever owns it.
            let equal = found.matches.iter().any(|found| {
                let over_review = found.tier.is_some_and(|tier| found.score >= policy.tiers[&tier].review);
                found.name_equal && over_review
            });
            let named = tier == Tier::NameExact || tier == Tier::NameNear && !equal;
            let by_name = won.tier == Some(Tier::Domain) && named;
            prop_assert!(!by_name, "the name is {}'s, the domain {}'s", rival.account.id, won.account.id);
            let by_website = rival.grades.website == Grade::A;
            prop_assert!(
                !by_website,
                "the website is {}'s, the domain {}'s",
                rival.account.id,
                won.account.id
            );
        }
        let weaker_field = field(tier) > won_field;
        let fits_less =
            |fits: &dyn Fn(&namesake::matching::AccountMatch<'_>) -> bool| fits(won) && !fits(rival);
        let told_apart = fits_less(&|found| found.tier == Some(Tier::DomainAndName))
            || fits_less(&|found| found.name_equal)
            || near(rival) + policy.tiers[&tier].margin.bps() < nearest
            || fits_less(&|found| found.legal_form_same)
            || fits_less(&|found| {
                [found.grades.postal_code, found.grades.phone, found.grades.website].contains(&Grade::A)
            })
            || fits_less(&|found| found.grades.country == Grade::A)
            || fits_less(&|found| found.grades.region == Grade::A)
            || fits_less(&|found| is_named(found.account, index));
        let above = is_ancestor(&won.account.id, rival.account, index);
        prop_assert!(
            weaker_field || !over_review || told_apart || above,
            "{} of {:?} lost silently to {} of {}",
            rival.account.id,
            owner,
            won.account.id,
            winner.owner.rep_id
        );
    }
    Ok(())
}

/// Strongest first: what a tier's evidence is about.
fn field(tier: Tier) -> u8 {
    match tier {
        Tier::KnownAccount => 0,
        Tier::DomainAndName | Tier::Domain => 1,
        Tier::NameExact => 2,
        _ => 3,
    }
}

fn ancestors<'a>(
    account: &'a PreparedAccount,
    index: &'a Index,
) -> impl Iterator<Item = &'a PreparedAccount> {
    let mut seen = BTreeSet::from([account.id.clone()]);
    let mut at = account;
    std::iter::from_fn(move || {
        at = index.account(at.parent_id.as_ref()?)?;
        seen.insert(at.id.clone()).then_some(at)
    })
}

/// The account that answers for `account`: itself if it has an owner, else the nearest ancestor that has.
fn answering<'a>(account: &'a PreparedAccount, index: &'a Index) -> Option<&'a PreparedAccount> {
    std::iter::once(account).chain(ancestors(account, index)).find(|account| account.owner_id.is_some())
}

fn decision_owner(account: &PreparedAccount, index: &Index) -> Option<String> {
    answering(account, index)?.owner_id.as_ref().map(RepId::to_string)
}

fn is_named(account: &PreparedAccount, index: &Index) -> bool {
    account.class.is_named() || answering(account, index).is_some_and(|account| account.class.is_named())
}

fn is_ancestor(id: &AccountId, of: &PreparedAccount, index: &Index) -> bool {
    ancestors(of, index).any(|account| &account.id == id)
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(settings(1_500))]

    #[test]
    fn two_owners_are_never_settled_silently(accounts in accounts(), lead in leads()) {
        let index = index(accounts);
        let decision = check(&lead, &index)?;
        check_owners(&lead, &index, &decision)?;
    }
}

proptest! {
    #![proptest_config(settings(400))]

    #[test]
    fn load_order_never_decides(
        (accounts, shuffled) in accounts().prop_flat_map(|accounts| {
            (Just(accounts.clone()), Just(accounts).prop_shuffle())
        }),
        lead in leads(),
    ) {
        let (one, other) = (index(accounts), index(shuffled));
        prop_assert_eq!(check(&lead, &one)?, check(&lead, &other)?);
    }

    #[test]
    fn equal_names_are_fully_similar(accounts in accounts(), at in any::<proptest::sample::Index>()) {
        let name = at.get(&accounts).name.clone();
        let index = index(accounts);
        let lead = Lead::new(LeadFields { company: name.clone(), ..LeadFields::default() }).unwrap();
        let found = search(&lead, &index, &Policy::default()).matches;
        let highest = found.iter().map(|found| found.name_similarity).max();
        prop_assert!(found.iter().any(|found| found.account.name() == name), "{} was not found", name);
        let bare = company_name(&name).is_none_or(|name| name.readings[0].legal_forms.is_empty());
        for equal in found.iter().filter(|found| found.account.name() == name) {
            prop_assert!(equal.name_equal, "{} is not equal to itself", name);
            prop_assert_eq!(Some(equal.name_similarity), highest, "another name is nearer to {}", name);
            // Without a legal form on either side a little is left open: "Acme" may be Acme Inc. or Acme AG.
            prop_assert!(bare || equal.name_similarity.bps() == 10_000, "{}", name);
        }
    }
}

proptest! {
    #![proptest_config(settings(300))]

    #[test]
    fn any_text_is_routed(
        company in ".{0,80}",
        email in ".{0,20}@?.{0,20}",
        website in ".{0,30}",
        rest in proptest::collection::vec(".{0,20}", 6),
    ) {
        let [country, region, postal_code, phone, job_title, known] = <[String; 6]>::try_from(rest).unwrap();
        let fields = LeadFields {
            company, email, website, country, region, postal_code, phone, job_title, known_account_id: known,
            ..LeadFields::default()
        };
        let Ok(lead) = Lead::new(fields) else { return Ok(()) };
        check(&lead, &DEMO)?;
    }

    #[test]
    fn any_letters_are_routed(company in "[\\p{L}\\p{M}\\p{N} .,&'()/-]{1,60}", host in "[a-z0-9äжñ.-]{1,30}") {
        let fields = LeadFields { company, email: format!("jane@{host}"), ..LeadFields::default() };
        let Ok(lead) = Lead::new(fields) else { return Ok(()) };
        check(&lead, &DEMO)?;
    }

    #[test]
    fn parts_of_real_names_are_routed(
        at in any::<proptest::sample::Index>(),
        cut in 0_usize..40,
        added in ".{0,12}",
    ) {
        let names = LazyLock::force(&DEMO_NAMES);
        let name: String = at.get(names).chars().skip(cut / 4).take(40 - cut).collect();
        let Ok(lead) = Lead::new(LeadFields { company: name + &added, ..LeadFields::default() }) else {
            return Ok(());
        };
        check(&lead, &DEMO)?;
    }
}

static DEMO_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut rows = csv::Reader::from_reader(include_str!("../examples/accounts.csv").as_bytes());
    rows.records().map(|row| row.unwrap()[1].to_owned()).collect()
});

/// Names as long as is read, of the registry's own few words: every list is long and every name is near. That
/// the test ends is the point; the candidates are counted.
#[test]
fn the_longest_names_over_the_most_alike_registry_stay_bounded() {
    let words = ["bank", "banc", "bankk", "ban", "group", "groop", "of", "solutions", "ab", "ba"];
    let name = |seed: usize, count: usize| {
        let words = (0..count).map(|at| words[(seed * 7 + at * (seed % 9 + 1)) % words.len()]);
        words.collect::<Vec<_>>().join(" ")
    };
    let accounts = (0..2_000).map(|at| {
        let owner = RepId::new(OWNERS[at % OWNERS.len()]);
        Account { owner_id: owner, ..Account::new(AccountId::new(&format!("a{at}")).unwrap(), name(at, 32)) }
    });
    let index = index(accounts.collect());
    let worst = [
        name(3, 64),
        "a ".repeat(128),
        "ab".repeat(128),
        "bank".repeat(64),
        "bank (ban (".repeat(40),
        "B.A.N.K. ".repeat(40),
        "bank dba ban formerly ".repeat(16),
        "ﷺ".repeat(256),
    ];
    for company in worst {
        assert!(
            company_name(&company).is_some_and(|name| name.readings.iter().all(|key| key.tokens.len() <= 32))
        );
        let lead = Lead::new(LeadFields { company, ..LeadFields::default() }).unwrap();
        let found = search(&lead, &index, &Policy::default());
        assert!(found.matches.len() <= CANDIDATES_MAX, "{} candidates", found.matches.len());
        check(&lead, &index).unwrap();
    }
}

/// The name fits the account of the typed website a little, and its score alone would be under review.
#[test]
fn a_name_never_weakens_the_claim_of_a_typed_website() {
    let account = |id: &str, name: &str, domain: &str, owner: &str| Account {
        domains: vec![website_domain(domain).unwrap()],
        owner_id: RepId::new(owner),
        class: AccountClass::Strategic,
        ..Account::new(AccountId::new(id).unwrap(), name.to_owned())
    };
    let accounts = ["East Bank", "Acme Bank", "Acme Bank East", "Zumbado"];
    for name in accounts {
        let index =
            index(vec![account("a0", name, "west.org", "bob"), account("a1", "Acme", "korvex.de", "ann")]);
        let fields = LeadFields {
            company: "Acme Bank East".to_owned(),
            email: "jane@korvex.de".to_owned(),
            website: "west.org".to_owned(),
            ..LeadFields::default()
        };
        let decision = route(&Lead::new(fields).unwrap(), &index, &Policy::default(), now());
        let Route::Review(review) = decision.route else { panic!("{name}: {}", decision.sentence) };
        assert_eq!(review.claimants.len(), 2, "{name}");
    }
}
