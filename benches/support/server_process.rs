//! A server in a process of its own, so that its processor time is read apart from ours; it ends when dropped.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    /// How it is called in tables.
    pub(crate) name: String,
    pub(crate) url: String,
    child: Child,
}

impl ServerProcess {
    /// Starts `program` and waits until it prints "listening on ADDRESS". With `cpu` it runs on that processor alone.
    pub(crate) fn start(
        name: &str,
        program: &str,
        arguments: &[String],
        cpu: Option<usize>,
    ) -> ServerProcess {
        let mut command = match cpu {
            Some(cpu) => {
                let mut pinned = Command::new("taskset");
                pinned.args(["-c", &cpu.to_string(), program]);
                pinned
            }
            None => Command::new(program),
        };
        command
            .args(arguments)
            .env("NAMESAKE_LOG_FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{name} said {line:?}"));
        let url = format!("http://{}", address.trim());
        // The rest of what it says is read, or it could block on a full pipe.
        std::thread::spawn(move || lines.lines().for_each(drop));
        ServerProcess { name: name.to_owned(), url, child }
    }

    /// Processor time of each thread that lives, as Linux tells it in nanoseconds.
    pub(crate) fn cpu(&self) -> CpuTime {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let one = |task: std::fs::DirEntry| {
            let told = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            let nanos = told.split(' ').next()?.parse().ok()?;
            Some((task.file_name().to_string_lossy().into_owned(), nanos))
        };
        CpuTime(tasks.filter_map(|task| one(task.ok()?)).collect())
    }

    /// Memory it occupies, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        const PAGE: u64 = 4_096;
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap();
        statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * PAGE
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nanoseconds by thread.
pub(crate) struct CpuTime(HashMap<String, u64>);

impl CpuTime {
    /// What was used since `earlier`, by the threads that live now.
    pub(crate) fn since(&self, earlier: &CpuTime) -> Duration {
        let used = self.0.iter().map(|(task, now)| now - earlier.0.get(task).copied().unwrap_or(0).min(*now));
        Duration::from_nanos(used.sum())
    }
}
