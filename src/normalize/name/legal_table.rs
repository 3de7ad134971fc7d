//! The legal forms of `data/legal_forms.tsv`, found by the words that they consist of.
//!
//! The table's spellings go through the same steps as a name, so that each row stands for every way to type it.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};

use super::{LegalForm, clean::clean, initials::join_letters, words::words};

/// Where a legal form may stand, and what has to corroborate it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    /// At the end of a name.
    pub(super) behind: bool,
    /// In front of a name.
    pub(super) front: bool,
    /// In front, if corroborated.
    pub(super) front_doubtful: bool,
    /// Between other words.
    pub(super) inside: bool,
    /// Not a form after all, whatever shorter form ends it.
    pub(super) keep: bool,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// What it is.
    pub(super) form: LegalForm,
    /// Where it may stand.
    pub(super) places: Places,
    /// Normal forms, separated by commas, that corroborate it in front when they stand behind.
    pub(super) partners: &'static str,
}

/// All legal forms.
pub(super) struct LegalTable {
    rows: HashMap<String, Row>,
    /// Most words of a form that begins with this word.
    first: HashMap<String, usize>,
    /// Most words of a form that ends with this word.
    last: HashMap<String, usize>,
    vocabulary: HashSet<String>,
    glued: Vec<(String, LegalForm)>,
}

/// Built on first use from the file in the program.
pub(super) static LEGAL_FORMS: LazyLock<LegalTable> =
    LazyLock::new(|| LegalTable::read(include_str!("../../../data/legal_forms.tsv")));

impl LegalTable {
    fn read(file: &'static str) -> LegalTable {
        let mut table = LegalTable {
            rows: HashMap::new(),
            first: HashMap::new(),
            last: HashMap::new(),
            vocabulary: HashSet::new(),
            glued: Vec::new(),
        };
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default();
            let (spelling, position, form, class, partners) =
                (column(), column(), column(), column(), column());
            let form = LegalForm { form, class };
            if position == "glued" {
                table.glued.push((clean(spelling).0.into_owned(), form));
            } else {
                table.add(spelling, position, form, partners);
            }
        }
        table.glued.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        table
    }

    fn add(&mut self, spelling: &str, position: &str, form: LegalForm, partners: &'static str) {
        let mut words = words(&clean(spelling).0);
        join_letters(&mut words);
        let keys: Vec<&str> = words.iter().map(|word| word.key()).collect();
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return };
        for (index, word) in [(&mut self.first, first), (&mut self.last, last)] {
            let most = index.entry((*word).to_owned()).or_default();
            *most = keys.len().max(*most);
        }
        self.vocabulary.extend(keys.iter().map(|&key| key.to_owned()));
        let places = Places::default();
        // The first row of a spelling names the form; further ones only add places.
        let row = self.rows.entry(keys.join(" ")).or_insert(Row { form, places, partners });
        match position {
            "behind" => row.places.behind = true,
            "front" => row.places.front = true,
            "both" => (row.places.behind, row.places.front) = (true, true),
            "inside" => (row.places.behind, row.places.inside) = (true, true),
            "any" => (row.places.behind, row.places.front, row.places.inside) = (true, true, true),
            "front?" => (row.places.behind, row.places.front_doubtful) = (true, true),
            "before?" => row.places.front_doubtful = true,
            "keep" => row.places.keep = true,
            _ => {}
        }
        if row.partners.is_empty() {
            row.partners = partners;
        }
    }

    /// The row of a form that consists of these words, joined by one space.
    pub(super) fn row(&self, joined: &str) -> Option<&Row> {
        self.rows.get(joined)
    }

    /// Most words of a form that begins with `word`; 0 if none does.
    pub(super) fn longest_from(&self, word: &str) -> usize {
        self.first.get(word).copied().unwrap_or_default()
    }

    /// Most words of a form that ends with `word`; 0 if none does.
    pub(super) fn longest_to(&self, word: &str) -> usize {
        self.last.get(word).copied().unwrap_or_default()
    }

    /// Whether some form has this word in it.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// The form written against the end of `word`, and the rest; the longest that leaves something.
    pub(super) fn glued_behind<'w>(&self, word: &'w str) -> Option<(&'w str, LegalForm)> {
        self.glued.iter().find_map(|(spelling, form)| {
            word.strip_suffix(spelling.as_str()).filter(|rest| !rest.is_empty()).map(|rest| (rest, *form))
        })
    }

    /// The form written against the start of `word`, and the rest.
    pub(super) fn glued_front<'w>(&self, word: &'w str) -> Option<(&'w str, LegalForm)> {
        self.glued.iter().find_map(|(spelling, form)| {
            word.strip_prefix(spelling.as_str()).filter(|rest| !rest.is_empty()).map(|rest| (rest, *form))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_form_share_its_normal_form() {
        for joined in
            ["gmbh", "gesellschaft mit beschrankter haftung", "gesellschaft mit beschraenkter haftung"]
        {
            assert_eq!(
                LEGAL_FORMS.row(joined).map(|row| row.form),
                Some(LegalForm { form: "gmbh", class: "llc" })
            );
        }
    }

    #[test]
    fn every_row_has_a_place_and_a_normal_form() {
        for (joined, row) in &LEGAL_FORMS.rows {
            let Places { behind, front, front_doubtful, inside, keep } = row.places;
            assert!(behind || front || front_doubtful || inside || keep, "{joined} has no place");
            assert!(keep || !row.form.form.is_empty(), "{joined} has no normal form");
        }
    }
}
