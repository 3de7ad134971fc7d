//! Any bytes as a request: no panic from the wire to the decision, and an explanation tells the same decision.
//!
//! The index is that of the routing tests, so that leads meet every layer.

#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision};
use namesake::policy::Policy;
use namesake::proto::v1::RouteLeadRequest;
use namesake::registry::{Content, load_contents};
use namesake::routing::{explain, route};
use prost::Message;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let content = |file: &str, text: &str| Content { file: Arc::from(file), bytes: text.into() };
    let accounts = content("accounts.csv", include_str!("../../tests/data/routing/accounts.csv"));
    let reps = content("reps.csv", include_str!("../../tests/data/routing/reps.csv"));
    let loaded = load_contents(&[accounts], Some(&reps), false).expect("the routing tests take these files");
    Index::build(loaded.registry, Revision(1))
});
static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

fuzz_target!(|bytes: &[u8]| {
    let Ok(RouteLeadRequest { lead: Some(lead) }) = RouteLeadRequest::decode(bytes) else { return };
    let Ok(lead) = Lead::new(LeadFields::from(lead)) else { return };
    // The day that the tests' leaves are written around.
    let now = Timestamp::constant(1_795_262_400, 0);
    let decision = route(&lead, &INDEX, &POLICY, now);
    let explanation = explain(&lead, &INDEX, &POLICY, now);
    assert_eq!(explanation.decision, decision);
});
