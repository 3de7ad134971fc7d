//! The registry from files: each fixture is named for its fault, each fault names its place and remedy.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use namesake::account::{AccountId, RepId};
use namesake::matching::Revision;
use namesake::policy::Policy;
use namesake::registry::watch::FileWatch;
use namesake::registry::{LoadError, Loaded, Sources, load};
use namesake::serving::{InForce, Serving};

use crate::support::within;

const FIXTURES: &str = "tests/data/registry/";

fn sources(accounts: &[&str], reps: Option<&str>) -> Sources {
    let path = |name: &&str| PathBuf::from(FIXTURES).join(name);
    Sources { accounts: accounts.iter().map(path).collect(), reps: reps.as_ref().map(path), strict: false }
}

fn lines(problems: &[impl ToString]) -> Vec<String> {
    problems.iter().map(|problem| problem.to_string().replace(FIXTURES, "")).collect()
}

/// The files are refused, for exactly these reasons.
#[track_caller]
fn check_refused(accounts: &[&str], reps: Option<&str>, expected: &[&str]) {
    match load(&sources(accounts, reps)) {
        Err(LoadError::Refused { problems }) => assert_eq!(lines(&problems), expected),
        other => panic!("{accounts:?} is not refused: {other:?}"),
    }
}

/// The files are taken, with exactly these warnings.
#[track_caller]
fn check_taken(accounts: &[&str], reps: Option<&str>, expected: &[&str]) -> Loaded {
    let loaded = load(&sources(accounts, reps)).unwrap();
    assert_eq!(lines(&loaded.warnings), expected);
    loaded
}

#[test]
fn an_id_used_twice_is_refused_and_both_places_are_named() {
    let twice = "is already the id of the record at";
    check_refused(
        &["duplicate_id.csv"],
        None,
        &[&format!("duplicate_id.csv:4: id `a1` {twice} duplicate_id.csv:2: ids are unique over all files")],
    );
    check_refused(
        &["good.csv", "duplicate_id_of_good.csv"],
        None,
        &[&format!("duplicate_id_of_good.csv:3: id `a2` {twice} good.csv:3: ids are unique over all files")],
    );
}

#[test]
fn every_bad_line_is_named_not_only_the_first() {
    check_refused(
        &["missing_id_and_name.csv", "unknown_words.csv"],
        None,
        &[
            "missing_id_and_name.csv:2: id is missing: every record needs one",
            "missing_id_and_name.csv:3: name is missing: every record needs one",
            "unknown_words.csv:2: class `vip` is not known: use strategic, major, named or standard",
            "unknown_words.csv:2: roll_up `up` is not known: use own, parent or ultimate",
            "unknown_words.csv:2: alert `loud` is not known: use now, digest or silent",
            "unknown_words.csv:2: active `maybe` is not known: use true or false",
        ],
    );
}

#[test]
fn a_header_that_cannot_be_used_is_one_error_not_one_for_each_row() {
    check_refused(
        &["no_name_column.csv"],
        None,
        &["no_name_column.csv:1: name is not among the columns: the first line must name them, id, name"],
    );
    check_refused(
        &["repeated_column.csv"],
        None,
        &["repeated_column.csv:1: name appears twice in the header: keep one of the two columns"],
    );
}

#[test]
fn a_row_of_another_length_is_named_by_its_first_line() {
    let remedy = "a separator inside a value needs quotes";
    check_refused(
        &["field_counts.csv"],
        None,
        &[
            &format!("field_counts.csv:2: the record has 4 fields, the header 3: {remedy}"),
            &format!("field_counts.csv:3: the record has 1 fields, the header 3: {remedy}"),
            &format!("field_counts.csv:6: the record has 4 fields, the header 3: {remedy}"),
        ],
    );
}

#[test]
fn a_quote_left_open_is_found_where_it_opens() {
    let remedy = "close the quote, or double a quote that is meant";
    let begins = "3: a quoted value begins here and";
    check_refused(&["open_quote.csv"], None, &[&format!("open_quote.csv:{begins} never ends: {remedy}")]);
    let within = format!("open_quote_closed.csv:{begins} ends inside another on line 5: {remedy}");
    check_refused(&["open_quote_closed.csv"], None, &[&within]);
}

