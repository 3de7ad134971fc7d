use proptest::prelude::*;

use super::*;

fn company(name: &str) -> LeadFields {
    LeadFields { company: name.into(), ..LeadFields::default() }
}

#[track_caller]
fn check(form: Form, body: &[u8], expected: LeadFields, unread: &[&str]) {
    let read = read(body, form).unwrap();
    assert_eq!(read.fields, expected, "{}", String::from_utf8_lossy(body));
    assert_eq!(read.unread.names, unread);
}

/// Refused with a text that holds `said` and nothing of the body that looks like a lead.
#[track_caller]
fn check_refused(form: Form, body: &[u8], said: &str) {
    let status = read(body, form).unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "MESSAGE_MALFORMED");
    assert!(status.message().contains(said), "{}", status.message());
    assert!(!format!("{status:?}").contains("jane"), "{status:?}");
}

#[test]
fn every_field_is_read_by_its_name() {
    let names = [
        "lead_id",
        "company",
        "email",
        "website",
        "country",
        "region",
        "postal_code",
        "phone",
        "source",
        "job_title",
        "known_account_id",
    ];
    let mut expected = LeadFields::default();
    for name in names {
        *expected.field_mut(name).unwrap() = format!("its {name}");
    }
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\": \"its {name}\"")).collect();
    check(Form::Json, format!("{{{}}}", members.join(", ")).as_bytes(), expected.clone(), &[]);
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}=its+{name}")).collect();
    check(Form::Urlencoded, pairs.join("&").as_bytes(), expected, &[]);
}

