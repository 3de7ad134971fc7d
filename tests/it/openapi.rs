//! The description of the HTTP/JSON door is held to what the door does: actual answers have the fields that are declared,
//! of the types that are declared, and the words of the code.

use std::collections::BTreeSet;

use jiff::Timestamp;
use namesake::matching::{Index, Revision};
use namesake::proto::v1;
use namesake::registry::{Sources, load};
use namesake::server::Settings;
use namesake::serving::Freshness;
use serde_json::Value;

use crate::http_leads::{EXPLAIN, ROUTE, ask};
use crate::support::TestServer;

const JSON: &str = "application/json";

fn description() -> Value {
    serde_json::from_str(include_str!("../../proto/openapi.json")).unwrap()
}

/// What of `value` is not as `schema` says; every field must be declared.
fn faults(value: &Value, schema: &Value, whole: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = whole.pointer(reference.trim_start_matches('#'));
        let target = target.unwrap_or_else(|| panic!("{reference} points nowhere"));
        return faults(value, target, whole, place, found);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &&Value| {
            let mut none = Vec::new();
            faults(value, choice, whole, place, &mut none);
            none.is_empty()
        };
        if !choices.iter().any(|choice| fits(&choice)) {
            found.push(format!("{place}: {value} is none of {schema}"));
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let declared = match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&kind.into()),
        one => one == kind,
    };
    if !declared {
        found.push(format!("{place} is {kind}, not {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{place}: {value} is no word of {words:?}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(item, &schema["items"], whole, &format!("{place}[{at}]"), found);
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(schema) => faults(member, schema, whole, &format!("{place}.{key}"), found),
            None => found.push(format!("{place}.{key} is not declared")),
        }
    }
    if let Some(object) = value.as_object() {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(
            required.filter(|key| !object.contains_key(*key)).map(|key| format!("{place}.{key} is missing")),
        );
    }
}

#[track_caller]
fn check(value: &Value, schema: &str, whole: &Value) {
    let mut found = Vec::new();
    faults(value, &whole["components"]["schemas"][schema], whole, schema, &mut found);
    assert!(found.is_empty(), "{found:#?}\n{value:#}");
}

/// The demo leads.
fn leads() -> impl Iterator<Item = Value> {
    let mut reader = csv::Reader::from_path("examples/leads.csv").unwrap();
    let columns = reader.headers().unwrap().clone();
    reader.into_records().map(move |record| columns.iter().zip(&record.unwrap()).collect())
}

#[tokio::test]
async fn answers_to_the_demo_leads_are_as_declared_and_use_every_key() {
    let (server, door) = TestServer::start_with_json(Settings::default()).await;
    let sources = Sources {
        accounts: vec!["examples/accounts.csv".into()],
        reps: Some("examples/reps.csv".into()),
        strict: false,
    };
    let index = Index::build(load(&sources).unwrap().registry, Revision(1));
    server.serving.publish(index, Freshness::at(Timestamp::now()));
    let whole = description();
    let mut unused: BTreeSet<String> =
        whole["components"]["schemas"]["Answer"]["required"].as_array().unwrap().iter().map(text).collect();
    for mut lead in leads() {
        lead["utm_source"] = "spring".into();
        let lead = lead.to_string();
        for (request, schema) in [(ROUTE, "Answer"), (EXPLAIN, "Explanation")] {
            let answer = ask(door, request, JSON, lead.as_bytes()).await;
            check(&answer.body, if answer.status == 200 { schema } else { "Problem" }, &whole);
            unused.retain(|key| answer.body.get(key).is_none_or(Value::is_null));
        }
    }
    // The policy of the demo maps nothing.
    assert_eq!(unused, ["mapped_from_review".to_owned()].into());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn problems_are_as_declared() {
    let (server, door) = TestServer::start_with_json(Settings::default()).await;
    let whole = description();
    let answer = ask(door, ROUTE, JSON, br#"{"company": "Acme"}"#).await;
    assert_eq!(answer.status, 503);
    check(&answer.body, "Problem", &whole);
    server.publish(Revision(1));
    for (request, body) in [(ROUTE, "{}"), (ROUTE, "{\"email\": 1.5}"), (EXPLAIN, "["), ("GET /", "")] {
        check(&ask(door, request, JSON, body.as_bytes()).await.body, "Problem", &whole);
    }
}

#[tokio::test]
async fn every_declared_path_answers_and_the_description_is_served() {
    let (server, door) = TestServer::start_with_json(Settings::default()).await;
    server.publish(Revision(1));
    let whole = description();
    for (path, methods) in whole["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let request = format!("{} {path}", method.to_uppercase());
            let types = operation["requestBody"]["content"].as_object();
            let types: Vec<&str> =
                types.map_or(vec![JSON], |types| types.keys().map(String::as_str).collect());
            for content_type in types {
                let body = if content_type == JSON { r#"{"company": "Acme"}"# } else { "company=Acme" };
                assert_eq!(ask(door, &request, content_type, body.as_bytes()).await.status, 200, "{request}");
            }
            let other = ask(door, &format!("DELETE {path}"), JSON, b"").await;
            assert_eq!((other.status, operation["responses"].get("405").is_some()), (405, true), "{request}");
        }
    }
    assert_eq!(ask(door, "GET /openapi.json", JSON, b"").await.body, whole);
}

/// The words of an enum of the contract, without its own name and without the one that is never sent.
fn words(prefix: &str, name: impl Fn(i32) -> Option<&'static str>) -> BTreeSet<String> {
    (1..).map_while(|number| Some(name(number)?.strip_prefix(prefix)?.to_owned())).collect()
}

#[test]
fn the_words_are_those_of_the_contract() {
    let whole = description();
    let declared = |schema: &str| -> BTreeSet<String> {
        let words = whole["components"]["schemas"][schema]["enum"].as_array();
        words.unwrap().iter().map(text).collect()
    };
    macro_rules! check_words {
        ($($name:ident $prefix:literal),+) => {$(
            let code = words($prefix, |number| v1::$name::try_from(number).ok().map(|word| word.as_str_name()));
            assert_eq!(declared(stringify!($name)), code);
        )+};
    }
    check_words!(
        Tier "TIER_", AccountClass "ACCOUNT_CLASS_", Alert "ALERT_", ActingRole "ACTING_ROLE_", Layer "LAYER_",
        ReviewReason "REVIEW_REASON_", NurtureReason "NURTURE_REASON_", Note "NOTE_", WarningCode "WARNING_CODE_",
        RegistrySource "REGISTRY_SOURCE_", NameKind "NAME_KIND_", Grade "GRADE_"
    );
    let reasons = words("ERROR_REASON_", |number| {
        v1::ErrorReason::try_from(number).ok().map(|word| word.as_str_name())
    });
    assert!(declared("ErrorReason").is_subset(&reasons));
    let fields: BTreeSet<String> =
        whole["components"]["schemas"]["Lead"]["properties"].as_object().unwrap().keys().cloned().collect();
    let mut lead = namesake::lead::LeadFields::default();
    assert!(fields.len() == 11 && fields.iter().all(|field| lead.field_mut(field).is_some()), "{fields:?}");
}
