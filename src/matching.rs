//! Which accounts a lead may belong to, and how strong the evidence is.
//!
//! An account's texts are read once (`prepared`), stand in one place (`packed`) and are shared by every index built from
//! it (`prepared_registry`). A lead goes through generators of candidates in order of cost (`by_text`, `exact`, then `postings`), each with a
//! budget (`candidates`); each candidate name is laid beside the lead's word by word (`alignment`, `token`),
//! words weighing what they tell (`vocabulary`), and compared in numbers (`features`, `rivals`), which a fitted
//! model turns into a score (`model`) and `name_score` into a readable similarity; all fields of an account together
//! make its evidence, tier and score (`evidence`). An index built after another takes over what it is found by (`carried`,
//! `name_texts`), and equals one that is built whole. Who owns what is not known here: that is `routing`.

mod accounts;
mod ahead;
mod alignment;
mod alone;
mod buckets;
mod by_text;
mod candidates;
mod carried;
mod equal;
mod evidence;
mod exact;
mod features;
mod forest;
mod ids;
mod index;
mod model;
mod name_score;
mod name_texts;
mod names;
mod nearest;
mod neighbors;
mod packed;
mod postings;
mod prepared;
mod prepared_registry;
mod rivals;
mod search;
#[doc(hidden)]
pub mod stages;
mod token;
mod trigrams;
mod vocabulary;
mod work;

pub use alone::{NameWorth, name_alone, name_likeness};
pub use evidence::{AccountMatch, LeadFacts};
pub use features::{FEATURE_COUNT, FEATURE_NAMES, LegalAgreement, NameFeatures, Numbers, Order};
pub use index::{Index, Revision};
pub use model::{BadModel, NameModel, Node};
pub use prepared::{Links, PreparedAccount};
pub use prepared_registry::PreparedRegistry;
pub use search::{Found, nearest_names, search, search_all};
pub use work::Work;

use crate::score::Score;

/// The most accounts that are weighed for a decision by names that are merely near. On the labelled sets, of the accounts that are
/// right and score best, 99.98 in a hundred are among the six nearest.
pub const NAMES_MAX: usize = 8;
/// The most accounts that a search gives, whatever brought them in.
pub const CANDIDATES_MAX: usize = 24;
/// The most runner-ups and claimants in one answer.
pub const RUNNER_UPS_MAX: usize = 8;
/// Accounts under this score are not worth a mention, in any answer.
pub const MATCH_SCORE_MIN: Score = Score::from_bps(3_000);
