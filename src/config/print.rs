//! A configuration as a file: the default one explained and commented out, or one in effect.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use toml::Value;

use super::Config;
use super::policy::{ALERTS, CLASSES, DIFFERS, DOMAIN_CLASSES, MAPPINGS, REASONS, account_words, mail_words};
use super::settings::{Kind, SETTINGS};
use crate::normalize::RegistrableDomain;
use crate::policy::{NurtureRule, TierPolicy};
use crate::routing::Tier;
use crate::server::Runtime;
use crate::server::telemetry::LogFormat;

/// The default configuration, every setting commented out.
pub(super) fn default_file() -> String {
    let mut page = Page { text: String::new(), explained: true };
    page.text.push_str(HEAD);
    page.config(&Config::default());
    page.text
}

/// A configuration with every setting in effect.
pub(super) fn effective_file(config: &Config) -> String {
    let mut page = Page { text: String::new(), explained: false };
    page.config(config);
    page.text
}

const HEAD: &str = "\
# Namesake's configuration. Every setting is shown with its default; take the # away to change it.
# Flags win over the environment, the environment over this file. `namesake config check` checks it.
";

const RULES: &str = "\
Nurture rules: the campaign of a lead that no rep gets. The first rule that fits chooses the track, and the decision reports
# its name; where none fits, nurture_track and excluded_track hold. A key may have one value or several; one that is left
# out does not matter. An excluded lead (a competitor, a test, a student) is taken only by a rule that names its reason.
#   name            of its own; required
#   track           the campaign; required
#   reason          NO_MATCH, FREE_MAIL_ONLY, UNOWNED_STANDARD; the exclusions OWN_COMPANY, COMPETITOR, PARTNER, TEST,
#                   BLOCKLISTED, ROLE_MAILBOX, STUDENT, JOB_SEEKER
#   country         of the lead: ISO 3166 codes or English names
#   mail_class      corporate, free_mail, disposable, shared_host, or none: no usable e-mail address
#   domain          of the e-mail address
#   account_class   strategic, major, named, standard, of the account that matched and gives the lead to nobody; or none
#   source          as the caller sends it, in any case";

