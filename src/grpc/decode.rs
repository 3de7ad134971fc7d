//! From the message to the core's fields: the same words, nothing checked yet.

use crate::lead::LeadFields;
use crate::proto::v1;

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
