//! A prepared account as one text, so that a start need not read names and domains again.
//!
//! What it says depends on how names are read: only the same build of the program understands it.

use super::PreparedAccount;
use crate::account::{AccountClass, AccountId, Alert, RepId, RollUp};
use crate::matching::packed::{Packer, Pieces, number_of};
use crate::normalize::Country;

const CLASSES: [AccountClass; 4] =
    [AccountClass::Strategic, AccountClass::Major, AccountClass::Named, AccountClass::Standard];
const ROLL_UPS: [Option<RollUp>; 4] = [None, Some(RollUp::Own), Some(RollUp::Parent), Some(RollUp::Ultimate)];
const ALERTS: [Option<Alert>; 4] = [None, Some(Alert::Now), Some(Alert::Digest), Some(Alert::Silent)];
const FLAGS: [bool; 2] = [false, true];

impl PreparedAccount {
    /// All but the id.
    pub fn to_stored(&self) -> Box<str> {
        let mut stored = Packer::default();
        stored.piece(self.owner_id.as_ref().map_or("", RepId::as_str));
        stored.piece(self.parent_id.as_ref().map_or("", |parent| parent.as_str()));
        stored.piece(self.country.as_ref().map_or("", Country::as_str));
        stored.number(number_of(&CLASSES, &self.class));
        stored.number(number_of(&ROLL_UPS, &self.roll_up));
        stored.number(number_of(&ALERTS, &self.alert));
        stored.number(number_of(&FLAGS, &self.active));
        stored.append(&self.parts);
        stored.packed()
    }

    /// The account of an id and the text that [`PreparedAccount::to_stored`] gave; `None` for what cannot be such a text.
    pub fn of_stored(id: AccountId, stored: &str) -> Option<PreparedAccount> {
        let mut pieces = Pieces::of(stored);
        let (owner_id, parent_id) = (RepId::new(pieces.piece()), AccountId::new(pieces.piece()));
        let country = pieces.piece();
        Some(PreparedAccount {
            id,
            owner_id,
            parent_id: parent_id.map(Box::new),
            country: if country.is_empty() { None } else { Some(Country::parse(country)?) },
            class: *CLASSES.get(pieces.number())?,
            roll_up: *ROLL_UPS.get(pieces.number())?,
            alert: *ALERTS.get(pieces.number())?,
            active: *FLAGS.get(pieces.number())?,
            parts: Some(pieces.rest()).filter(|parts| !parts.is_empty())?.into(),
        })
    }
}
