//! The real binary is asked to end while it takes a snapshot.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::proxy::{Proxy, Side, Toxic};
use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{import, names};

const PATIENCE: Duration = Duration::from_secs(20);

/// `namesake serve`, killed when this is dropped.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    fn start(proxy: &Proxy, file: &std::path::Path) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--redis"]);
        command.arg(format!("redis://127.0.0.1:{}", proxy.port)).env("NAMESAKE_SNAPSHOT", file);
        Served(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    async fn ended(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "still there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn calls(redis: &RedisServer, command: &str) -> bool {
    let asked = redis::cmd("INFO").arg("commandstats").query_async(&mut redis.raw().await).await;
    let stats: String = asked.unwrap();
    stats.contains(&format!("cmdstat_{command}:"))
}

#[tokio::test]
async fn sigterm_during_a_snapshot_ends_at_once_and_leaves_no_half_of_anything() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(3_000, "one")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.snapshot");
    let proxy = Proxy::start(redis.port);
    // About a quarter of a minute for the whole.
    proxy.set(Side::Down, Toxic::Slow { bytes_per_second: 30_000 });
    for signals in [1, 2] {
        let mut served = Served::start(&proxy, &file);
        let begin = Instant::now();
        redis::cmd("CONFIG").arg("RESETSTAT").query_async::<()>(&mut redis.raw().await).await.unwrap();
        while !calls(&redis, "hscan").await {
            assert!(begin.elapsed() < PATIENCE, "no snapshot is begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for _ in 0..signals {
            served.signal("TERM");
        }
        assert_eq!(served.ended().await.code(), Some(0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    // Well again, it follows and writes its file; the end of it leaves the file whole.
    proxy.heal();
    let mut served = Served::start(&proxy, &file);
    let begin = Instant::now();
    while !file.exists() {
        assert!(begin.elapsed() < PATIENCE, "no file is written");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    served.signal("TERM");
    assert_eq!(served.ended().await.code(), Some(0));
    let read = namesake::registry::replica::snapshot_file::read(&file, "default").unwrap().unwrap();
    assert_eq!(read.checked.accounts().len() + read.checked.reps().len(), 3_001);
}
