//! The registry's two kinds of record as the core sees them: accounts and reps.
//!
//! These are checked values in the CRM's own words. How they are stored (CSV, JSON, Redis) and how they
//! are sent is the business of `registry` and `grpc`; neither format reaches this file.

use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::normalize::{Country, RegistrableDomain};

/// Identifies an account in the CRM. Opaque and case-sensitive; never empty.
///
/// Up to 24 bytes stand in place: nearly every CRM's ids are shorter, and a million texts of their own take more memory
/// than the ids do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(CompactString);

/// Identifies a rep in the CRM. Opaque and case-sensitive; never empty.
///
/// Eight bytes, since every account has its owner's: reps are few, and an owner's accounts share one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepId(Arc<Box<str>>);

macro_rules! id_type {
    ($name:ident) => {
        impl $name {
            /// The id as the CRM spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
id_type!(AccountId);
id_type!(RepId);

impl AccountId {
    /// The id exactly as spelled, or `None` where there is nothing but white space. Surrounding white space
    /// is kept: an opaque id may hold it, and in real exports two ids differ in nothing else.
    pub fn new(raw: &str) -> Option<Self> {
        (!raw.trim().is_empty()).then(|| Self(CompactString::new(raw)))
    }
}

impl RepId {
    /// The id with surrounding white space removed, or `None` where nothing is left.
    pub fn new(raw: &str) -> Option<Self> {
        let id = raw.trim();
        (!id.is_empty()).then(|| Self(Arc::new(Box::from(id))))
    }
}

/// How much a company matters, as the CRM says it; never derived from revenue.
///
/// The order is the order of precedence: `Strategic` is the least value, so the first of a sorted list wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountClass {
    /// The relationship matters beyond revenue.
    Strategic,
    /// Much revenue.
    Major,
    /// Formally assigned to one rep for dedicated pursuit.
    #[default]
    Named,
    /// A CRM account that is nobody's named account: its owner is preferred, rotation is allowed.
    Standard,
}

impl AccountClass {
    /// True for every class but [`AccountClass::Standard`]: the lead must not enter a rotation.
    pub fn is_named(self) -> bool {
        self != AccountClass::Standard
    }

    /// The word used in files and answers: `strategic`, `major`, `named`, `standard`.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountClass::Strategic => "strategic",
            AccountClass::Major => "major",
            AccountClass::Named => "named",
            AccountClass::Standard => "standard",
        }
    }
}

/// Whose owner answers for a lead of this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RollUp {
    /// The account's own owner.
    Own,
    /// The nearest ancestor with an owner.
    Parent,
    /// The topmost ancestor.
    Ultimate,
}

/// How loudly the owner is told about a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alert {
    /// At once.
    Now,
    /// In the next summary.
    Digest,
    /// Not at all.
    Silent,
}

/// Which of an account's names a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// The name in use.
    Current,
    /// Another name in use, a short form or a translation.
    Alias,
    /// The name a shop or product line trades under.
    Trading,
    /// A name given up, after a rename or a merger.
    Former,
}

/// One rep who gets a copy of an account's leads, and in which role. Never the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamMember {
    /// Who.
    pub rep_id: RepId,
    /// As what: `overlay`, `specialist`, `territory` …; empty where the registry says nothing.
    pub role: String,
}

