//! Names that are the lead's but for a slip in one word, found without a look at any other name: each word that the slip
//! may have been made of is put in its place, and the names that are equal then are looked up.

use super::{EQUAL_MAX, Sources};
use crate::matching::name_score::{LeadSide, Meant};
use crate::matching::names::NameId;
use crate::matching::token;
use crate::matching::work::Work;

/// The names, in no order, some more than once; [`EQUAL_MAX`] at most, and none where there are more: a part of them would
/// pass for all. None either where no word or more than one is unknown: what other names have too may be meant as it stands.
pub(super) fn gather(lead: &LeadSide<'_>, sources: Sources<'_>, work: &mut Work) -> Vec<NameId> {
    let Some(Meant { at, words }) = lead.meant(sources.words.neighbors()) else { return Vec::new() };
    let slipped = &lead.words[*at];
    if slipped.known {
        return Vec::new();
    }
    work.words += words.len();
    let mut found = Vec::new();
    for id in words {
        let meant = sources.vocabulary.account_word(*id);
        if token::similarity(slipped, &meant).is_some() {
            let put = lead.words.iter().enumerate().map(|(place, other)| match place == *at {
                true => (meant.text, meant.kind),
                false => (other.text, other.kind),
            });
            found.extend(sources.exact.find(put).take(EQUAL_MAX + 1));
            if found.len() > EQUAL_MAX {
                return Vec::new();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::EQUAL_MAX;
    use crate::account::{Account, AccountId, Registry};
    use crate::matching::names::lead_names;
    use crate::matching::nearest::Side;
    use crate::matching::work::Work;
    use crate::matching::{Index, Revision};

    /// The names that `company` is, but for a slip.
    #[track_caller]
    fn check(company: &str, expected: &[&str]) {
        let names = ["Kumar Textil", "Kumer Textil", "Textil Zumbado", "Zumbado", "Kumar", "Zumbado Bank"];
        check_among(&names, company, expected);
    }

    #[track_caller]
    fn check_among(names: &[&str], company: &str, expected: &[&str]) {
        let account =
            |(at, name): (usize, &&str)| Account::new(AccountId::new(&format!("a{at:04}")).unwrap(), *name);
        let accounts = names.iter().enumerate().map(account).collect();
        let index = Index::build(Registry { accounts, reps: Vec::new() }, Revision(1));
        let readings = lead_names(company);
        let side = &Side::of(&readings, &index)[0].side;
        let found = super::super::by_slip(side, index.sources(), &mut Work::default());
        let mut found: Vec<String> =
            found.iter().map(|id| index.at(index.names().get(*id).account).name().to_owned()).collect();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_slip_in_one_word_is_put_right_whatever_the_order() {
        check("Zumbdao Textil", &["Textil Zumbado"]);
        check("Textil Zumbada", &["Textil Zumbado"]);
        check("Zumbaddo", &["Zumbado"]);
    }

    #[test]
    fn a_slip_that_may_be_of_several_words_finds_the_names_of_each() {
        check("Kumir Textil", &["Kumar Textil", "Kumer Textil"]);
    }

    #[test]
    fn words_that_other_names_have_are_taken_as_they_stand() {
        check("Kumer", &[]);
        check("Zumbado Kumar", &[]);
    }

    #[test]
    fn two_slips_a_word_more_and_a_word_less_are_left_to_others() {
        check("Zumbdao Textli", &[]);
        check("Zumbdao Textil Nord", &[]);
        check("Textli", &[]);
    }

    #[test]
    fn so_many_that_not_all_can_be_compared_are_left_to_others() {
        // A name is found by its words and by its letters, so each counts twice.
        let shops = |count| vec!["Zumbado Textil"; count];
        check_among(&shops(EQUAL_MAX / 2), "Zumbdao Textil", &shops(EQUAL_MAX / 2));
        check_among(&shops(EQUAL_MAX / 2 + 1), "Zumbdao Textil", &[]);
        let two = [shops(EQUAL_MAX / 2), vec!["Zumbada Textil"]].concat();
        check_among(&two, "Zumbade Textil", &[]);
    }
}
