//! The configuration: which layer wins, and how a bad key is named.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use namesake::config::{Config, Flags};
use namesake::policy::{DomainNameDiffers, ReviewMapping};
use namesake::routing::{ReviewReason, Tier};
use namesake::score::Score;

const NO_VARIABLES: BTreeMap<&str, &str> = BTreeMap::new();

/// A configuration file in a folder of its own.
struct File(tempfile::TempDir);

impl File {
    fn new(content: &str) -> File {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("namesake.toml"), content).unwrap();
        File(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("namesake.toml")
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        flags.file = Some(self.path());
        flags
    }
}

fn read(content: &str) -> Config {
    Config::load(&File::new(content).flags(), &NO_VARIABLES).unwrap()
}

/// The file is refused with exactly these errors, each after the file's name.
#[track_caller]
fn check_refused(content: &str, expected: &[&str]) {
    let file = File::new(content);
    let errors = Config::load(&file.flags(), &NO_VARIABLES).unwrap_err();
    let prefix = format!("{}: ", file.path().display());
    let found: Vec<String> = errors.0.iter().map(|error| error.to_string().replace(&prefix, "")).collect();
    assert_eq!(found, expected);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = File::new("[server]\nlisten = \"127.0.0.1:1\"\nrequests_max = 1\nstreams_max = 1\n");
    let variables = BTreeMap::from([("NAMESAKE_LISTEN", "127.0.0.1:2"), ("NAMESAKE_REQUESTS_MAX", "2")]);
    let mut flags = file.flags();
    flags.set("server.listen", "--listen", "127.0.0.1:3");
    let config = Config::load(&flags, &variables).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!((config.server.requests_max, config.server.streams_max), (2, 1));
    assert_eq!(config.poll_interval, Duration::from_secs(1));
}

#[test]
fn an_empty_variable_is_not_set_and_a_strange_one_is_not_ours() {
    let variables = BTreeMap::from([("NAMESAKE_LISTEN", ""), ("NAMESAKE_SERVICE_HOST", "10.0.0.1")]);
    assert_eq!(Config::load(&Flags::default(), &variables).unwrap(), Config::default());
}

#[test]
fn a_bad_variable_or_flag_is_named_as_itself() {
    let variables = BTreeMap::from([("NAMESAKE_REQUESTS_MAX", "many")]);
    let mut flags = Flags::default();
    flags.set("server.listen", "--listen", "localhost");
    let errors = Config::load(&flags, &variables).unwrap_err().to_string();
    let listen = "--listen: server.listen is \"localhost\": write an IP address and a port";
    let requests =
        "NAMESAKE_REQUESTS_MAX: server.requests_max is \"many\": write a whole number, 1 to 1000000";
    assert!(errors.contains(listen) && errors.contains(requests), "{errors}");
}

#[test]
fn paths_in_the_file_are_meant_from_where_it_is() {
    let file = File::new("[registry]\naccounts = [\"accounts.csv\", \"/data/more.csv\"]\n");
    let config = Config::load(&file.flags(), &NO_VARIABLES).unwrap();
    assert_eq!(config.registry.accounts, [file.0.path().join("accounts.csv"), "/data/more.csv".into()]);
}

#[test]
fn unknown_keys_are_refused_with_the_likely_one() {
    check_refused(
        "listen = \"127.0.0.1:1\"\n[server]\nconections_max = 5\n[polcy]\n[registry]\ncolour = 1\n\
         [policy]\nreveiw_queue = \"x\"\n[policy.tiers.NAME_EXACT]\nroute = 1\n[policy.tiers.NAME_LIKE]\n",
        &[
            "listen is not a setting; did you mean server.listen?",
            "polcy is not a setting; did you mean policy?",
            "registry.colour is not a setting; `namesake config print` lists them all",
            "server.conections_max is not a setting; did you mean server.connections_max?",
            "policy.tiers.NAME_EXACT.route is not a setting; did you mean policy.tiers.NAME_EXACT.route_bps?",
            "policy.tiers.NAME_LIKE is not a setting; did you mean policy.tiers.NAME_NEAR?",
            "policy.reveiw_queue is not a setting; did you mean policy.review_queue?",
        ],
    );
}

