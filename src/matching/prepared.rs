//! An account with everything that is read out of its texts: its names as words, its domains as they look.
//!
//! Reading a name costs more than all that an index does with it. So each account is prepared once, when it is
//! checked, and shared by every index that is built from then on: a change of one account reads one account.
//! Accounts are held by the million, so all texts of one stand in one place ([`packed`](super::packed)).

mod readings;
mod sizes;
mod stored;

use std::sync::Arc;

use self::readings::{pack_readings, readings};
use super::ahead;
use super::packed::{Packer, Pieces};
use crate::account::{Account, AccountClass, AccountId, Alert, NameKind, RepId, RollUp, TeamMember};
use crate::normalize::{Country, RegistrableDomain, confusable_skeleton};

pub(super) use self::readings::Reading;
pub(super) use self::sizes::Sizes;

/// A checked account whose names and domains are read. Says what [`Account`] says; texts by functions.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedAccount {
    /// As [`Account::id`].
    pub id: AccountId,
    /// As [`Account::owner_id`].
    pub owner_id: Option<RepId>,
    /// As [`Account::parent_id`]; most have none.
    pub parent_id: Option<Box<AccountId>>,
    /// As [`Account::country`].
    pub country: Option<Country>,
    /// As [`Account::class`].
    pub class: AccountClass,
    /// As [`Account::roll_up`].
    pub roll_up: Option<RollUp>,
    /// As [`Account::alert`].
    pub alert: Option<Alert>,
    /// As [`Account::active`].
    pub active: bool,
    /// One piece for each [`Part`], in their order.
    parts: Box<str>,
}

/// What the texts of an account are: those first that an index is filled from, then those that a lead is compared with.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// How its names are read; nothing for an account that is not active.
    Readings,
    Name,
    Domains,
    Website,
    PostalCode,
    Phone,
    Region,
    Aliases,
    TradingNames,
    FormerNames,
    CrmUrl,
    /// Keys and values in turn.
    Context,
    /// Ids of reps and roles in turn.
    Team,
    AcknowledgedConflicts,
    MergedIds,
}

/// What of an account only the whole registry can check: ids of others.
#[derive(Clone, Debug)]
pub struct Links {
    /// The account it belongs to.
    pub parent_id: Option<AccountId>,
    /// Reps who get a copy.
    pub team: Vec<TeamMember>,
    /// Ids of accounts merged into it.
    pub merged_ids: Vec<AccountId>,
}

impl PreparedAccount {
    /// Reads an account's names and domains.
    pub fn new(account: Account) -> PreparedAccount {
        let mut parts = Packer::default();
        parts.list(|list| {
            if account.active {
                pack_readings(account.names(), list);
            }
        });
        PreparedAccount::packed(account, parts)
    }

    /// An account of which the parts before [`Part::Name`] are given.
    fn packed(account: Account, mut parts: Packer) -> PreparedAccount {
        parts.piece(&account.name);
        parts.texts(account.domains.iter().map(RegistrableDomain::as_str));
        parts.piece(account.website.as_ref().map_or("", RegistrableDomain::as_str));
        parts.piece(&account.postal_code);
        parts.piece(&account.phone);
        parts.piece(&account.region);
        for names in [&account.aliases, &account.trading_names, &account.former_names] {
            parts.texts(names.iter().map(String::as_str));
        }
        parts.piece(&account.crm_url);
        parts.texts(account.context.iter().flat_map(|(key, value)| [key.as_str(), value]));
        parts.texts(account.team.iter().flat_map(|member| [member.rep_id.as_str(), &member.role]));
        parts.texts(account.acknowledged_conflicts.iter().map(AccountId::as_str));
        parts.texts(account.merged_ids.iter().map(AccountId::as_str));
        PreparedAccount {
            id: account.id,
            owner_id: account.owner_id,
            parent_id: account.parent_id.map(Box::new),
            country: account.country,
            class: account.class,
            roll_up: account.roll_up,
            alert: account.alert,
            active: account.active,
            parts: parts.packed(),
        }
    }