const RULE: &str = "\
[[policy.nurture_rules]]
name = \"small-firms-dach\"
track = \"dach-self-service\"
country = [\"DE\", \"AT\", \"CH\"]
mail_class = [\"free_mail\", \"none\"]";

struct Page {
    text: String,
    explained: bool,
}

impl Page {
    fn config(&mut self, config: &Config) {
        let mut section = "";
        for setting in SETTINGS {
            let (home, key) = setting.key.split_once('.').expect("settings have a section");
            if home != section {
                section = home;
                self.section(home, "");
            }
            self.explain(&format!("{}{} ({})", setting.purpose, range(setting.kind), setting.variable));
            self.line(key, &value_in(config, setting.key));
        }
        self.policy(config);
    }

    fn policy(&mut self, config: &Config) {
        let policy = &config.policy;
        self.section("policy", "Who gets which lead.");
        self.explain("the campaign of a lead that matches nothing");
        self.line("nurture_track", &Value::from(policy.nurture_track.as_str()));
        self.explain("the campaign of an excluded lead");
        self.line("excluded_track", &Value::from(policy.excluded_track.as_str()));
        self.explain("the queue of leads that a person must look at");
        self.line("review_queue", &Value::from(policy.review_queue.as_str()));
        self.explain("the e-mail domain is an account's, the typed name another: \"route\" or \"review\"");
        self.line("domain_name_differs", &Value::from(name_of(&DIFFERS, policy.domain_name_differs)));
        self.explain("the seller's own domains: excluded");
        self.line("own_domains", &list(&policy.own_domains));
        self.explain("competitors: excluded");
        self.line("competitor_domains", &list(&policy.competitor_domains));
        self.explain("the blocklist: excluded");
        self.line("blocked_domains", &list(&policy.blocked_domains));
        self.explain("domains of test submissions: excluded; example.com and its like always are");
        self.line("test_domains", &list(&policy.test_domains));
        self.explain("partners: excluded unless a named account matches");
        self.line("partner_domains", &list(&policy.partner_domains));

        self.section(
            "policy.domain_classes",
            "Domains that are not what the built-in lists say: \"corporate\", \"free_mail\", \"disposable\" \
             or \"shared_host\".",
        );
        self.example("\"google.com\" = \"corporate\"");
        for (domain, class) in &policy.domain_classes {
            let class = Value::from(name_of(&DOMAIN_CLASSES, *class));
            self.line(&format!("\"{domain}\""), &class);
        }
        self.section(
            "policy.review_maps_to",
            "Another route for reviews, by reason: \"owner\" or \"nurture\". None may be rotated even then.",
        );
        self.example("LOW_CONFIDENCE = \"nurture\"");
        for reason in REASONS {
            if let Some(mapping) = policy.review_maps_to.get(&reason) {
                self.line(reason.as_str(), &Value::from(name_of(&MAPPINGS, *mapping)));
            }
        }
        self.section(
            "policy.alerts",
            "How loudly an owner is told where the account does not say: \"now\", \"digest\" or \"silent\".",
        );
        for class in CLASSES {
            if let Some(alert) = policy.alerts.get(&class) {
                self.line(class.as_str(), &Value::from(name_of(&ALERTS, *alert)));
            }
        }
        self.explain(
            "Tiers: what a match rests on, strongest first. At or over route_bps (0 to 10000, or \"never\") \
             the lead goes to\n# the owner; under review_bps it is no match; within margin_bps of another \
             owner's account it is ambiguous.",
        );
        for tier in Tier::ALL {
            let Some(thresholds) = policy.tiers.get(&tier) else { continue };
            self.section(&format!("policy.tiers.{}", tier.as_str()), "");
            self.thresholds(thresholds);
        }
        self.gap();
        self.explain(
            "Other thresholds for the accounts of one class (strategic, major, named, standard): what is not set here \
             is as\n# in policy.tiers. This one lets a person look unless the names of a strategic account are all \
             but the same.",
        );
        self.example("[policy.classes.strategic.NAME_EXACT]");
        self.example("route_bps = 8000");
        for ((class, tier), thresholds) in &policy.class_tiers {
            self.section(&format!("policy.classes.{}.{}", class.as_str(), tier.as_str()), "");
            self.thresholds(thresholds);
        }
        self.gap();
        self.explain(RULES);
        for line in RULE.lines() {
            self.example(line);
        }
        for rule in &policy.nurture_rules {
            self.rule(rule);
        }
    }

    fn thresholds(&mut self, thresholds: &TierPolicy) {
        let route = thresholds.route.map_or(Value::from("never"), |route| number(route.bps()));
        self.line("route_bps", &route);
        self.line("review_bps", &number(thresholds.review.bps()));
        self.line("margin_bps", &number(thresholds.margin.bps()));
    }

    fn rule(&mut self, rule: &NurtureRule) {
        self.gap();
        let _ = writeln!(self.text, "[[policy.nurture_rules]]");
        self.line("name", &Value::from(rule.name.as_str()));
        self.line("track", &Value::from(rule.track.as_str()));
        let (mails, accounts) = (mail_words(), account_words());
        self.list("reason", rule.reasons.iter().map(|reason| reason.as_str()));
        self.list("country", rule.countries.iter().map(|country| country.as_str()));
        self.list("mail_class", rule.mail_classes.iter().map(|class| name_of(&mails, *class)));
        self.list("domain", rule.domains.iter().map(RegistrableDomain::as_str));
        self.list("account_class", rule.account_classes.iter().map(|class| name_of(&accounts, *class)));
        self.list("source", rule.sources.iter().map(String::as_str));
    }

    /// A list that matters only where it holds something.
    fn list<'a>(&mut self, key: &str, values: impl Iterator<Item = &'a str>) {
        let values: Vec<Value> = values.map(Value::from).collect();
        if !values.is_empty() {
            self.line(key, &Value::Array(values));
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn section(&mut self, name: &str, purpose: &str) {
        self.gap();
        if !purpose.is_empty() {
            self.explain(purpose);
        }
        let _ = writeln!(self.text, "[{name}]");
    }

    fn explain(&mut self, text: &str) {
        if self.explained {
            let _ = writeln!(self.text, "# {text}");
        }
    }

    fn example(&mut self, line: &str) {
        if self.explained {
            let _ = writeln!(self.text, "#{line}");
        }
    }

    fn line(&mut self, key: &str, value: &Value) {
        let mark = if self.explained { "#" } else { "" };
        let _ = writeln!(self.text, "{mark}{key} = {value}");
    }
}

fn range(kind: Kind) -> String {
    match kind {
        Kind::Number(min, max) => format!("; {min} to {max}"),
        Kind::Word(words) => format!("; {}", words.join(" or ")),
        _ => String::new(),
    }
}

/// What a setting outside `[policy]` is in a configuration.
pub(super) fn value_in(config: &Config, key: &str) -> Value {
    let server = &config.server;
    let path = |path: &std::path::PathBuf| Value::from(path.to_string_lossy().into_owned());
    match key {
        "registry.accounts" => Value::Array(config.registry.accounts.iter().map(path).collect()),
        "registry.reps" => config.registry.reps.as_ref().map_or(Value::from(""), path),
        "registry.strict" => Value::from(config.registry.strict),
        "registry.poll_interval_ms" => milliseconds(config.poll_interval),
        "registry.snapshot" => config.replica.snapshot_file.as_ref().map_or(Value::from(""), path),
        "registry.accept_shrink" => Value::from(config.replica.accept_shrink),
        "registry.fresh_window_ms" => milliseconds(config.replica.fresh_window),
        "registry.max_staleness_ms" => milliseconds(server.max_staleness.unwrap_or_default()),
        key if key.starts_with("redis.") => redis_value(config, key),
        "server.listen" => Value::from(config.listen.to_string()),
        "server.json_listen" => address(config.json_listen),
        "server.http_listen" => address(config.http_listen),
        "server.runtime" => Value::from(match server.runtime {
            Runtime::Shared => "shared",
            Runtime::PerCore => "per-core",
        }),
        "server.reflection" => Value::from(server.reflection),
        "server.registry_writes" => Value::from(config.registry_writes),
        "server.connections_max" => count(server.connections_max),
        "server.requests_max" => count(server.requests_max),
        "server.streams_max" => count(server.streams_max),
        "server.stream_idle_timeout_ms" => milliseconds(server.stream_idle_timeout.unwrap_or_default()),
        "server.request_timeout_ms" => milliseconds(server.request_timeout),
        "server.preface_timeout_ms" => milliseconds(server.preface_timeout),
        "server.shutdown_notice_ms" => milliseconds(server.shutdown_notice),
        "server.shutdown_grace_ms" => milliseconds(server.shutdown_grace),
        "log.format" => Value::from(match config.log_format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        }),
        "log.filter" => Value::from(config.log_filter.as_str()),
        _ => unreachable!("{key} is printed as it is listed; a test prints them all"),
    }
}

/// Settings of Redis, without any secret.
fn redis_value(config: &Config, key: &str) -> Value {
    let (redis, files) = (&config.redis, &config.redis_files);
    let path = |path: &Option<std::path::PathBuf>| {
        Value::from(path.as_ref().map_or(String::new(), |path| path.to_string_lossy().into_owned()))
    };
    match key {
        "redis.url" if files.url.is_some() => Value::from(""),
        "redis.url" => Value::from(redis.url.as_ref().map_or(String::new(), ToString::to_string)),
        "redis.url_file" => path(&files.url),
        "redis.user" => Value::from(redis.user().unwrap_or_default()),
        "redis.password_file" => path(&files.password),
        "redis.namespace" => Value::from(redis.namespace.as_str()),
        "redis.sentinels" => {
            Value::Array(redis.sentinels.iter().map(|sentinel| Value::from(sentinel.to_string())).collect())
        }
        "redis.sentinel_master" => Value::from(redis.sentinel_master.as_str()),
        "redis.sentinel_password_file" => path(&files.sentinel_password),
        "redis.ca_file" => path(&redis.ca_file),
        "redis.connect_timeout_ms" => milliseconds(redis.connect_timeout),
        "redis.response_timeout_ms" => milliseconds(redis.response_timeout),
        _ => unreachable!("{key} is printed as it is listed; a test prints them all"),
    }
}

fn address(address: Option<SocketAddr>) -> Value {
    Value::from(address.map_or(String::new(), |address| address.to_string()))
}

fn milliseconds(wait: Duration) -> Value {
    Value::from(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

fn count(count: usize) -> Value {
    Value::from(i64::try_from(count).unwrap_or(i64::MAX))
}

fn number(bps: u16) -> Value {
    Value::from(i64::from(bps))
}

fn list(domains: &[RegistrableDomain]) -> Value {
    Value::Array(domains.iter().map(|domain| Value::from(domain.as_str())).collect())
}

fn name_of<T: PartialEq>(words: &[(&'static str, T)], meaning: T) -> &'static str {
    words.iter().find(|(_, word)| *word == meaning).map_or("", |(name, _)| name)
}
