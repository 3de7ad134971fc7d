//! The text of a stored account made again from what was read out of it, so that nobody need keep both.
//!
//! What was ignored or brought into normal form (a website's path, a country's name, a key that nobody knows) cannot be
//! told again: such a text has no spelling here, and whoever needs it keeps it.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::back::word;
use super::check::{ALERTS, ROLL_UPS};
use crate::account::{AccountClass, NameKind, RepId};
use crate::matching::PreparedAccount;
use crate::normalize::Country;

/// How a text says what can be said in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The class is named.
    Full,
    /// The class is left out, which says that the account is a named one.
    WithoutClass,
}

/// How to make a text again that says this account; `None` where that cannot be done.
pub(super) fn spelling_of(account: &PreparedAccount, text: &str) -> Option<Spelling> {
    let is = |spelling: &Spelling| {
        let mut same = Same { left: text.as_bytes() };
        serde_json::to_writer(&mut same, &Spelled { account, spelling: *spelling }).is_ok()
            && same.left.is_empty()
    };
    let without = account.class == AccountClass::Named;
    let spellings = [Some(Spelling::Full), without.then_some(Spelling::WithoutClass)];
    spellings.into_iter().flatten().find(is)
}

/// The text of an account in a spelling.
pub(super) fn spell(account: &PreparedAccount, spelling: Spelling) -> String {
    serde_json::to_string(&Spelled { account, spelling }).expect("an account is texts and lists of texts")
}

/// What is written is compared and not kept; it ends at the first difference.
struct Same<'t> {
    left: &'t [u8],
}

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An account as it is stored: keys sorted, nothing empty.
struct Spelled<'a> {
    account: &'a PreparedAccount,
    spelling: Spelling,
}

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let account = self.account;
        let class = if self.spelling == Spelling::Full { account.class.as_str() } else { "" };
        let context: Vec<Pair<'_>> = account.context().map(|(key, value)| Pair(key, "=", value)).collect();
        let team: Vec<_> = account.team().collect();
        let team = team.iter().map(|member| match member.role.as_str() {
            "" => Pair(member.rep_id.as_str(), "", ""),
            role => Pair(member.rep_id.as_str(), ":", role),
        });
        let mut map = serializer.serialize_map(None)?;
        many(&mut map, "acknowledged_conflicts", account.acknowledged_conflicts())?;
        one(&mut map, "active", if account.active { "" } else { "false" })?;
        one(&mut map, "alert", word(ALERTS, account.alert))?;
        many(&mut map, "aliases", account.names_of(NameKind::Alias))?;
        one(&mut map, "class", class)?;
        many(&mut map, "context", context.into_iter())?;
        one(&mut map, "country", account.country.as_ref().map_or("", Country::as_str))?;
        one(&mut map, "crm_url", account.crm_url())?;
        many(&mut map, "domains", account.domains())?;
        many(&mut map, "former_names", account.names_of(NameKind::Former))?;
        one(&mut map, "id", account.id.as_str())?;
        many(&mut map, "merged_ids", account.merged_ids())?;
        one(&mut map, "name", account.name())?;
        one(&mut map, "owner_id", account.owner_id.as_ref().map_or("", RepId::as_str))?;
        one(&mut map, "parent_id", account.parent_id.as_ref().map_or("", |parent| parent.as_str()))?;
        one(&mut map, "phone", account.phone())?;
        one(&mut map, "postal_code", account.postal_code())?;
        one(&mut map, "region", account.region())?;
        one(&mut map, "roll_up", word(ROLL_UPS, account.roll_up))?;
        many(&mut map, "team", team)?;
        many(&mut map, "trading_names", account.names_of(NameKind::Trading))?;
        one(&mut map, "website", account.website().unwrap_or_default())?;
        map.end()
    }
}

/// Writes a value, unless it is empty.
fn one<M: SerializeMap>(map: &mut M, key: &'static str, value: &str) -> Result<(), M::Error> {
    if value.is_empty() { Ok(()) } else { map.serialize_entry(key, value) }
}

/// Writes a list, unless it is empty.
fn many<M: SerializeMap, T: Serialize>(
    map: &mut M,
    key: &'static str,
    values: impl Iterator<Item = T>,
) -> Result<(), M::Error> {
    let mut values = values.peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    map.serialize_entry(key, &List(RefCell::new(values)))
}

/// Written once, as its values are taken.
struct List<I>(RefCell<I>);

impl<T: Serialize, I: Iterator<Item = T>> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&mut *self.0.borrow_mut())
    }
}

/// Two texts and what stands between them.
struct Pair<'a>(&'a str, &'static str, &'a str);

impl Serialize for Pair<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{}{}", self.0, self.1, self.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::one;
    use crate::registry::record::AccountRecord;
    use crate::registry::stored::Stored;

    /// Whether the text is made again of its account, and that it is the text that the account is stored as.
    #[track_caller]
    fn check(text: &str, spelling: Option<Spelling>) {
        let (account, _) = one::account(&AccountRecord::of_text(text).unwrap()).unwrap();
        let account = PreparedAccount::new(account);
        assert_eq!(spell(&account, Spelling::Full), AccountRecord::from(&account).text());
        assert_eq!(spelling_of(&account, text), spelling, "{text}");
        if let Some(spelling) = spelling {
            assert_eq!(spell(&account, spelling), text);
        }
    }

    #[test]
    fn a_text_of_ours_is_made_again() {
        check(r#"{"class":"named","id":"a1","name":"Acme"}"#, Some(Spelling::Full));
        check(r#"{"id":"a1","name":"Acme"}"#, Some(Spelling::WithoutClass));
        check(r#"{"class":"major","id":"a1","name":"Zoë \"Z\" GmbH\u0001"}"#, Some(Spelling::Full));
        let full = concat!(
            r#"{"acknowledged_conflicts":["a2"],"active":"false","alert":"digest","aliases":["Ac","Me"],"class":"standard","#,
            r#""context":["tier=gold","note=a=b"],"country":"DE","crm_url":"https://crm.example/a1","domains":["acme.com"],"#,
            r#""former_names":["Ajax"],"id":"a1","merged_ids":["a0","a 0"],"name":"Acme","owner_id":"r1","parent_id":"p","#,
            r#""phone":"+49 30","postal_code":"10115","region":"Berlin","roll_up":"parent","team":["r2:overlay","r3"],"#,
            r#""trading_names":["Shop"],"website":"acme.com"}"#,
        );
        check(full, Some(Spelling::Full));
    }

    #[test]
    fn any_other_text_is_not() {
        for text in [
            r#"{"name":"Acme","id":"a1"}"#,
            r#"{"id":"a1", "name":"Acme"}"#,
            r#"{"id":"a1","name":"Acme"} "#,
            r#"{"active":"true","id":"a1","name":"Acme"}"#,
            r#"{"id":"a1","name":"Acme","new":1}"#,
            r#"{"id":"a1","name":"Acme","website":"https://www.acme.com/"}"#,
            r#"{"country":"Germany","id":"a1","name":"Acme"}"#,
            r#"{"country":"Atlantis","id":"a1","name":"Acme"}"#,
            r#"{"id":"a1","name":"\u0041cme"}"#,
        ] {
            check(text, None);
        }
    }
}