    /// Accounts in their order, for whoever looks at very many: they stand all over the memory, in the order in which they
    /// came, so that some are always brought near together.
    pub fn each<'a>(
        accounts: &'a [Arc<PreparedAccount>],
    ) -> impl Iterator<Item = &'a Arc<PreparedAccount>> + use<'a> {
        accounts.chunks(ahead::TOGETHER).flat_map(|some| {
            ahead::fetch(some.iter().map(|account| u32::from(account.active)));
            ahead::fetch(
                some.iter().map(|account| account.parts.as_bytes().first().map_or(0, |byte| (*byte).into())),
            );
            some
        })
    }

    /// The account as it was given.
    pub fn to_account(&self) -> Account {
        let texts = |part| self.list(part).map(str::to_owned).collect();
        let ids = |part| self.list(part).filter_map(AccountId::new).collect();
        Account {
            id: self.id.clone(),
            name: self.name().to_owned(),
            aliases: texts(Part::Aliases),
            former_names: texts(Part::FormerNames),
            trading_names: texts(Part::TradingNames),
            domains: self.domains().map(RegistrableDomain::of_text).collect(),
            website: self.website().map(RegistrableDomain::of_text),
            country: self.country,
            region: self.region().to_owned(),
            postal_code: self.postal_code().to_owned(),
            phone: self.phone().to_owned(),
            parent_id: self.parent_id.as_deref().cloned(),
            roll_up: self.roll_up,
            class: self.class,
            owner_id: self.owner_id.clone(),
            team: self.team().collect(),
            alert: self.alert,
            crm_url: self.crm_url().to_owned(),
            context: self.context().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            acknowledged_conflicts: ids(Part::AcknowledgedConflicts),
            merged_ids: ids(Part::MergedIds),
            active: self.active,
        }
    }

    /// The account with other links, once the other accounts and the reps are known.
    #[must_use]
    pub fn with_links(&self, change: impl FnOnce(&mut Links)) -> PreparedAccount {
        let mut account = self.to_account();
        let Account { parent_id, team, merged_ids, .. } = &mut account;
        let mut links = Links {
            parent_id: parent_id.take(),
            team: std::mem::take(team),
            merged_ids: std::mem::take(merged_ids),
        };
        change(&mut links);
        (*parent_id, *team, *merged_ids) = (links.parent_id, links.team, links.merged_ids);
        let mut read = Packer::default();
        read.piece(self.text(Part::Readings));
        PreparedAccount::packed(account, read)
    }

    fn pieces_from(&self, part: Part) -> Pieces<'_> {
        Pieces::of(&self.parts).skip_pieces(part as usize)
    }

    fn text(&self, part: Part) -> &str {
        self.pieces_from(part).piece()
    }

    fn list(&self, part: Part) -> Pieces<'_> {
        self.pieces_from(part).list()
    }

    /// As [`Account::name`].
    pub fn name(&self) -> &str {
        self.text(Part::Name)
    }

    /// Its names of one kind.
    pub fn names_of(&self, kind: NameKind) -> impl Iterator<Item = &str> {
        let (current, part) = match kind {
            NameKind::Current => (Some(self.name()), None),
            NameKind::Alias => (None, Some(Part::Aliases)),
            NameKind::Trading => (None, Some(Part::TradingNames)),
            NameKind::Former => (None, Some(Part::FormerNames)),
        };
        current.into_iter().chain(part.map(|part| self.list(part)).unwrap_or_default())
    }

    /// As [`Account::names`].
    pub fn names(&self) -> impl Iterator<Item = (NameKind, &str)> {
        let kinds = [NameKind::Current, NameKind::Alias, NameKind::Trading, NameKind::Former];
        kinds.into_iter().flat_map(|kind| self.names_of(kind).map(move |name| (kind, name)))
    }

    /// As [`Account::domains`], as texts.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.list(Part::Domains)
    }

    /// Whether the account has a domain of its own.
    pub fn has_domains(&self) -> bool {
        !self.list(Part::Domains).is_empty()
    }

    /// The domain among the account's own that equals this one.
    pub fn declared(&self, domain: &RegistrableDomain) -> Option<&str> {
        self.domains().find(|declared| *declared == domain.as_str())
    }

    /// As [`Account::website`], as a text.
    pub fn website(&self) -> Option<&str> {
        Some(self.text(Part::Website)).filter(|website| !website.is_empty())
    }

    /// As [`Account::region`].
    pub fn region(&self) -> &str {
        self.text(Part::Region)
    }

    /// As [`Account::postal_code`].
    pub fn postal_code(&self) -> &str {
        self.text(Part::PostalCode)
    }

    /// As [`Account::phone`].
    pub fn phone(&self) -> &str {
        self.text(Part::Phone)
    }

    /// As [`Account::crm_url`].
    pub fn crm_url(&self) -> &str {
        self.text(Part::CrmUrl)
    }

    /// As [`Account::context`].
    pub fn context(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.list(Part::Context))
    }

    /// As [`Account::team`].
    pub fn team(&self) -> impl Iterator<Item = TeamMember> {
        team(self.list(Part::Team))
    }

    /// [`PreparedAccount::crm_url`], [`PreparedAccount::context`] and [`PreparedAccount::team`] in one walk over the texts
    /// in front of them.
    pub fn on_file(&self) -> (&str, impl Iterator<Item = (&str, &str)>, impl Iterator<Item = TeamMember>) {
        let mut pieces = self.pieces_from(Part::CrmUrl);
        (pieces.piece(), pairs(pieces.list()), team(pieces.list()))
    }

    /// As [`Account::acknowledged_conflicts`], as texts.
    pub fn acknowledged_conflicts(&self) -> impl Iterator<Item = &str> {
        self.list(Part::AcknowledgedConflicts)
    }

    /// As [`Account::merged_ids`], as texts.
    pub fn merged_ids(&self) -> impl Iterator<Item = &str> {
        self.list(Part::MergedIds)
    }

    /// The match keys of its names, each as a whole, the current one first; several names may have one key. None
    /// for an account that is not active.
    pub fn name_keys(&self) -> impl Iterator<Item = &str> {
        self.readings().filter(|reading| reading.counts).map(|reading| reading.key())
    }

    /// Every reading of every name, in the order of [`Account::names`]; none for an account that is not active.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        readings(self.list(Part::Readings))
    }

    /// The declared domains that leads are found by, in their order; none for an account that is not active.
    pub fn domain_texts(&self) -> impl Iterator<Item = &str> {
        if self.active { self.list(Part::Domains) } else { Pieces::default() }
    }

    /// Hands over each of these domains.
    pub(super) fn each_domain(&self, take: &mut dyn FnMut(&str)) {
        self.domain_texts().for_each(take);
    }

    /// Hands over what each of these domains looks like. Made again whenever it is asked for, which is seldom, since it would
    /// take as much memory as the domain does.
    pub(super) fn each_skeleton(&self, take: &mut dyn FnMut(&str)) {
        self.domain_texts()
            .for_each(|domain| take(&confusable_skeleton(&RegistrableDomain::of_text(domain))));
    }

    /// True where an index finds both by the same names.
    pub(super) fn is_named_as(&self, other: &PreparedAccount) -> bool {
        self.text(Part::Readings) == other.text(Part::Readings)
    }

    /// True where an index finds both by the same domains and merged ids.
    pub(super) fn is_reached_as(&self, other: &PreparedAccount) -> bool {
        self.active == other.active
            && self.text(Part::Domains) == other.text(Part::Domains)
            && self.text(Part::MergedIds) == other.text(Part::MergedIds)
    }
}

/// Pieces two by two.
fn pairs(mut pieces: Pieces<'_>) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || Some((pieces.next()?, pieces.piece())))
}

fn team(pieces: Pieces<'_>) -> impl Iterator<Item = TeamMember> {
    pairs(pieces).map_while(|(rep_id, role)| {
        let (rep_id, role) = (RepId::new(rep_id)?, role.to_owned());
        Some(TeamMember { rep_id, role })
    })
}

impl From<Account> for PreparedAccount {
    fn from(account: Account) -> PreparedAccount {
        PreparedAccount::new(account)
    }
}

#[cfg(test)]
mod tests;
