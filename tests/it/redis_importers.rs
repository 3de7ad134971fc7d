//! Importers at the same time, and one that dies: the registry is never half of anything.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::redis_bench::{Bench, said};
use crate::redis_server::needs_redis;

/// An import of many accounts in a process of its own, which has begun to write when this returns.
#[allow(clippy::zombie_processes)] // the test waits for it
async fn begin_to_replace(bench: &Bench, accounts: &Path) -> std::process::Child {
    let arguments = ["import", "--replace", "--force", "--accounts", accounts.to_str().unwrap()];
    let child = bench.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut raw = bench.server.raw().await;
    let begin = Instant::now();
    loop {
        let filling: u64 =
            redis::cmd("HLEN").arg("namesake:{default}:unused").query_async(&mut raw).await.unwrap();
        if filling > 0 {
            return child;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "the import does not begin");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn many(bench: &Bench) -> PathBuf {
    let rows: String = (0..20_000).map(|at| format!("x{at},Company {at}\n")).collect();
    bench.file("many.csv", &format!("id,name\n{rows}"));
    bench.path("many.csv")
}

#[tokio::test]
async fn an_importer_that_is_killed_leaves_the_registry_as_it_was_and_a_later_one_cleans_up() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let before = bench.status();
    let mut child = begin_to_replace(&bench, &many(&bench)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(bench.status()["chain"], before["chain"]);
    assert!(bench.done(&["verify"]).contains("everything fits"));

    bench.import(&["--replace", "--force", "--accounts", "many.csv"]);
    let mut raw = bench.server.raw().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*:head").query_async(&mut raw).await.unwrap();
    assert_eq!(keys.len(), 2, "the current epoch and the previous one: {keys:?}");
}

#[tokio::test]
async fn of_two_replacing_importers_the_slower_one_exits_75_and_leaves_nothing_behind() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let slow = begin_to_replace(&bench, &many(&bench)).await;
    let signal = |name: &str| {
        let id = slow.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    };
    signal("STOP");
    let one = bench.file("one.csv", "id,name\nwinner,Winner\n");
    bench.import(&["--replace", "--force", "--accounts", &one]);
    signal("CONT");
    let output = slow.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{}", said(&output));
    assert!(said(&output).contains("REGISTRY_CHANGED"), "{}", said(&output));
    assert_eq!(bench.status()["accounts"], 1);
    let mut raw = bench.server.raw().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*:head").query_async(&mut raw).await.unwrap();
    assert_eq!(keys.len(), 2, "{keys:?}");
}

#[test]
fn upserts_at_the_same_time_all_arrive() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let importers: Vec<_> = (0..4)
        .map(|importer| {
            let rows: String =
                (0..500).map(|at| format!("{importer}-{at},Company {importer} {at},r1\n")).collect();
            let file = bench.file(&format!("{importer}.csv"), &format!("id,name,owner_id\n{rows}"));
            bench.command(&["import", "--accounts", &file]).stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut importer in importers {
        assert!(importer.wait().unwrap().success());
    }
    let status = bench.status();
    assert_eq!((status["accounts"].as_u64(), status["rev"].as_u64()), (Some(2_003), Some(2_005)));
    assert!(bench.done(&["verify"]).contains("everything fits"));
}
