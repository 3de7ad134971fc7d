//! A Redis server of a test's own: on a free port, in a folder of its own, gone with the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use namesake::registry::redis::{Connection, RedisSettings};
use redis::aio::MultiplexedConnection;

/// Longer than a server takes to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `redis-server` or sentinel. It is killed, by its process id, when this is dropped.
pub(crate) struct RedisServer {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    lines: Vec<String>,
    password: Option<String>,
    process: Child,
}

/// True where `redis-server` can be had. Where CI or NAMESAKE_REQUIRE_ALL is set, its absence is a failure; elsewhere
/// the test says that it is skipped.
#[allow(clippy::print_stderr)] // for the person who reads what was tested
pub(crate) fn redis_is_here() -> bool {
    let here = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_ok();
    let required = ["CI", "NAMESAKE_REQUIRE_ALL"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(here || !required, "redis-server is missing: scripts/tools.sh installs it");
    if !here {
        eprintln!("skipped: redis-server is missing, scripts/tools.sh installs it");
    }
    here
}

/// Leaves the test where there is no Redis to test with.
macro_rules! needs_redis {
    () => {
        if !crate::redis_server::redis_is_here() {
            return;
        }
    };
}
pub(crate) use needs_redis;

impl RedisServer {
    /// An empty server without persistence.
    pub(crate) fn start() -> RedisServer {
        RedisServer::start_with(&[])
    }

    /// A server that also writes every change to disk before it answers, so that a restart loses nothing.
    pub(crate) fn start_persistent() -> RedisServer {
        RedisServer::start_with(&["appendonly yes", "appendfsync always"])
    }

    /// A server with further lines of configuration: `requirepass p`, `user u on >p ~* +@all`, `maxmemory 8mb` …
    pub(crate) fn start_with(lines: &[&str]) -> RedisServer {
        RedisServer::launch(lines, false)
    }

    /// A sentinel that watches `master` under the name `mymaster`, alone deciding that it is down.
    pub(crate) fn start_sentinel(master: &RedisServer) -> RedisServer {
        RedisServer::start_sentinel_with(master, &[])
    }

    /// The same with further lines of configuration.
    pub(crate) fn start_sentinel_with(master: &RedisServer, lines: &[&str]) -> RedisServer {
        let monitor = format!("sentinel monitor mymaster 127.0.0.1 {} 1", master.port);
        let first = [
            monitor.as_str(),
            "sentinel down-after-milliseconds mymaster 500",
            "sentinel failover-timeout mymaster 2000",
        ];
        RedisServer::launch(&[&first[..], lines].concat(), true)
    }

    /// A server that copies `master`.
    pub(crate) fn start_replica_of(master: &RedisServer) -> RedisServer {
        let line = format!("replicaof 127.0.0.1 {}", master.port);
        RedisServer::start_with(&[&line, "repl-diskless-sync-delay 0"])
    }

    fn launch(lines: &[&str], sentinel: bool) -> RedisServer {
        let password = lines.iter().find_map(|line| line.strip_prefix("requirepass "));
        let mut all: Vec<String> = vec!["bind 127.0.0.1".into()];
        if !sentinel {
            all.push("save \"\"".into());
        }
        all.extend(lines.iter().map(|line| (*line).to_owned()));
        let folder = tempfile::tempdir().unwrap();
        // Another process may take the port between the look for it and the start.
        for _ in 0..10 {
            let port = free_port();
            let mut process = spawn(&folder, &all, port, sentinel);
            if answers(port, &mut process) {
                let password = password.map(str::to_owned);
                return RedisServer { port, folder, lines: all, password, process };
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("redis-server does not start; its log is in {}", folder.keep().display());
    }

    /// `redis://127.0.0.1:port`, without a password.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Settings with the password, if one is required.
    pub(crate) fn settings(&self) -> RedisSettings {
        let login = self.password.as_ref().map_or(String::new(), |password| format!(":{password}@"));
        RedisSettings::of_url(&format!("redis://{login}127.0.0.1:{}", self.port)).unwrap()
    }

    /// A connection of the product.
    pub(crate) async fn connection(&self) -> Connection {
        Connection::open(&self.settings()).await.unwrap()
    }

    /// A connection for commands that the product does not send.
    pub(crate) async fn raw(&self) -> MultiplexedConnection {
        namesake::registry::redis::connect(&self.settings(), PATIENCE).await.unwrap()
    }

    /// Stops the process where it stands: connections stay, nothing is answered.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen process go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    /// Kills the process at once; the port and the folder stay for [`RedisServer::restart`].
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts again on the same port with the same folder; what was not persistent is gone.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            self.process = spawn(&self.folder, &self.lines, self.port, false);
            if answers(self.port, &mut self.process) {
                return;
            }
            self.kill();
        }
        panic!("redis-server does not start again");
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn spawn(folder: &tempfile::TempDir, lines: &[String], port: u16, sentinel: bool) -> Child {
    // A sentinel writes to its configuration, so that it is a file.
    let file = folder.path().join("redis.conf");
    std::fs::write(&file, format!("port {port}\n{}\n", lines.join("\n"))).unwrap();
    let log = std::fs::File::create(folder.path().join("redis.log")).unwrap();
    let mut command = Command::new("redis-server");
    command.arg(&file).current_dir(folder.path());
    if sentinel {
        command.arg("--sentinel");
    }
    command.stdin(Stdio::null()).stdout(log).stderr(Stdio::null()).spawn().expect("redis-server starts")
}

/// True once the server answers; false where the process ended before it did.
fn answers(port: u16, process: &mut Child) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE && process.try_wait().is_ok_and(|ended| ended.is_none()) {
        if ping(port).is_ok_and(|ready| ready) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn ping(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 64];
    let read = stream.read(&mut answer)?;
    // A server that wants a password is there too; one that still loads its data is not.
    Ok(answer[..read].starts_with(b"+PONG") || answer[..read].starts_with(b"-NOAUTH"))
}
