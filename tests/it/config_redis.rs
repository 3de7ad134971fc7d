//! The settings of Redis: where secrets may stand, and that none is ever shown.

use std::collections::BTreeMap;
use std::fs;

use namesake::config::{Config, Flags};

fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("namesake.toml");
    fs::write(&path, file).unwrap();
    fs::write(folder.path().join("password"), "pa55\n").unwrap();
    fs::write(folder.path().join("url"), "rediss://writer:pa55@redis.example:7000/3\n").unwrap();
    let mut flags = Flags::default();
    flags.file = Some(path);
    Config::load(&flags, &variables.iter().copied().collect::<BTreeMap<_, _>>())
        .map_err(|error| error.to_string())
}

#[test]
fn without_a_url_or_sentinels_there_is_no_redis() {
    let config = load("", &[]).unwrap();
    assert!(!config.redis.is_set());
    assert_eq!(config.redis.namespace.as_str(), "default");
}

#[test]
fn a_password_comes_from_the_environment_or_a_file_and_is_not_printed() {
    for (file, variables) in [
        ("[redis]\nurl = \"redis://h\"\npassword_file = \"password\"\n", &[][..]),
        ("[redis]\nurl = \"redis://h\"\n", &[("NAMESAKE_REDIS_PASSWORD", "pa55")]),
        ("", &[("NAMESAKE_REDIS_URL", "redis://:pa55@h")]),
        ("[redis]\nurl_file = \"url\"\n", &[]),
    ] {
        let config = load(file, variables).unwrap();
        assert_eq!(config.redis.password(), Some("pa55"), "{file}");
        let shown = format!("{}{config:?}{}", config.effective_file(), config.redis);
        assert!(!shown.contains("pa55"), "{shown}");
    }
}

#[test]
fn a_url_from_a_file_has_user_database_and_tls() {
    let redis = load("[redis]\nurl_file = \"url\"\n", &[]).unwrap().redis;
    assert_eq!((redis.user(), redis.to_string().as_str()), (Some("writer"), "rediss://redis.example:7000/3"));
    // The uppermost layer counts, whichever of the two it sets.
    let redis =
        load("[redis]\nurl_file = \"url\"\n", &[("NAMESAKE_REDIS_URL", "redis://other")]).unwrap().redis;
    assert_eq!(redis.to_string(), "redis://other:6379");
}

#[test]
fn a_password_in_the_file_or_in_a_flag_is_refused_without_being_shown() {
    let refused = load("[redis]\nurl = \"redis://:pa55@h\"\n", &[]).unwrap_err();
    assert!(refused.contains("redis.url is a URL with a password: others can read it there"), "{refused}");
    let mut flags = Flags::default();
    flags.set("redis.url", "--redis", "redis://user:pa55@h");
    let flag = Config::load(&flags, &BTreeMap::new()).unwrap_err().to_string();
    assert!(flag.contains("--redis: redis.url is a URL with a password"), "{flag}");
    let broken = load("", &[("NAMESAKE_REDIS_URL", "http://:pa55@h")]).unwrap_err();
    assert!(!(refused + &flag + &broken).contains("pa55"), "{broken}");
}

#[test]
fn bad_settings_of_redis_are_named_with_the_remedy() {
    let bad =
        "[redis]\nurl = \"localhost\"\nnamespace = \"a b\"\nsentinels = [\"s1\"]\npassword_file = \"none\"\n";
    let errors = load(bad, &[]).unwrap_err();
    for expected in [
        "redis.url is \"localhost\": write redis://host:port or, for TLS, rediss://host:port",
        "redis.namespace is \"a b\": write 1 to 64 of",
        "redis.sentinels is [\"s1\"]: write host:port",
        "the file cannot be read",
    ] {
        assert!(errors.contains(expected), "{errors}");
    }
    let twice = load("[redis]\nurl = \"redis://h\"\nurl_file = \"url\"\n", &[]).unwrap_err();
    assert!(twice.contains("redis.url is set too; keep one of them"), "{twice}");
}

#[test]
fn sentinels_may_stand_in_the_environment() {
    let redis = load("", &[("NAMESAKE_REDIS_SENTINELS", "s1:26379, s2:26380")]).unwrap().redis;
    assert_eq!(redis.to_string(), "Redis master mymaster (sentinels s1:26379, s2:26380)");
}
