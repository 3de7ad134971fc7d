//! A Redis, files, and the command line between them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::redis_server::RedisServer;

/// A Redis and a folder with files to import.
pub(crate) struct Bench {
    pub(crate) server: RedisServer,
    folder: tempfile::TempDir,
}

/// Three accounts, with what CSV must quote and an id that begins with a space.
pub(crate) const ACCOUNTS: &str = "id,name,aliases,domains,owner_id\na1,Acme Inc.,Acme|AI,acme.com,r1\n a2,Beta GmbH,,beta.de,r2\n\
                        a3,\"Gamma, \"\"G\"\" SA\",,,r1\n";
/// Their owners.
pub(crate) const REPS: &str = "id,name\nr1,Ada\nr2,Bob\n";

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::with(RedisServer::start())
    }

    pub(crate) fn with(server: RedisServer) -> Bench {
        Bench { server, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; gives its path as an argument.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
        command.args(arguments).args(["--redis", &self.server.url()]).env_clear().stdin(Stdio::null());
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The answer of a command that succeeds.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The command fails with this code and says this on standard error.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], code: i32, says: &str) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    }

    /// The JSON summary of an import.
    #[track_caller]
    pub(crate) fn import(&self, arguments: &[&str]) -> Value {
        let all = [&["import", "--output", "json"], arguments].concat();
        serde_json::from_str(&self.done(&all)).unwrap()
    }

    /// Imports the accounts and reps above.
    #[track_caller]
    pub(crate) fn import_small(&self) -> Value {
        let (accounts, reps) = (self.file("accounts.csv", ACCOUNTS), self.file("reps.csv", REPS));
        self.import(&["--accounts", &accounts, "--reps", &reps])
    }

    pub(crate) fn status(&self) -> Value {
        serde_json::from_str(&self.done(&["status", "--output", "json"])).unwrap()
    }
}

/// What a command wrote to standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// added, changed, deleted, unchanged
pub(crate) fn counts(summary: &Value, kind: &str) -> [u64; 4] {
    ["added", "changed", "deleted", "unchanged"].map(|name| summary[kind][name].as_u64().unwrap())
}
