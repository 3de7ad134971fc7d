//! From a request's bytes to the core's fields: the same words, nothing checked yet.
//!
//! The requests about a lead have one shape: the lead as field 1. A usual one, texts of known fields and nothing else,
//! is read here, which costs a fifth of what the generated messages take. Whatever is odd is left to these, fields that
//! we do not know yet and bytes that are no message above all, so that prost says what is wrong.

use prost::Message;

use crate::lead::LeadFields;
use crate::proto::v1;

/// The lead of a `RouteLeadRequest`, a `RouteLeadsRequest` or an `ExplainLeadRequest`.
///
/// # Errors
/// As prost has them.
pub(super) fn lead_of(request: &[u8]) -> Result<Option<LeadFields>, prost::DecodeError> {
    match usual_lead_of(request) {
        Some(lead) => Ok(lead),
        None => Ok(v1::RouteLeadRequest::decode(request)?.lead.map(LeadFields::from)),
    }
}

/// `None` where the request is odd.
fn usual_lead_of(mut request: &[u8]) -> Option<Option<LeadFields>> {
    let mut lead = None;
    while !request.is_empty() {
        let (1, content) = next_field(&mut request)? else { return None };
        // Of a message that comes twice prost makes one.
        if lead.replace(usual_fields(content)?).is_some() {
            return None;
        }
    }
    Some(lead)
}

fn usual_fields(mut lead: &[u8]) -> Option<LeadFields> {
    let mut fields = LeadFields::default();
    while !lead.is_empty() {
        let (number, content) = next_field(&mut lead)?;
        let field = match number {
            1 => &mut fields.lead_id,
            2 => &mut fields.company,
            3 => &mut fields.email,
            4 => &mut fields.website,
            5 => &mut fields.country,
            6 => &mut fields.region,
            7 => &mut fields.postal_code,
            8 => &mut fields.phone,
            9 => &mut fields.source,
            10 => &mut fields.job_title,
            11 => &mut fields.known_account_id,
            _ => return None,
        };
        *field = str::from_utf8(content).ok()?.to_owned();
    }
    Some(fields)
}

/// The number and content of a field that has a length, taken off the front. Its key takes one byte, its length three at
/// most: more than any message of ours has.
fn next_field<'m>(message: &mut &'m [u8]) -> Option<(u8, &'m [u8])> {
    const LENGTH_DELIMITED: u8 = 2;
    let (&key, mut rest) = message.split_first()?;
    if key >= 0x80 || key & 0b111 != LENGTH_DELIMITED {
        return None;
    }
    let mut length = 0;
    for shift in [0, 7, 14] {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            let (content, after) = rest.split_at_checked(length)?;
            *message = after;
            return Some((key >> 3, content));
        }
    }
    None
}

impl From<v1::Lead> for LeadFields {
    fn from(lead: v1::Lead) -> LeadFields {
        // Taken apart by name, so that a field added to the contract cannot be forgotten here.
        let v1::Lead {
            lead_id,
            company,
            email,
            website,
            country,
            region,
            postal_code,
            phone,
            source,
            job_title,
            known_account_id,
        } = lead;
        LeadFields {
            lead_id,
            company,
            email,
            website,
            country,
            region,
            postal_code,
            phone,
            source,
            job_title,
            known_account_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn full() -> v1::Lead {
        v1::Lead {
            lead_id: "00Q1".into(),
            company: "Müller & Söhne".into(),
            email: "jo@mueller.example".into(),
            website: "mueller.example".into(),
            country: "DE".into(),
            region: "BY".into(),
            postal_code: "80331".into(),
            phone: "+49 89 1234567".into(),
            source: "web form".into(),
            job_title: "x".repeat(300),
            known_account_id: "A17".into(),
        }
    }

    /// The way of the usual request, if it is one, and the other way say the same.
    #[track_caller]
    fn check(request: &[u8], is_usual: bool) {
        let by_prost = v1::RouteLeadRequest::decode(request).map(|read| read.lead.map(LeadFields::from));
        let usual = usual_lead_of(request);
        assert_eq!(usual.is_some(), is_usual, "{request:?}");
        if let Some(usual) = usual {
            assert_eq!(Ok(usual), by_prost, "{request:?}");
        }
        assert_eq!(lead_of(request), by_prost);
    }

    fn encoded(lead: v1::Lead) -> Vec<u8> {
        v1::RouteLeadRequest { lead: Some(lead) }.encode_to_vec()
    }

    #[test]
    fn every_field_is_read_in_its_place() {
        check(&encoded(full()), true);
        check(&encoded(v1::Lead::default()), true);
        check(&encoded(v1::Lead { company: "a".repeat(60_000), ..full() }), true);
        check(&[], true);
    }

    #[test]
    fn of_a_field_given_twice_the_last_counts() {
        check(b"\x0a\x06\x12\x01a\x12\x01b", true);
    }

    #[test]
    fn unknown_fields_other_types_and_a_lead_given_twice_are_left_to_prost() {
        check(b"\x0a\x03\x62\x01a", false);
        check(b"\x10\x01", false);
        check(b"\x0a\x03\xa2\x01\x00", false);
        check(
            &[encoded(full()), encoded(v1::Lead { company: "Acme".into(), ..v1::Lead::default() })].concat(),
            false,
        );
    }

    #[test]
    fn bytes_that_are_no_request_are_left_to_prost() {
        check(b"\xff\xff\xff\xff", false);
        check(b"\x0a\x10\x0a\x01", false);
        check(b"\x0a\x04\x12\x02\xc3\x28", false);
        check(b"\x0a\xff\xff\xff\xff\x0f", false);
    }

    proptest! {
        #[test]
        fn a_usual_request_reads_as_prost_reads_it(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            for request in [bytes.clone(), [&[0x0a, bytes.len() as u8], &bytes[..]].concat()] {
                let by_prost = v1::RouteLeadRequest::decode(&request[..]).map(|read| read.lead.map(LeadFields::from));
                if let Some(usual) = usual_lead_of(&request) {
                    prop_assert_eq!(Ok(usual), by_prost);
                }
            }
        }
    }
}