#[test]
fn names_are_read_as_in_a_file_of_leads() {
    let postal = LeadFields { postal_code: "80331".into(), ..company("Acme") };
    check(Form::Json, br#"{"Company": "Acme", "Postal Code": "80331"}"#, postal.clone(), &[]);
    check(Form::Urlencoded, b"COMPANY=Acme&postal-code=80331", postal, &[]);
}

#[test]
fn numbers_are_their_digits_and_null_is_not_given() {
    let lead = LeadFields { lead_id: "17".into(), postal_code: "80331".into(), ..company("Acme") };
    check(
        Form::Json,
        br#"{"lead_id": 17, "postal_code": 80331, "company": "Acme", "email": null}"#,
        lead,
        &[],
    );
}

#[test]
fn other_fields_are_not_read_whatever_they_hold_and_named() {
    let body = br#"{"utm": {"a": [1, {"b": 2}]}, "company": "Acme", "e_mail": "x", "ok": true, "n": 1.5}"#;
    check(Form::Json, body, company("Acme"), &["utm", "e_mail", "ok", "n"]);
    check(
        Form::Urlencoded,
        b"utm=x&company=Acme&&fields[mail]=y&z",
        company("Acme"),
        &["utm", "fields[mail]", "z"],
    );
}

#[test]
fn what_is_not_read_may_be_nested_as_deep_as_a_body_can_hold() {
    let deep = format!("{{\"x\": {}1{}}}", "[".repeat(30_000), "]".repeat(30_000));
    check(Form::Json, deep.as_bytes(), LeadFields::default(), &["x"]);
    check_refused(Form::Json, deep.replace("x", "email").as_bytes(), "email is a list");
}

#[test]
fn of_unread_fields_only_what_looks_like_a_name_is_told_and_not_without_end() {
    check(Form::Urlencoded, b"company=Acme&jane@acme.com&J%C3%A4ne+D=1", company("Acme"), &[]);
    let many: Vec<String> = (0..40).map(|at| format!("x{at}=1")).collect();
    assert_eq!(
        read(many.join("&").as_bytes(), Form::Urlencoded).unwrap().unread.names.len(),
        UNREAD_NAMES_MAX
    );
}

#[test]
fn escapes_are_undone_and_the_last_of_a_field_counts() {
    check(
        Form::Json,
        r#"{"company": "M\u00fcller \"&\" Söhne"}"#.as_bytes(),
        company("Müller \"&\" Söhne"),
        &[],
    );
    check(Form::Json, br#"{"company": "A", "\u0063ompany": "B"}"#, company("B"), &[]);
    check(Form::Urlencoded, b"company=M%C3%BCller+%26+S%c3%b6hne%2B", company("Müller & Söhne+"), &[]);
    check(Form::Urlencoded, b"company=100%+%zz%4", company("100% %zz%4"), &[]);
    check(Form::Urlencoded, b"company=M%FCller", company("Müller"), &[]);
    check(Form::Json, b"\xEF\xBB\xBF {\"company\": \"A\"} ", company("A"), &[]);
}

#[test]
fn what_is_no_object_of_texts_is_refused_with_the_remedy_and_without_its_words() {
    check_refused(Form::Json, b"", "is empty");
    check_refused(Form::Urlencoded, b" \r\n", "is empty");
    check_refused(Form::Json, br#"[{"company": "jane"}]"#, "one lead a request");
    check_refused(Form::Json, br#""jane""#, "not a JSON object");
    check_refused(Form::Json, b"company=jane", "is a form");
    check_refused(Form::Urlencoded, br#"{"company": "jane"}"#, "application/json");
    check_refused(Form::Json, br#"{"company": "jane" "email"}"#, "line 1, column 20");
    check_refused(Form::Json, br#"{"company": "jane"#, "ends too early");
    check_refused(Form::Json, b"{\"company\": \"jan\xFFe\"}", "column");
    check_refused(Form::Json, br#"{"company": "jane"} x"#, "line 1");
    check_refused(Form::Json, br#"{"company": ["jane"]}"#, "company is a list: send a text");
    check_refused(Form::Json, br#"{"Company": {"jane": 1}}"#, "company is an object");
    check_refused(Form::Json, br#"{"email": true}"#, "email is true or false");
    check_refused(Form::Json, br#"{"phone": 1.5}"#, "phone is a number with a fraction");
}

#[test]
fn the_content_type_says_how_a_body_is_read() {
    let form = |content_type: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        form_of(&headers).ok()
    };
    assert_eq!(form_of(&HeaderMap::new()).ok(), Some(Form::Json));
    assert_eq!(form("application/json; charset=utf-8"), Some(Form::Json));
    assert_eq!(form("application/vnd.form+json"), Some(Form::Json));
    assert_eq!(form("Application/X-WWW-Form-Urlencoded;charset=UTF-8"), Some(Form::Urlencoded));
    assert_eq!(form("multipart/form-data; boundary=x"), None);
    assert_eq!(form("text/plain"), None);
}

fn lead_of(texts: &[String]) -> LeadFields {
    let [company, email, postal_code] = texts else { panic!("three texts") };
    let [company, email, postal_code] = [company, email, postal_code].map(String::clone);
    LeadFields { company, email, postal_code, ..LeadFields::default() }
}

proptest! {
    #[test]
    fn any_text_arrives_as_it_was_sent(texts in proptest::collection::vec(any::<String>(), 3)) {
        let object = serde_json::json!({"company": texts[0], "email": texts[1], "postal_code": texts[2]});
        let expected = lead_of(&texts);
        prop_assert_eq!(&read(object.to_string().as_bytes(), Form::Json).unwrap().fields, &expected);
        let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let form = format!(
            "company={}&email={}&postal_code={}", escaped(&texts[0]), escaped(&texts[1]), escaped(&texts[2])
        );
        prop_assert_eq!(&read(form.as_bytes(), Form::Urlencoded).unwrap().fields, &expected);
    }

    #[test]
    fn no_body_makes_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for body in [bytes.clone(), [b"{\"company\": ", &bytes[..], b"}"].concat()] {
            let _ = (read(&body, Form::Json), read(&body, Form::Urlencoded));
        }
    }
}
