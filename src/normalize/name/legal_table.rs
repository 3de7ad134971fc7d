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

/// A form as the words that it consists of.
pub(super) struct Spelled {
    /// 1 and more.
    pub(super) words: Vec<String>,
    /// What it stands for.
    pub(super) row: Row,
}

/// The forms that share a first or a last word; most words of names have none, so one look-up settles them.
type Index = HashMap<String, Vec<Spelled>>;

/// All legal forms.
pub(super) struct LegalTable {
    rows: HashMap<String, Row>,
    /// Forms that may stand in front, by their first word, longest first.
    front: Index,
    /// Forms that may stand inside, by their first word, longest first.
    inside: Index,
    /// Forms that may stand behind, and what only looks like one, by their last word, longest first.
    behind: Index,
    vocabulary: HashSet<String>,
    glued: Vec<(String, LegalForm)>,
    /// Normal form and class of each form, by its number.
    told: Vec<(&'static str, &'static str)>,
}

/// Built on first use from the file in the program.
pub(super) static LEGAL_FORMS: LazyLock<LegalTable> =
    LazyLock::new(|| LegalTable::read(include_str!("../../../data/legal_forms.tsv")));

impl LegalTable {
    fn read(file: &'static str) -> LegalTable {
        let mut table = LegalTable {
            rows: HashMap::new(),
            front: Index::new(),
            inside: Index::new(),
            behind: Index::new(),
            vocabulary: HashSet::new(),
            glued: Vec::new(),
            told: Vec::new(),
        };
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default();
            let (spelling, position, form, class, partners) =
                (column(), column(), column(), column(), column());
            let form = table.number(form, class);
            if position == "glued" {
                table.glued.push((clean(spelling).0.into_owned(), form));
            } else {
                table.add(spelling, position, form, partners);
            }
        }
        table.build_indexes();
        table.glued.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        table
    }

    /// The form of a normal form and a class, numbered in the order of the file.
    fn number(&mut self, form: &'static str, class: &'static str) -> LegalForm {
        let at = self.told.iter().position(|told| *told == (form, class)).unwrap_or_else(|| {
            self.told.push((form, class));
            self.told.len() - 1
        });
        LegalForm(u16::try_from(at).expect("the file has a few hundred forms"))
    }

    /// A form's normal form and class.
    pub(super) fn told(&self, form: LegalForm) -> (&'static str, &'static str) {
        self.told[usize::from(form.0)]
    }

    /// Whether there is such a form.
    pub(super) fn has(&self, form: LegalForm) -> bool {
        usize::from(form.0) < self.told.len()
    }

    fn add(&mut self, spelling: &str, position: &str, form: LegalForm, partners: &'static str) {
        let mut words = words(&clean(spelling).0);
        join_letters(&mut words);
        let keys: Vec<&str> = words.iter().map(|word| word.key()).collect();
        if keys.is_empty() {
            return;
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

    fn build_indexes(&mut self) {
        for (joined, &row) in &self.rows {
            let words: Vec<String> = joined.split(' ').map(str::to_owned).collect();
            let (first, last) = (words[0].clone(), words[words.len() - 1].clone());
            let Places { behind, front, front_doubtful, inside, keep } = row.places;
            let homes = [
                (front || front_doubtful, &mut self.front, &first),
                (inside, &mut self.inside, &first),
                (behind || keep, &mut self.behind, &last),
            ];
            for (_, index, word) in homes.into_iter().filter(|(stands, ..)| *stands) {
                index.entry(word.clone()).or_default().push(Spelled { words: words.clone(), row });
            }
        }
        for index in [&mut self.front, &mut self.inside, &mut self.behind] {
            index
                .values_mut()
                .for_each(|forms| forms.sort_by_key(|form| std::cmp::Reverse(form.words.len())));
        }
    }

    /// The words that begin a form in front.
    pub(super) fn first_words_in_front(&self) -> impl Iterator<Item = &str> {
        self.front.keys().map(String::as_str)
    }

    /// The words that begin a form inside.
    pub(super) fn first_words_inside(&self) -> impl Iterator<Item = &str> {
        self.inside.keys().map(String::as_str)
    }

    /// The words that end a form.
    pub(super) fn last_words(&self) -> impl Iterator<Item = &str> {
        self.behind.keys().map(String::as_str)
    }

    /// The row of a form that consists of these words, joined by one space.
    pub(super) fn row(&self, joined: &str) -> Option<&Row> {
        self.rows.get(joined)
    }

    /// Forms in front that begin with `word`, longest first.
    pub(super) fn from(&self, word: &str) -> &[Spelled] {
        self.front.get(word).map_or(&[], Vec::as_slice)
    }

    /// Forms inside that begin with `word`, longest first.
    pub(super) fn inside_from(&self, word: &str) -> &[Spelled] {
        self.inside.get(word).map_or(&[], Vec::as_slice)
    }

    /// Forms behind that end with `word`, longest first.
    pub(super) fn to(&self, word: &str) -> &[Spelled] {
        self.behind.get(word).map_or(&[], Vec::as_slice)
    }

    /// Every word that some form has in it.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.iter().map(String::as_str)
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
            let form = LEGAL_FORMS.row(joined).map(|row| row.form);
            assert_eq!(form.map(|form| (form.form(), form.class())), Some(("gmbh", "llc")));
        }
    }

    #[test]
    fn every_row_has_a_place_and_a_normal_form() {
        for (joined, row) in &LEGAL_FORMS.rows {
            let Places { behind, front, front_doubtful, inside, keep } = row.places;
            assert!(behind || front || front_doubtful || inside || keep, "{joined} has no place");
            assert!(keep || !row.form.form().is_empty(), "{joined} has no normal form");
        }
    }
}
