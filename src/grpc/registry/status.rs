//! Where the copy comes from and how fresh it is, as a message.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::grpc::encode;
use crate::proto::v1;
use crate::registry::replica::home::Position;
use crate::registry::replica::status::{Board, State, Status};
use crate::serving::InForce;

/// The status at `now`: of what is in force, `None` before the first publication, and of the replica, `None`
/// where the registry is in files.
pub(super) fn of(
    in_force: Option<&InForce>,
    board: Option<&Board>,
    now: Timestamp,
) -> v1::GetRegistryStatusResponse {
    let mut answer = v1::GetRegistryStatusResponse { stale: true, ..Default::default() };
    if let Some(in_force) = in_force {
        answer = v1::GetRegistryStatusResponse {
            source: v1::RegistrySource::from(in_force.freshness.source).into(),
            index_revision: encode::revision(in_force),
            index_published_time: Some(encode::timestamp(in_force.freshness.published_time)),
            index_age: Some(encode::age(in_force, now)),
            stale: in_force.freshness.stale,
            account_count: in_force.index.account_count() as i64,
            rep_count: in_force.index.rep_count() as i64,
            ..answer
        };
    }
    match board {
        Some(board) => of_replica(board.read(), answer),
        None => answer,
    }
}

fn of_replica(status: Status, answer: v1::GetRegistryStatusResponse) -> v1::GetRegistryStatusResponse {
    let state = match status.state {
        State::Starting => v1::ReplicaState::Starting,
        State::Unreachable => v1::ReplicaState::Unreachable,
        State::Missing => v1::ReplicaState::Missing,
        State::Loading => v1::ReplicaState::Loading,
        State::Following => v1::ReplicaState::Following,
    };
    v1::GetRegistryStatusResponse {
        state: state.into(),
        state_since_time: Some(encode::timestamp(status.since)),
        degraded_count: status.degraded as i64,
        position: status.published.map(position),
        home_position: status.home.map(position),
        resync_counts: counts(&status.resyncs),
        rejected_counts: counts(&status.rejected),
        refused: status.refused.map(|rejection| format!("{rejection:?}").to_lowercase()).unwrap_or_default(),
        snapshot_time: status.persisted.map(encode::timestamp),
        ..answer
    }
}

fn counts<R: std::fmt::Debug>(counts: &BTreeMap<R, u64>) -> HashMap<String, i64> {
    counts.iter().map(|(reason, count)| (format!("{reason:?}").to_lowercase(), *count as i64)).collect()
}

fn position(position: Position) -> v1::RegistryPosition {
    v1::RegistryPosition {
        generation: position.generation as i64,
        epoch: position.epoch as i64,
        revision: position.rev as i64,
        chain: position.chain.to_string(),
        record_count: position.count as i64,
    }
}
