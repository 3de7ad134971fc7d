//! `namesake.v1.RegistryService`: thin methods; how one record is read, written and deleted is in `records`
//! and `writes`.

mod door;
mod failure;
mod health;
mod imports;
mod records;
mod status;
mod unmatched;
mod writes;

use std::sync::Arc;

use jiff::Timestamp;
use tonic::{Request, Response, Status, Streaming};

use crate::account::{AccountId, Rep, RepId};
use crate::matching::PreparedAccount;
use crate::proto::v1;
use crate::proto::v1::registry_service_server::{RegistryService, RegistryServiceServer};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::redis::RedisSettings;
use crate::registry::replica::status::Board;
use crate::serving::Serving;
use door::{CopyInForce, Door};

/// Largest message that is read, in bytes: a part of an import.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Largest answer that is sent, in bytes: a page of records at their longest.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Records of a page where the caller does not say.
const PAGE_DEFAULT: i32 = 100;
/// Most records of a page.
const PAGE_MAX: i32 = 1_000;

/// What callers may do with the registry.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Reading and writing records is allowed; the status always is.
    pub open: bool,
    /// Where Redis is; `None` where the registry is in files.
    pub redis: Option<RedisSettings>,
    /// What the replica of the registry in Redis is doing.
    pub board: Option<Arc<Board>>,
}

/// The service.
#[derive(Debug)]
pub struct Registry {
    serving: Arc<Serving>,
    open: bool,
    door: Option<Door>,
    board: Option<Arc<Board>>,
    reports: health::Turn,
}

impl Registry {
    /// Lists what `serving` routes with, and writes to Redis.
    pub fn new(serving: Arc<Serving>, access: Access) -> Registry {
        let Access { open, redis, board } = access;
        let copy = CopyInForce { serving: Arc::clone(&serving), board: board.clone() };
        let door = redis.map(|redis| Door::new(redis, copy));
        Registry { serving, open, door, board, reports: health::Turn::default() }
    }

    /// The service with its limits on message sizes, ready to be served.
    pub fn into_server(self) -> RegistryServiceServer<Registry> {
        RegistryServiceServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Records may be read here.
    fn opened(&self) -> Result<(), Status> {
        if self.open { Ok(()) } else { Err(failure::closed()) }
    }

    /// Records may be read and written in Redis.
    fn door(&self) -> Result<&Door, Status> {
        self.opened()?;
        self.door.as_ref().ok_or_else(failure::read_only)
    }
}

#[tonic::async_trait]
impl RegistryService for Registry {
    async fn get_account(
        &self,
        request: Request<v1::GetAccountRequest>,
    ) -> Result<Response<v1::GetAccountResponse>, Status> {
        let (account, version) =
            writes::get::<AccountRecord>(self.door()?, &request.into_inner().account_id).await?;
        Ok(Response::new(v1::GetAccountResponse { account: Some(account.into()), version }))
    }

    async fn list_accounts(
        &self,
        request: Request<v1::ListAccountsRequest>,
    ) -> Result<Response<v1::ListAccountsResponse>, Status> {
        self.opened()?;
        let v1::ListAccountsRequest { page_size, page_token } = request.into_inner();
        let in_force = self.serving.load().ok_or_else(super::status::index_not_loaded)?;
        let after = AccountId::new(&page_token);
        let listed = in_force.index.accounts_after(after.as_ref());
        let (page, next_page_token) =
            page(listed, page_size, |account: &&PreparedAccount| account.id.as_str())?;
        Ok(Response::new(v1::ListAccountsResponse {
            accounts: page.into_iter().map(|account| AccountRecord::from(account).into()).collect(),
            next_page_token,
            index_revision: in_force.index.revision().0 as i64,
        }))
    }

    async fn upsert_account(
        &self,
        request: Request<v1::UpsertAccountRequest>,
    ) -> Result<Response<v1::UpsertAccountResponse>, Status> {
        let v1::UpsertAccountRequest { account, expected_version, strict } = request.into_inner();
        let record = account.map(AccountRecord::from);
        let done = writes::upsert(self.door()?, "account", record, &expected_version, strict).await?;
        let writes::Written { version, changed, revision, warnings } = done;
        Ok(Response::new(v1::UpsertAccountResponse { version, changed, revision, warnings }))
    }

    async fn delete_account(
        &self,
        request: Request<v1::DeleteAccountRequest>,
    ) -> Result<Response<v1::DeleteAccountResponse>, Status> {
        let v1::DeleteAccountRequest { account_id, expected_version } = request.into_inner();
        let (changed, revision) =
            writes::delete::<AccountRecord>(self.door()?, &account_id, &expected_version).await?;
        Ok(Response::new(v1::DeleteAccountResponse { changed, revision }))
    }