#[test]
fn values_out_of_range_are_refused_by_path() {
    check_refused(
        "[policy]\nown_domains = [\"ours.com\", \"ours.con\"]\ndomain_name_differs = \"maybe\"\n\
         [policy.tiers.DOMAIN]\nroute_bps = 10001\nmargin_bps = -1\n\
         [policy.tiers.NAME_NEAR]\nroute_bps = 5000\nreview_bps = 6000\n\
         [policy.review_maps_to]\nAMBIGUOUS = \"rotate\"\n",
        &[
            "policy.domain_name_differs is \"maybe\": write \"route\" or \"review\"",
            "policy.own_domains[1] is \"ours.con\": it has a domain whose ending is on no public suffix list; \
             check the part after the last dot",
            "policy.review_maps_to.AMBIGUOUS is \"rotate\": write \"owner\" or \"nurture\"",
            "policy.tiers.DOMAIN.route_bps is 10001: write 0 to 10000, or \"never\"",
            "policy.tiers.DOMAIN.margin_bps is -1: write a whole number, 0 to 10000",
            "policy.tiers.NAME_NEAR.review_bps is 6000: over route_bps, 5000: nothing could be reviewed; lower \
             it or raise route_bps",
        ],
    );
}

#[test]
fn every_part_of_the_policy_can_be_set() {
    let policy = read(
        "[policy]\nnurture_track = \"spring\"\ndomain_name_differs = \"review\"\n\
         partner_domains = [\"https://www.partner.co.uk/about\"]\n\
         [policy.domain_classes]\n\"google.com\" = \"corporate\"\n\
         [policy.review_maps_to]\nLOW_CONFIDENCE = \"nurture\"\n\
         [policy.alerts]\nstandard = \"silent\"\n\
         [policy.tiers.NAME_CONTRADICTED]\nroute_bps = 9900\n\
         [policy.tiers.NAME_EXACT]\nroute_bps = \"never\"\n",
    )
    .policy;
    assert_eq!(policy.nurture_track, "spring");
    assert_eq!(policy.domain_name_differs, DomainNameDiffers::Review);
    assert_eq!(policy.partner_domains[0].as_str(), "partner.co.uk");
    assert_eq!(policy.domain_classes.len(), 1);
    assert_eq!(policy.review_maps_to[&ReviewReason::LowConfidence], ReviewMapping::Nurture);
    assert_eq!(policy.tiers[&Tier::NameContradicted].route, Some(Score::from_bps(9_900)));
    assert_eq!(policy.tiers[&Tier::NameExact].route, None);
}

#[test]
fn the_printed_default_is_the_default_commented_or_not() {
    let printed = Config::default_file();
    assert_eq!(read(&printed), Config::default());
    // Without the marks every setting is set, to what it is anyway; the examples are none of the defaults.
    let (settings, _) = printed.split_once("# Other thresholds").unwrap();
    let set: String = settings
        .lines()
        .filter(|line| !line.starts_with("# ") && !line.contains("google.com") && !line.contains("LOW_CONF"))
        .map(|line| format!("{}\n", line.trim_start_matches('#')))
        .collect();
    let mut config = read(&set);
    config.registry.reps = None;
    assert_eq!(config, Config::default());
}

#[test]
fn the_effective_configuration_reads_back_as_itself() {
    let config = read("[log]\nformat = \"json\"\n[policy.domain_classes]\n\"google.com\" = \"corporate\"\n");
    assert_eq!(read(&config.effective_file()), config);
}

#[test]
fn the_example_is_the_printed_default() {
    let example = fs::read_to_string("examples/namesake.toml").unwrap();
    assert_eq!(example.trim_end(), Config::default_file().trim_end(), "run: namesake config print");
}

