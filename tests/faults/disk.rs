//! The snapshot file and its folder.

use std::path::Path;

use namesake::registry::replica::Settings;
use namesake::registry::replica::status::Rejection;
use namesake::serving::Source;

use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{import, names, put, write};
use crate::subject::{Subject, settings};

async fn with_file(redis: &RedisServer, path: &Path) -> Subject {
    let snapshot_file = Some(path.to_owned());
    Subject::start_with(redis.settings(), Settings { snapshot_file, ..settings() }).await
}

#[tokio::test]
async fn a_file_damaged_anywhere_is_refused_whole_and_replaced() {
    needs_redis!();
    let mut redis = RedisServer::start_persistent();
    import(&redis.settings(), &names(20, "one")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    let subject = with_file(&redis, &path).await;
    subject.until("persisted", |status| status.persisted.is_some()).await;
    subject.end().await;
    let whole = std::fs::read(&path).unwrap();

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let doubled = [&whole[..], &whole[..]].concat();
    for damaged in
        [&flipped[..], &whole[..whole.len() / 3], &[], &doubled, b"namesake registry snapshot 1\n{}"]
    {
        std::fs::write(&path, damaged).unwrap();
        redis.kill();
        let subject = with_file(&redis, &path).await;
        assert_eq!(subject.status().rejected.get(&Rejection::SnapshotFile), Some(&1));
        assert!(subject.server.serving.load().is_none(), "half a registry is none");
        redis.restart();
        subject.until_fresh().await;
        subject.until_equal(&redis.settings()).await;
        subject.until("persisted", |status| status.persisted.is_some()).await;
        subject.end().await;
    }

    redis.kill();
    let subject = with_file(&redis, &path).await;
    let now = subject.in_force();
    assert!(now.freshness.stale && now.freshness.source == Source::Snapshot);
    subject.keeps(21).await;
    redis.restart();
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.resync_count(), 0, "the file is followed from where it stood");
    subject.end().await;
}

#[tokio::test]
async fn a_folder_that_takes_no_file_is_told_and_harms_nothing() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let folder = tempfile::tempdir().unwrap();
    let (place, aside) = (folder.path().join("place"), folder.path().join("aside"));
    std::fs::create_dir(&place).unwrap();
    let path = place.join("registry.snapshot");
    let subject = with_file(&redis, &path).await;
    subject.until("persisted", |status| status.persisted.is_some()).await;
    let mut writer = redis.connection().await;

    // A file in the place of the folder stops everybody, also those for whom rights do not count.
    std::fs::rename(&place, &aside).unwrap();
    std::fs::write(&place, "in the way").unwrap();
    write(&mut writer, &[put("a0", "Not kept")]).await;
    subject.until_equal(&redis.settings()).await;
    let failed = |status: &namesake::registry::replica::status::Status| {
        status.rejected.contains_key(&Rejection::SnapshotWrite)
    };
    subject.until("told", failed).await;

    std::fs::remove_file(&place).unwrap();
    std::fs::rename(&aside, &place).unwrap();
    let before = subject.status().persisted;
    write(&mut writer, &[put("a0", "Kept")]).await;
    subject.until("persisted again", |status| status.persisted > before).await;
    let left: Vec<_> = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["registry.snapshot"], "no part is left behind");
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_file_before_stays() {
    needs_redis!();
    // Writing to /dev/full fails as on a full disk: the part of this process leads there.
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    let subject = with_file(&redis, &path).await;
    subject.until("persisted", |status| status.persisted.is_some()).await;
    let before = std::fs::read(&path).unwrap();
    let part = folder.path().join(format!("registry.snapshot.{}.part", std::process::id()));
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    write(&mut redis.connection().await, &[put("a0", "Not kept")]).await;
    subject.until("told", |status| status.rejected.contains_key(&Rejection::SnapshotWrite)).await;
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(!part.exists(), "no part is left behind");
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}
