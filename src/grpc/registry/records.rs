//! Messages to records as stored and back: the same words, nothing checked.

use crate::proto::v1;
use crate::registry::record::{AccountRecord, RepRecord};

/// A conversion in both directions, field by field: the message and the record have the same fields, and the
/// compiler names one that is forgotten here.
macro_rules! same_fields {
    ($record:ident { $($field:ident),* $(,)? }) => {
        impl From<v1::$record> for $record {
            fn from(message: v1::$record) -> $record {
                let v1::$record { $($field),* } = message;
                $record { $($field),* }
            }
        }

        impl From<$record> for v1::$record {
            fn from(record: $record) -> v1::$record {
                let $record { $($field),* } = record;
                v1::$record { $($field),* }
            }
        }
    };
}

same_fields!(AccountRecord {
    id,
    name,
    aliases,
    former_names,
    trading_names,
    domains,
    website,
    country,
    region,
    postal_code,
    phone,
    parent_id,
    roll_up,
    class,
    owner_id,
    team,
    alert,
    crm_url,
    context,
    acknowledged_conflicts,
    merged_ids,
    active,
});

same_fields!(RepRecord { id, name, email, active, away, time_zone, delegate_id, manager_id, account_cap });