    async fn get_rep(
        &self,
        request: Request<v1::GetRepRequest>,
    ) -> Result<Response<v1::GetRepResponse>, Status> {
        let (rep, version) = writes::get::<RepRecord>(self.door()?, &request.into_inner().rep_id).await?;
        Ok(Response::new(v1::GetRepResponse { rep: Some(rep.into()), version }))
    }

    async fn list_reps(
        &self,
        request: Request<v1::ListRepsRequest>,
    ) -> Result<Response<v1::ListRepsResponse>, Status> {
        self.opened()?;
        let v1::ListRepsRequest { page_size, page_token } = request.into_inner();
        let in_force = self.serving.load().ok_or_else(super::status::index_not_loaded)?;
        let after = RepId::new(&page_token);
        let listed = in_force.index.reps_after(after.as_ref());
        let (page, next_page_token) = page(listed, page_size, |rep: &&Rep| rep.id.as_str())?;
        Ok(Response::new(v1::ListRepsResponse {
            reps: page.into_iter().map(|rep| RepRecord::from(rep).into()).collect(),
            next_page_token,
            index_revision: in_force.index.revision().0 as i64,
        }))
    }

    async fn upsert_rep(
        &self,
        request: Request<v1::UpsertRepRequest>,
    ) -> Result<Response<v1::UpsertRepResponse>, Status> {
        let v1::UpsertRepRequest { rep, expected_version } = request.into_inner();
        let done =
            writes::upsert(self.door()?, "rep", rep.map(RepRecord::from), &expected_version, false).await?;
        let writes::Written { version, changed, revision, warnings } = done;
        Ok(Response::new(v1::UpsertRepResponse { version, changed, revision, warnings }))
    }

    async fn delete_rep(
        &self,
        request: Request<v1::DeleteRepRequest>,
    ) -> Result<Response<v1::DeleteRepResponse>, Status> {
        let v1::DeleteRepRequest { rep_id, expected_version } = request.into_inner();
        let (changed, revision) =
            writes::delete::<RepRecord>(self.door()?, &rep_id, &expected_version).await?;
        Ok(Response::new(v1::DeleteRepResponse { changed, revision }))
    }

    async fn import_registry(
        &self,
        request: Request<Streaming<v1::ImportRegistryRequest>>,
    ) -> Result<Response<v1::ImportRegistryResponse>, Status> {
        imports::import(self.door()?, request.into_inner()).await.map(Response::new)
    }

    async fn list_unmatched_companies(
        &self,
        request: Request<v1::ListUnmatchedCompaniesRequest>,
    ) -> Result<Response<v1::ListUnmatchedCompaniesResponse>, Status> {
        self.opened()?;
        let v1::ListUnmatchedCompaniesRequest { top_count } = request.into_inner();
        let serving = Arc::clone(&self.serving);
        let listed = tokio::task::spawn_blocking(move || unmatched::list(&serving, top_count)).await;
        // It fails only where the search panics or the runtime goes down.
        listed.map_err(|_| super::status::internal())?.map(Response::new)
    }

    async fn check_registry(
        &self,
        _: Request<v1::CheckRegistryRequest>,
    ) -> Result<Response<v1::CheckRegistryResponse>, Status> {
        self.opened()?;
        let in_force = self.serving.load_examined().ok_or_else(super::status::index_not_loaded)?;
        health::check(&self.reports, in_force, Timestamp::now()).await.map(Response::new)
    }

    async fn lint_account(
        &self,
        request: Request<v1::LintAccountRequest>,
    ) -> Result<Response<v1::LintAccountResponse>, Status> {
        self.opened()?;
        let in_force = self.serving.load().ok_or_else(super::status::index_not_loaded)?;
        health::lint(&in_force, request.into_inner().account).map(Response::new)
    }

    async fn get_registry_status(
        &self,
        _: Request<v1::GetRegistryStatusRequest>,
    ) -> Result<Response<v1::GetRegistryStatusResponse>, Status> {
        let now = Timestamp::now();
        Ok(Response::new(status::of(self.serving.load().as_ref(), self.board.as_deref(), now)))
    }
}

/// As many of `listed` as were asked for, and the token of the next page: the last id, empty at the end.
fn page<T>(
    listed: impl Iterator<Item = T>,
    page_size: i32,
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, String), Status> {
    if page_size < 0 {
        return Err(failure::invalid("page_size", "is under 0: leave it out, or say how many"));
    }
    let size = if page_size == 0 { PAGE_DEFAULT } else { page_size.min(PAGE_MAX) } as usize;
    let mut page: Vec<T> = listed.take(size + 1).collect();
    let more = page.len() > size;
    page.truncate(size);
    let token = page.last().filter(|_| more).map(|last| id(last).to_owned()).unwrap_or_default();
    Ok((page, token))
}