#[test]
fn an_address_that_others_can_reach_is_allowed_with_a_warning() {
    assert_eq!(read("").warnings(), Vec::<String>::new());
    let warnings = read("[server]\nlisten = \"0.0.0.0:50051\"\n").warnings();
    assert!(warnings[0].starts_with("server.listen is 0.0.0.0:50051"), "{warnings:?}");
    let warnings = read("[server]\njson_listen = \"[::]:80\"\n").warnings();
    assert!(warnings[0].starts_with("server.json_listen is [::]:80"), "{warnings:?}");
}

#[test]
fn leads_are_answered_over_json_where_an_address_says_so() {
    assert_eq!(read("[server]\njson_listen = \"\"\n").json_listen, None);
    let variables = BTreeMap::from([("NAMESAKE_JSON_LISTEN", "127.0.0.1:50052")]);
    let config = Config::load(&Flags::default(), &variables).unwrap();
    assert_eq!(config.json_listen, Some("127.0.0.1:50052".parse().unwrap()));
    check_refused(
        "[server]\njson_listen = \"localhost\"\n",
        &[
            "server.json_listen is \"localhost\": write an IP address and a port, such as 127.0.0.1:50052, or nothing",
        ],
    );
}

#[test]
fn two_doors_cannot_have_one_address() {
    check_refused(
        "[server]\njson_listen = \"127.0.0.1:50051\"\nhttp_listen = \"127.0.0.1:50051\"\n",
        &[
            "server.json_listen is \"127.0.0.1:50051\": that is where gRPC is served; write another port",
            "server.http_listen is \"127.0.0.1:50051\": that is where leads are answered; write another port",
        ],
    );
    let any_ports = read("[server]\nlisten = \"127.0.0.1:0\"\njson_listen = \"127.0.0.1:0\"\n");
    assert_eq!(any_ports.json_listen, Some(any_ports.listen));
}

#[test]
fn a_bound_on_age_that_a_healthy_copy_would_pass_is_refused() {
    let max = |content: &str| read(&format!("[registry]\n{content}\n")).server.max_staleness;
    assert_eq!((max(""), max("max_staleness_ms = 0")), (None, None));
    assert_eq!(max("max_staleness_ms = 10000"), Some(Duration::from_secs(10)));
    let refused = |content: &str, expected: &str| {
        let expected = format!("registry.max_staleness_ms is {expected}");
        check_refused(&format!("[registry]\n{content}\n"), &[&expected]);
    };
    let twice = "9999: write 0, or at least 10000, twice registry.fresh_window_ms";
    refused("max_staleness_ms = 9999", twice);
    refused("max_staleness_ms = -1", "-1: write a whole number, 0 to 604800000");
    let looks = "accounts = [\"a.csv\"]\npoll_interval_ms = 5000\nmax_staleness_ms = 10000";
    refused(looks, "10000: write 0, or at least 15000, three times registry.poll_interval_ms");
}

#[test]
fn a_stream_may_wait_for_ever_where_nothing_says_how_long() {
    let timeout = |content: &str| read(content).server.stream_idle_timeout;
    assert_eq!(timeout(""), Some(Duration::from_secs(600)));
    assert_eq!(timeout("[server]\nstream_idle_timeout_ms = 0\n"), None);
    let variables = BTreeMap::from([("NAMESAKE_STREAM_IDLE_TIMEOUT_MS", "1500")]);
    let config = Config::load(&Flags::default(), &variables).unwrap();
    assert_eq!(config.server.stream_idle_timeout, Some(Duration::from_millis(1500)));
}

#[test]
fn every_setting_outside_the_policy_stands_in_the_readme() {
    let readme = fs::read_to_string("README.md").unwrap();
    let mut section = String::new();
    let mut missing = Vec::new();
    for line in Config::default_file().lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, _)) = line.strip_prefix('#').and_then(|line| line.split_once(" = "))
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && !section.starts_with("policy")
            && !readme.contains(&format!("`{section}.{key}`"))
        {
            missing.push(format!("{section}.{key}"));
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(section.split('.').next(), Some("policy"), "the file was read to its end");
}
