//! Nurture rules and thresholds of account classes in the configuration: what is read, and how a wrong rule is
//! explained.

use std::collections::BTreeMap;
use std::fs;

use namesake::account::AccountClass;
use namesake::config::{Config, ConfigErrors, Flags};
use namesake::normalize::DomainClass;
use namesake::routing::{NurtureReason, Tier};
use namesake::score::Score;

fn load(content: &str) -> Result<Config, ConfigErrors> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("namesake.toml");
    fs::write(&path, content).unwrap();
    let mut flags = Flags::default();
    flags.file = Some(path);
    Config::load(&flags, &BTreeMap::<&str, &str>::new())
}

/// Rules, each with a name and a track, refused with exactly these complaints.
#[track_caller]
fn check_refused(rules: &[&str], expected: &[&str]) {
    let rule = |(at, keys): (usize, &&str)| {
        let name = if keys.contains("name =") { "" } else { "name = \"NAME\"\n" };
        let name = name.replace("NAME", &format!("r{at}"));
        format!("[[policy.nurture_rules]]\n{name}track = \"t\"\n{keys}\n")
    };
    check_file(&rules.iter().enumerate().map(rule).collect::<String>(), expected);
}

#[track_caller]
fn check_file(content: &str, expected: &[&str]) {
    let errors = load(content).unwrap_err();
    let text = |error: &dyn ToString| error.to_string().split_once("namesake.toml: ").unwrap().1.to_owned();
    let found: Vec<String> = errors.0.iter().map(|error| text(error)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_rule_is_read_with_one_value_or_several() {
    let config = load(
        "[[policy.nurture_rules]]\nname = \" one \"\ntrack = \"t\"\nreason = \"STUDENT\"\ncountry = \"Germany\"\n\
         mail_class = [\"free_mail\", \"none\"]\ndomain = [\"https://www.uni.de\"]\naccount_class = \"none\"\n\
         source = [\" Web \"]\n",
    );
    let policy = config.unwrap().policy;
    let rule = &policy.nurture_rules[0];
    assert_eq!((rule.name.as_str(), rule.track.as_str()), ("one", "t"));
    assert_eq!(rule.reasons, [NurtureReason::Student]);
    assert_eq!(rule.countries[0].as_str(), "DE");
    assert_eq!(rule.mail_classes, [Some(DomainClass::FreeMail), None]);
    assert_eq!(rule.domains[0].as_str(), "uni.de");
    assert_eq!((&rule.account_classes[..], &rule.sources[..]), (&[None][..], &["web".to_owned()][..]));
}

#[test]
fn unknown_keys_and_words_are_named_by_path() {
    check_refused(
        &[
            "contry = \"DE\"",
            "mail_class = [\"corporate\", \"freemail\"]",
            "country = \"Atlantis\"",
            "reason = 1",
        ],
        &[
            "policy.nurture_rules[0].contry is not a setting; did you mean policy.nurture_rules[0].country?",
            "policy.nurture_rules[1].mail_class[1] is \"freemail\": write \"corporate\" or \"free_mail\" or \
             \"disposable\" or \"shared_host\" or \"none\"",
            "policy.nurture_rules[2].country is \"Atlantis\": is no country: write an ISO 3166 code",
            "policy.nurture_rules[3].reason is 1: write \"NO_MATCH\" or \"FREE_MAIL_ONLY\" or \"UNOWNED_STANDARD\" or \
             \"OWN_COMPANY\" or \"COMPETITOR\" or \"PARTNER\" or \"TEST\" or \"BLOCKLISTED\" or \"ROLE_MAILBOX\" or \
             \"STUDENT\" or \"JOB_SEEKER\"",
        ],
    );
    check_file(
        "[policy]\nnurture_rules = \"none\"\n",
        &["policy.nurture_rules is \"none\": write each rule as [[policy.nurture_rules]]"],
    );
}

#[test]
fn a_rule_needs_a_name_of_its_own_and_a_track() {
    check_file(
        "[[policy.nurture_rules]]\ncountry = []\n",
        &[
            "policy.nurture_rules[0].name is missing: write a name of its own in quotes: decisions report it",
            "policy.nurture_rules[0].track is missing: write the campaign's name in quotes",
            "policy.nurture_rules[0].country is []: no lead fits an empty list: name a value, or leave it out",
        ],
    );
    check_refused(
        &["name = \"dach\"\ncountry = \"DE\"", "name = \"DACH\"\ncountry = \"AT\"", "name = \"default\""],
        &[
            "policy.nurture_rules[1].name is \"DACH\": is the name of policy.nurture_rules[0] too: choose another, \
             decisions report it",
            "policy.nurture_rules[2].name is \"default\": is what decisions report without a rule: choose another name",
        ],
    );
}

/// The rule at the end can never fire, for this reason; the same without the first rule is taken.
#[track_caller]
fn check_shadowed(earlier: &str, later: &str) {
    let expected = "policy.nurture_rules[1] is rule \"r1\": it can never fire, since rule \"r0\" \
                    (policy.nurture_rules[0]) takes every lead that would fit; move it above that one, or take one of \
                    them away";
    check_refused(&[earlier, later], &[expected]);
    check_taken(&[later, earlier]);
}

#[track_caller]
fn check_taken(rules: &[&str]) {
    let rule = |(at, keys): (usize, &&str)| {
        format!("[[policy.nurture_rules]]\nname = \"r{at}\"\ntrack = \"t\"\n{keys}\n")
    };
    let content: String = rules.iter().enumerate().map(rule).collect();
    if let Err(errors) = load(&content) {
        panic!("{errors}");
    }
}

#[test]
fn a_rule_behind_a_wider_one_is_refused_and_both_are_named() {
    check_shadowed("", "country = \"DE\"");
    check_shadowed("country = [\"DE\", \"AT\"]", "country = \"Austria\"\nsource = \"web\"");
    check_shadowed("mail_class = [\"free_mail\", \"none\"]", "reason = \"FREE_MAIL_ONLY\"");
    check_shadowed("mail_class = \"free_mail\"", "domain = [\"gmail.com\", \"gmx.de\"]");
    check_shadowed("account_class = [\"standard\", \"none\"]", "reason = \"UNOWNED_STANDARD\"");
    check_shadowed("reason = [\"STUDENT\", \"TEST\"]", "reason = \"TEST\"\ncountry = \"DE\"");
}

#[test]
fn a_rule_behind_several_that_leave_it_nothing_is_refused_and_all_are_named() {
    let dead = |rules: &[&str], by: &str| {
        let last = rules.len() - 1;
        let expected = format!(
            "policy.nurture_rules[{last}] is rule \"r{last}\": it can never fire, since rules {by} together take every \
             lead that would fit; move it above one of them, or take it away"
        );
        check_refused(rules, &[&expected]);
        check_taken(&rules[1..]);
    };
    let two = "\"r0\" (policy.nurture_rules[0]), \"r1\" (policy.nurture_rules[1])";
    dead(&["country = \"DE\"", "country = \"AT\"", "country = [\"AT\", \"DE\"]"], two);
    dead(
        &[
            "mail_class = \"corporate\"",
            "mail_class = [\"free_mail\", \"none\"]",
            "domain = [\"gmail.com\", \"acme.com\"]",
        ],
        two,
    );
    // What the second leaves of Germany is what the first takes everywhere.
    let mail = "mail_class = [\"corporate\", \"shared_host\", \"disposable\", \"none\"]";
    dead(
        &[
            "mail_class = \"free_mail\"",
            &format!("country = \"DE\"\n{mail}"),
            "country = \"DE\"\nsource = \"web\"",
        ],
        two,
    );
    dead(&["reason = \"NO_MATCH\"", "reason = [\"FREE_MAIL_ONLY\", \"UNOWNED_STANDARD\"]", ""], two);
}

#[test]
fn one_earlier_rule_is_named_alone_where_the_other_domains_are_excluded() {
    let rule = |name: &str, domains: &str| {
        format!("[[policy.nurture_rules]]\nname = \"{name}\"\ntrack = \"t\"\ndomain = {domains}\n")
    };
    let lists = "[policy]\ncompetitor_domains = [\"rival.com\"]\n";
    let content = [lists, &rule("r0", "\"acme.com\""), &rule("r1", "[\"rival.com\", \"acme.com\"]")].concat();
    let refused = load(&content).unwrap_err().to_string();
    let expected =
        "since rule \"r0\" (policy.nurture_rules[0]) takes every lead that would fit; move it above that one";
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn a_domain_on_two_lists_of_exclusions_is_named_with_the_one_that_decides() {
    let content = "[policy]\nown_domains = [\"acme.com\"]\npartner_domains = [\"acme.com\", \"ally.com\"]\n";
    let twice = "policy.partner_domains has acme.com, and policy.own_domains too, which decides: take it out of one of \
                 them";
    assert_eq!(load(content).unwrap().warnings(), [twice]);
}

#[test]
fn rules_that_overlap_are_none_of_our_business() {
    check_taken(&["country = \"DE\"", "source = \"web\"", "mail_class = \"none\"", ""]);
    check_taken(&["", "reason = \"STUDENT\""]);
    check_taken(&["mail_class = \"free_mail\"", "domain = [\"gmail.com\", \"acme.com\"]"]);
    check_taken(&["country = \"DE\"", "country = [\"DE\", \"AT\"]"]);
    check_taken(&[
        "country = \"DE\"",
        "country = \"AT\"",
        "country = [\"DE\", \"AT\", \"CH\"]",
        "source = \"web\"",
    ]);
    check_taken(&["country = \"DE\"\nsource = \"web\"", "country = \"AT\"", "country = [\"DE\", \"AT\"]"]);
}

#[test]
fn a_rule_that_no_lead_fits_is_refused() {
    let never = "it can never fire, since no lead has such a reason, mail_class, account_class and domain together; \
                 take one of them away";
    for keys in [
        "reason = \"FREE_MAIL_ONLY\"\nmail_class = \"corporate\"",
        "reason = \"UNOWNED_STANDARD\"\naccount_class = \"strategic\"",
        "domain = \"acme.com\"\nmail_class = \"none\"",
    ] {
        check_refused(&[keys], &[&format!("policy.nurture_rules[0] is rule \"r0\": {never}")]);
    }
    check_file(
        "[policy]\ncompetitor_domains = [\"rival.com\"]\n[[policy.nurture_rules]]\nname = \"watch\"\ntrack = \"t\"\n\
         domain = \"rival.com\"\n",
        &[
            "policy.nurture_rules[0] is rule \"watch\": it can never fire, since rival.com is in policy.competitor_domains: \
           write reason = \"COMPETITOR\", or take the domain out of one of them",
        ],
    );
}

#[test]
fn thresholds_of_a_class_lie_over_those_of_the_tier_and_are_checked_together() {
    let content = "[policy.tiers.NAME_EXACT]\nroute_bps = 7000\n[policy.classes.strategic.NAME_EXACT]\nroute_bps = 9000\n\
                   [policy.classes.standard]\nNAME_EXACT = { review_bps = 5000 }\n";
    let policy = load(content).unwrap().policy;
    let of = |class| *policy.thresholds(Tier::NameExact, class).unwrap();
    assert_eq!(of(AccountClass::Strategic).route, Some(Score::from_bps(9_000)));
    assert_eq!(of(AccountClass::Strategic).review, Score::from_bps(4_600));
    assert_eq!(of(AccountClass::Standard).route, Some(Score::from_bps(7_000)));
    assert_eq!(of(AccountClass::Standard).review, Score::from_bps(5_000));
    assert_eq!(of(AccountClass::Major), policy.tiers[&Tier::NameExact]);

    check_file(
        "[policy.classes.strategic.NAME_EXACT]\nroute_bps = 4000\n[policy.classes.major.NAME_NEAR]\nreview_bps = 6600\n\
         [policy.classes.named.NAME_LIKE]\n[policy.classes.vip.DOMAIN]\n",
        &[
            "policy.classes.strategic.NAME_EXACT.route_bps is 4000: under review_bps, 4600: nothing could be reviewed; \
             raise it or lower review_bps",
            "policy.classes.major.NAME_NEAR.review_bps is 6600: over route_bps, 6500: nothing could be reviewed; lower \
             it or raise route_bps",
            "policy.classes.named.NAME_LIKE is not a setting; did you mean policy.classes.named.NAME_NEAR?",
            "policy.classes.vip is not a setting; `namesake config print` lists them all",
        ],
    );
}

#[test]
fn what_is_in_effect_reads_back_as_itself() {
    let config = load(include_str!("../data/routing/nurture.toml")).unwrap();
    assert_eq!(config.policy.nurture_rules.len(), 8);
    assert_eq!(load(&config.effective_file()).unwrap(), config);
}

#[test]
fn the_printed_examples_are_taken_once_their_marks_are_off() {
    let printed = Config::default_file();
    let (_, examples) = printed.split_once("#[policy.classes").unwrap();
    let lines = format!("[policy.classes{examples}");
    let lines = lines.lines().filter(|line| !line.starts_with("# ")).map(|line| line.trim_start_matches('#'));
    let policy = load(&lines.collect::<Vec<_>>().join("\n")).unwrap().policy;
    assert_eq!((policy.nurture_rules.len(), policy.class_tiers.len()), (1, 1));
}