/// A company in the registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Identifies the account.
    pub id: AccountId,
    /// The name in use, as the CRM spells it. Not empty.
    pub name: String,
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Names given up.
    pub former_names: Vec<String>,
    /// Names that shops or product lines trade under.
    pub trading_names: Vec<String>,
    /// E-mail domains declared for the account: registrable, or a whole suffix such as `gov.cz`.
    pub domains: Vec<RegistrableDomain>,
    /// The domain of the website on file: support, never proof.
    pub website: Option<RegistrableDomain>,
    /// Where the account is.
    pub country: Option<Country>,
    /// State or province, as the CRM spells it; empty if unknown.
    pub region: String,
    /// Postal code, as the CRM spells it; empty if unknown.
    pub postal_code: String,
    /// Phone number, as the CRM spells it; empty if unknown.
    pub phone: String,
    /// The account this one belongs to.
    pub parent_id: Option<AccountId>,
    /// Whose owner answers; `None` means its own if it has one, else the parent's.
    pub roll_up: Option<RollUp>,
    /// How much it matters.
    pub class: AccountClass,
    /// The one rep who is accountable.
    pub owner_id: Option<RepId>,
    /// Reps who get a copy.
    pub team: Vec<TeamMember>,
    /// How loudly the owner is told; `None` leaves it to the policy of the class.
    pub alert: Option<Alert>,
    /// Where the account is found in the CRM; empty if unknown.
    pub crm_url: String,
    /// What the rep keeps on file, in the order given: at most 16 entries.
    pub context: Vec<(String, String)>,
    /// Accounts of other owners with which this one shares a name or domain on purpose.
    pub acknowledged_conflicts: Vec<AccountId>,
    /// Ids of accounts that were merged into this one.
    pub merged_ids: Vec<AccountId>,
    /// False for an account that is kept on file but gets no leads.
    pub active: bool,
}

impl Account {
    /// An active named account with an id and a name and nothing else on file.
    pub fn new(id: AccountId, name: impl Into<String>) -> Account {
        Account {
            id,
            name: name.into(),
            aliases: Vec::new(),
            former_names: Vec::new(),
            trading_names: Vec::new(),
            domains: Vec::new(),
            website: None,
            country: None,
            region: String::new(),
            postal_code: String::new(),
            phone: String::new(),
            parent_id: None,
            roll_up: None,
            class: AccountClass::default(),
            owner_id: None,
            team: Vec::new(),
            alert: None,
            crm_url: String::new(),
            context: Vec::new(),
            acknowledged_conflicts: Vec::new(),
            merged_ids: Vec::new(),
            active: true,
        }
    }

    /// Every name with its kind, the current one first.
    pub fn names(&self) -> impl Iterator<Item = (NameKind, &str)> {
        std::iter::once((NameKind::Current, self.name.as_str()))
            .chain(self.aliases.iter().map(|name| (NameKind::Alias, name.as_str())))
            .chain(self.trading_names.iter().map(|name| (NameKind::Trading, name.as_str())))
            .chain(self.former_names.iter().map(|name| (NameKind::Former, name.as_str())))
    }
}

/// Days on which a rep is away, both ends inclusive, in the rep's own time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// First day away.
    pub from: Date,
    /// Last day away; not before `from`.
    pub to: Date,
    /// Who acts during these days; `None` leaves it to the rep's standing delegate.
    pub delegate_id: Option<RepId>,
}

/// A person who owns accounts or acts for somebody who does.
#[derive(Clone, Debug, PartialEq)]
pub struct Rep {
    /// Identifies the rep.
    pub id: RepId,
    /// The name colleagues use; the id where the registry gives none.
    pub name: String,
    /// Where alerts go; empty if unknown.
    pub email: String,
    /// False once the person has left or sells no more.
    pub active: bool,
    /// Leaves, in the order given.
    pub away: Vec<Away>,
    /// Where `away` dates begin and end.
    pub time_zone: TimeZone,
    /// Who acts while the rep is away, unless the leave names somebody else.
    pub delegate_id: Option<RepId>,
    /// Who acts when the delegate cannot.
    pub manager_id: Option<RepId>,
    /// The most named accounts this rep should own.
    pub account_cap: Option<u32>,
}

impl Rep {
    /// An active rep, never away, about whom nothing but the id is known.
    pub fn new(id: RepId) -> Rep {
        Rep {
            name: id.to_string(),
            id,
            email: String::new(),
            active: true,
            away: Vec::new(),
            time_zone: TimeZone::UTC,
            delegate_id: None,
            manager_id: None,
            account_cap: None,
        }
    }
}

/// The accounts and reps, as one versioned whole.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Accounts in any order, ids unique.
    pub accounts: Vec<Account>,
    /// Reps in any order, ids unique; every owner, delegate and manager that accounts name is among them
    /// or counts as nobody.
    pub reps: Vec<Rep>,
}