#[test]
fn another_encoding_is_refused_not_guessed_at() {
    let remedy = "is not UTF-8 text: save it as UTF-8 (in Excel: \"CSV UTF-8\")";
    check_refused(&["latin1.csv"], None, &[&format!("latin1.csv:3: name {remedy}")]);
    check_refused(&["utf16.csv"], None, &[&format!("utf16.csv: {remedy}")]);
}

#[test]
fn an_empty_file_is_no_empty_registry() {
    check_refused(
        &["empty.csv"],
        None,
        &["empty.csv: the file is empty: the first line must name the columns, id, name"],
    );
}

#[test]
fn json_lines_are_refused_by_line_and_key() {
    check_refused(
        &["bad_lines.jsonl"],
        None,
        &[
            "bad_lines.jsonl:2: is not a JSON object on one line: EOF while parsing an object at line 1 \
             column 10",
            "bad_lines.jsonl:3: name must be text, a number, true or false",
            "bad_lines.jsonl:4: is not a JSON object on one line: invalid type: sequence, expected a map at \
             line 1 column 0",
            "bad_lines.jsonl:5: domains must be a list of texts",
        ],
    );
}

#[test]
fn an_owner_who_is_no_rep_is_an_error_once_there_are_reps() {
    check_refused(
        &["unknown_owner.csv"],
        Some("reps.csv"),
        &[
            "unknown_owner.csv:2: owner_id `r9` is not the id of a rep in reps.csv: add the rep there or correct \
           the id",
        ],
    );
    let loaded = check_taken(&["unknown_owner.csv"], None, &[]);
    let reps: Vec<&str> = loaded.registry.reps().iter().map(|rep| rep.id.as_str()).collect();
    assert_eq!(reps, ["r2", "r9"]);
    assert!(loaded.registry.reps().iter().all(|rep| rep.active));
}

#[test]
fn a_member_of_the_account_team_who_is_no_rep_is_forgotten() {
    let forgotten = "unknown_team.csv:2: team `r8` is not in the registry: ignored";
    let boss = "reps.csv:2: manager_id `boss` is not in the registry: ignored";
    let loaded = check_taken(&["unknown_team.csv"], Some("reps.csv"), &[forgotten, boss]);
    assert_eq!(loaded.registry.accounts()[0].team().count(), 1);
}

#[test]
fn a_rep_who_is_refused_is_not_also_an_unknown_owner() {
    check_refused(
        &["good.csv"],
        Some("reps_bad_leave.csv"),
        &[
            "reps_bad_leave.csv:2: away `2026-07-14/2026-07-01` ends before it begins: put the first day first",
            "reps_bad_leave.csv:2: time_zone `Mars/Base` is not a time zone: use an IANA name such as \
             Europe/Berlin",
            "reps_bad_leave.csv:3: away `next week` is not a leave: write 2026-07-01/2026-07-14, the last day \
             included, and @delegate",
        ],
    );
}

