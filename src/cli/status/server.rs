//! A server's copy of the registry: where it comes from and how fresh it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::StatusFormat;
use crate::cli::{CliError, Output, remote};
use crate::proto::v1;
use crate::proto::v1::registry_service_client::RegistryServiceClient;

/// What is told, in this order. Times as RFC 3339, `null` where there is none.
#[derive(Debug, Serialize)]
struct Copy {
    source: &'static str,
    state: &'static str,
    state_since_time: Option<String>,
    stale: bool,
    age_seconds: Option<i64>,
    refused: String,
    index_revision: i64,
    index_published_time: Option<String>,
    accounts: i64,
    reps: i64,
    degraded: i64,
    position: Option<Position>,
    home_position: Option<Position>,
    resyncs: BTreeMap<String, i64>,
    rejected: BTreeMap<String, i64>,
    snapshot_time: Option<String>,
}

#[derive(Debug, Serialize)]
struct Position {
    generation: i64,
    epoch: i64,
    revision: i64,
    chain: String,
    records: i64,
}

pub(super) fn run(server: &str, format: StatusFormat, output: &mut Output) -> Result<(), CliError> {
    let copy = Copy::of(remote::runtime()?.block_on(ask(server))?);
    let told = match format {
        StatusFormat::Text => copy.text(),
        StatusFormat::Json => serde_json::to_string(&copy).expect("numbers and texts"),
    };
    Ok(output.line(told)?)
}

async fn ask(server: &str) -> Result<v1::GetRegistryStatusResponse, CliError> {
    let mut client = RegistryServiceClient::new(remote::connect(server).await?);
    let answer = client.get_registry_status(v1::GetRegistryStatusRequest {}).await;
    Ok(answer.map_err(|status| CliError::Call(Box::new(status)))?.into_inner())
}

impl Copy {
    fn of(answer: v1::GetRegistryStatusResponse) -> Copy {
        let position = |position: v1::RegistryPosition| Position {
            generation: position.generation,
            epoch: position.epoch,
            revision: position.revision,
            chain: position.chain,
            records: position.record_count,
        };
        Copy {
            source: match answer.source() {
                v1::RegistrySource::Unspecified => "none",
                v1::RegistrySource::File => "file",
                v1::RegistrySource::Redis => "redis",
                v1::RegistrySource::Snapshot => "snapshot",
            },
            state: match answer.state() {
                v1::ReplicaState::Unspecified => "file",
                v1::ReplicaState::Starting => "starting",
                v1::ReplicaState::Unreachable => "unreachable",
                v1::ReplicaState::Missing => "missing",
                v1::ReplicaState::Loading => "loading",
                v1::ReplicaState::Following => "following",
            },
            state_since_time: answer.state_since_time.and_then(time),
            stale: answer.stale,
            age_seconds: answer.index_age.map(|age| age.seconds),
            refused: answer.refused,
            index_revision: answer.index_revision,
            index_published_time: answer.index_published_time.and_then(time),
            accounts: answer.account_count,
            reps: answer.rep_count,
            degraded: answer.degraded_count,
            position: answer.position.map(position),
            home_position: answer.home_position.map(position),
            resyncs: answer.resync_counts.into_iter().collect(),
            rejected: answer.rejected_counts.into_iter().collect(),
            snapshot_time: answer.snapshot_time.and_then(time),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<12}{value}");
        };
        let since = self.state_since_time.as_ref().map(|time| format!(", since {time}")).unwrap_or_default();
        line("copy", format!("from {}, {}{since}", self.source, self.state));
        let fresh = if self.stale { "STALE" } else { "fresh" };
        line(
            "freshness",
            match self.age_seconds {
                Some(age) => format!("{fresh}; last known to equal its home {age} s ago"),
                None => "nothing is loaded yet".into(),
            },
        );
        if !self.refused.is_empty() {
            line("refused", format!("its home's present state: {}", self.refused));
        }
        line("holds", format!("{} accounts, {} reps", self.accounts, self.reps));
        if self.degraded > 0 {
            line(
                "degraded",
                format!("{} malformed records, the last good version of each stays", self.degraded),
            );
        }
        let published = self.index_published_time.as_deref().unwrap_or("never");
        line("published", format!("revision {} at {published}", self.index_revision));
        for (name, position) in [("stands at", &self.position), ("its home", &self.home_position)] {
            if let Some(Position { generation, epoch, revision, chain, records }) = position {
                line(
                    name,
                    format!(
                        "generation {generation}, epoch {epoch}, revision {revision}, chain {chain}, \
                         {records} records"
                    ),
                );
            }
        }
        for (name, counts) in [("resyncs", &self.resyncs), ("rejected", &self.rejected)] {
            if !counts.is_empty() {
                let counts: Vec<String> =
                    counts.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
                line(name, counts.join(", "));
            }
        }
        if let Some(time) = &self.snapshot_time {
            line("snapshot", format!("written {time}"));
        }
        text.truncate(text.trim_end().len());
        text
    }
}

fn time(time: prost_types::Timestamp) -> Option<String> {
    Timestamp::new(time.seconds, time.nanos).ok().map(|time| time.to_string())
}
