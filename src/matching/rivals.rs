//! Candidates beside one another: a name that fits two companies about equally well tells less than one that
//! fits one.
//!
//! Only accounts of another owner are rivals, since what matters is the owner, and only with another name, neither
//! equal to the lead's: two owners of one name are a conflict for `routing` to report, not weak evidence.

use super::features::RIVAL_GAP;
use super::index::Index;
use super::nearest::BestName;
use super::vocabulary::TokenId;
use crate::account::RepId;

/// Some name of another owner is as near as this in any registry, whether candidates were looked for that far or not.
/// From the labelled sets: without it a name that merely had no candidate beside it counted for too much
/// (`web_form_leads` right 0.899 instead of 0.913), and from 0.3 on all names count for too little.
const ANY_RIVAL: f32 = 0.1;

/// Sets the feature of each comparison that depends on the others; not for accounts that are `judged_alone`, which
/// have rivals no nearer than any.
pub(super) fn compare_rivals<'n>(
    names: impl Iterator<Item = (u32, &'n mut BestName)>,
    judged_alone: impl Fn(u32) -> bool,
    index: &Index,
) {
    let owner = |account: u32| index.at(account).owner_id.as_ref();
    let words = |name: &BestName| index.names().tokens(index.names().get(name.name));
    let mut names: Vec<(u32, &mut BestName)> = names.filter(|(_, name)| !name.found.equal).collect();
    let mut ranked: Vec<(f32, Option<&RepId>, &[TokenId])> = names
        .iter()
        .map(|(account, name)| (name.found.similarity.share(), owner(*account), words(name)))
        .collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (account, name) in &mut names {
        let own = owner(*account);
        let similarity = name.found.similarity.share();
        // Accounts without an owner are no rivals of one another either: nobody would be passed over.
        let own_words = words(name);
        let rival = ranked.iter().find(|(_, other, words)| *other != own && *words != own_words);
        let rival = rival.filter(|_| !judged_alone(*account));
        let best = rival.map_or(ANY_RIVAL, |(best, ..)| best.max(ANY_RIVAL));
        name.found.features[RIVAL_GAP] = similarity - best;
    }
}