#[test]
fn reps_are_read_whole_and_a_manager_who_is_no_rep_is_forgotten() {
    let loaded = check_taken(
        &["good.csv"],
        Some("reps.csv"),
        &["reps.csv:2: manager_id `boss` is not in the registry: ignored"],
    );
    let ann = &loaded.registry.reps()[0];
    assert_eq!(ann.away.len(), 2);
    assert_eq!(ann.away[0].to.to_string(), "2026-07-14");
    assert_eq!(ann.away[0].delegate_id, RepId::new("r2"));
    assert_eq!(ann.time_zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!((ann.manager_id.as_ref(), ann.account_cap), (None, Some(30)));
}

#[test]
fn a_spreadsheet_s_export_is_read_as_it_is() {
    let loaded = check_taken(&["spreadsheet.csv"], None, &[]);
    let accounts = loaded.registry.accounts();
    let names: Vec<&str> = accounts.iter().map(|account| account.name()).collect();
    assert_eq!(names, ["Acme\r\nInc.", "5\" Disk Co"]);
    assert_eq!(accounts[0].owner_id, RepId::new("r1"));
    assert_eq!(accounts[0].crm_url(), "https://crm/a1");
}

#[test]
fn json_lines_hold_the_same_records() {
    let loaded = check_taken(&["accounts.jsonl"], None, &[]);
    let accounts = loaded.registry.accounts();
    assert_eq!(accounts[0].context().collect::<Vec<_>>(), [("tier", "gold")]);
    assert_eq!(accounts[0].owner_id, RepId::new("7"));
    assert!(!accounts[0].active);
    assert_eq!(accounts[1].names().skip(1).map(|(_, name)| name).collect::<Vec<_>>(), ["One", "Two"]);
    assert_eq!(accounts[1].team().next().expect("a member").role, "overlay");
}

#[test]
fn what_is_ignored_is_a_warning() {
    check_taken(
        &["unknown_column.csv"],
        None,
        &["unknown_column.csv:1: revenue is not a known column: ignored"],
    );
    let loaded = load(&sources(&["bad_country_and_domain.csv"], None)).unwrap();
    let columns: Vec<&str> = loaded.warnings.iter().map(|warning| warning.column.as_str()).collect();
    assert_eq!(columns, ["domains", "website", "country"]);
    assert_eq!(loaded.registry.accounts()[0].domains().count(), 1);
    let accounts = check_taken(
        &["bad_context.csv"],
        None,
        &[
            "bad_context.csv:2: context `loose` is not key=value: ignored",
            "bad_context.csv:2: context `=value` is not key=value: ignored",
        ],
    );
    assert_eq!(accounts.registry.accounts()[0].context().count(), 1);
}

#[test]
fn every_link_of_a_parent_cycle_is_ignored_and_no_other() {
    let cycle = "leads back to the account itself";
    let loaded = check_taken(
        &["parent_cycle.csv"],
        None,
        &[
            &format!("parent_cycle.csv:2: parent_id {cycle}, a1 > a2 > a1: ignored"),
            &format!("parent_cycle.csv:3: parent_id {cycle}, a2 > a1 > a2: ignored"),
            &format!("parent_cycle.csv:5: parent_id {cycle}, a4 > a4: ignored"),
            "parent_cycle.csv:6: parent_id `nowhere` is not in the registry: ignored",
        ],
    );
    let parents: Vec<Option<&str>> = loaded
        .registry
        .accounts()
        .iter()
        .map(|account| account.parent_id.as_deref().map(AccountId::as_str))
        .collect();
    assert_eq!(parents, [None, None, Some("a1"), None, None]);
}

#[test]
fn a_merged_id_leads_to_one_account() {
    let loaded = check_taken(
        &["merged_id_taken.csv"],
        None,
        &[
            "merged_id_taken.csv:2: merged_ids `a2` is also the id of a living account: ignored",
            "merged_id_taken.csv:4: merged_ids `old` is also merged into `a1`: ignored",
        ],
    );
    assert_eq!(loaded.registry.accounts()[0].merged_ids().collect::<Vec<_>>(), ["old"]);
}

#[test]
fn two_owners_of_one_name_or_domain_conflict_unless_acknowledged_or_abroad_or_inactive() {
    let loaded = check_taken(&["two_owners.csv"], None, &[]);
    assert_eq!(
        lines(&loaded.conflicts),
        [
            "domain acme.com is claimed by a1 (owner r1), a2 (owner r2)",
            "name \"hooli\" in US is claimed by a7 (owner r1), a8 (owner r2)",
        ]
    );
    let strict = Sources { strict: true, ..sources(&["two_owners.csv"], None) };
    match load(&strict) {
        Err(LoadError::Conflicts { conflicts }) => assert_eq!(conflicts, loaded.conflicts),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn limits_of_a_record_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.csv");
    let many = |count: usize| (0..count).map(|n| format!("n{n}")).collect::<Vec<_>>().join("|");
    let check = |column: &str, value: &str, expected: &str| {
        fs::write(&path, format!("id,name,{column}\na1,Acme,{value}\n")).unwrap();
        let error = load(&Sources { accounts: vec![path.clone()], ..Sources::default() }).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    check("aliases", &many(100), "accounts.csv:2: aliases 101 names, the most is 100");
    check("domains", &many(201), "accounts.csv:2: domains 201 domains, the most is 200");
    check("context", &many(17), "accounts.csv:2: context 17 entries, the most is 16");
    check("crm_url", &"x".repeat(9_000), "accounts.csv:2: the record has 9006 bytes, the most is 8192");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load(&sources(&["nowhere.csv"], None)).unwrap_err().to_string();
    assert!(error.starts_with("cannot read tests/data/registry/nowhere.csv: "), "{error}");
}

/// A server's registry in a file that the test edits.
struct Watched {
    path: PathBuf,
    serving: Arc<Serving>,
    _folder: tempfile::TempDir,
}

impl Watched {
    async fn start(content: &str) -> Watched {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.csv");
        fs::write(&path, content).unwrap();
        let sources = Sources { accounts: vec![path.clone()], ..Sources::default() };
        let serving = Arc::new(Serving::new(Policy::default()));
        let interval = Duration::from_millis(50);
        let watch = FileWatch::begin(sources, interval, &serving).await.unwrap();
        tokio::spawn(watch.run(Arc::clone(&serving)));
        Watched { path, serving, _folder: folder }
    }

    fn write(&self, content: &str) {
        fs::write(&self.path, content).unwrap();
    }

    #[track_caller]
    fn check_reloads(&self, ok: u64, refused: u64) {
        let (name, text) = ("namesake_registry_file_reloads_total{result", self.serving.metrics().text());
        assert!(text.contains(&format!("{name}=\"ok\"}} {ok}\n{name}=\"refused\"}} {refused}\n")), "{text}");
    }

    async fn until(&self, reached: impl Fn(&InForce) -> bool) -> InForce {
        let reached = async {
            loop {
                match self.serving.load() {
                    Some(in_force) if reached(&in_force) => return in_force,
                    _ => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        within(reached).await
    }
}

fn named(count: usize) -> String {
    (1..=count).fold("id,name\n".to_owned(), |text, n| text + &format!("a{n},Company {n}\n"))
}

#[tokio::test]
async fn an_edited_file_is_published_whole_as_the_next_revision() {
    let watched = Watched::start(&named(2)).await;
    watched.write(&named(3));
    let now = watched.until(|in_force| in_force.index.revision() == Revision(2)).await;
    assert_eq!(now.index.account_count(), 3);
    assert!(!now.freshness.stale);
    watched.check_reloads(1, 0);
}

#[tokio::test]
async fn a_broken_edit_keeps_the_last_good_registry_and_a_mended_one_ends_it() {
    let watched = Watched::start(&named(2)).await;
    watched.write("id,name\na1,\n");
    let kept = watched.until(|in_force| in_force.freshness.stale).await;
    assert_eq!((kept.index.revision(), kept.index.account_count()), (Revision(1), 2));
    watched.check_reloads(0, 1);

    watched.write(&named(2));
    let mended = watched.until(|in_force| !in_force.freshness.stale).await;
    assert_eq!(mended.index.revision(), Revision(1), "the content is the published one again");

    watched.write(&named(4));
    watched.until(|in_force| in_force.index.account_count() == 4).await;
}

#[tokio::test]
async fn a_file_that_is_gone_or_cut_off_keeps_the_last_good_registry() {
    let watched = Watched::start(&named(10)).await;
    fs::remove_file(&watched.path).unwrap();
    watched.until(|in_force| in_force.freshness.stale).await;
    watched.write(&named(10));
    watched.until(|in_force| !in_force.freshness.stale).await;
    watched.write(&named(4));
    let kept = watched.until(|in_force| in_force.freshness.stale).await;
    assert_eq!(kept.index.account_count(), 10);
}
