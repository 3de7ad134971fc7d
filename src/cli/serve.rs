//! `namesake serve`: configuration, logs, a port, the registry, the server, and a good end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::source::{self, Home, RegistryArgs};
use super::{CliError, Output, remote};
use crate::config::{Config, Environment, Flags, PolicyWatch};
use crate::grpc::Access;
use crate::registry::replica::status::Board;
use crate::registry::replica::{self, RedisReach, Replica};
use crate::registry::watch::FileWatch;
use crate::server::{self, Ended, Listeners, telemetry};
use crate::serving::Serving;

/// Flags of `serve`.
#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// Where the copy of the registry in Redis is kept, for a start without Redis.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Believe a registry in Redis that is empty or has lost more than half its accounts.
    #[arg(long)]
    accept_shrink: bool,
    /// Milliseconds of age past which the copy of the registry makes the server say that it is not ready [default: 0,
    /// never]; calls are still answered.
    #[arg(long, value_name = "MS")]
    max_staleness_ms: Option<i64>,
    /// Where to listen [default: 127.0.0.1:50051]; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where to answer leads over HTTP/JSON: /v1/leads/route, /v1/leads/explain [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    json_listen: Option<String>,
    /// Where to answer operators over HTTP: /livez, /readyz, /metrics [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    http_listen: Option<String>,
    /// The threads of connections [default: per-core].
    #[arg(long, value_enum)]
    runtime: Option<Runtime>,
    /// Serve gRPC reflection.
    #[arg(long)]
    reflection: bool,
    /// Let callers read and write records of the registry; only on a loopback address.
    #[arg(long)]
    registry_writes: bool,
    /// How log lines look [default: text].
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Runtime {
    /// Shared by all.
    Shared,
    /// One a processor, each with connections of its own.
    PerCore,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

pub(super) fn run(
    args: &ServeArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let watch = PolicyWatch::begin(args.flags(), environment)?;
    let config = watch.config().clone();
    source::home(&config)?;
    telemetry::init(config.log_format, &config.log_filter)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let runtime =
        threads.enable_all().event_interval(server::EVENT_INTERVAL).build().map_err(CliError::Start)?;
    let result = runtime.block_on(serve(config, watch, output));
    // A registry that is still being read is of no use to anybody now.
    runtime.shutdown_background();
    result
}

impl ServeArgs {
    fn flags(&self) -> Flags {
        let mut flags = self.registry.flags();
        if let Some(listen) = &self.listen {
            flags.set("server.listen", "--listen", listen.as_str());
        }
        if let Some(listen) = &self.json_listen {
            flags.set("server.json_listen", "--json-listen", listen.as_str());
        }
        if let Some(listen) = &self.http_listen {
            flags.set("server.http_listen", "--http-listen", listen.as_str());
        }
        if let Some(path) = &self.snapshot {
            flags.set("registry.snapshot", "--snapshot", path.to_string_lossy().into_owned());
        }
        if self.accept_shrink {
            flags.set("registry.accept_shrink", "--accept-shrink", true);
        }
        if let Some(milliseconds) = self.max_staleness_ms {
            flags.set("registry.max_staleness_ms", "--max-staleness-ms", milliseconds);
        }
        if let Some(runtime) = self.runtime {
            let word = match runtime {
                Runtime::Shared => "shared",
                Runtime::PerCore => "per-core",
            };
            flags.set("server.runtime", "--runtime", word);
        }
        if self.reflection {
            flags.set("server.reflection", "--reflection", true);
        }
        if self.registry_writes {
            flags.set("server.registry_writes", "--registry-writes", true);
        }
        if let Some(format) = self.log_format {
            let word = match format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            };
            flags.set("log.format", "--log-format", word);
        }
        flags
    }
}

/// Health says NOT_SERVING from the first moment until the registry is published.
async fn serve(config: Config, watch: PolicyWatch, output: &mut Output) -> Result<(), CliError> {
    let mut asked_to_stop = std::pin::pin!(stop_signal()?);
    let (grpc, address) = bind(config.listen).await?;
    let (json, json_address) = match config.json_listen {
        None => (None, None),
        Some(wished) => {
            let (listener, address) = bind(wished).await?;
            (Some(listener), Some(address))
        }
    };
    let http = match config.http_listen {
        None => None,
        Some(wished) => {
            let (listener, address) = bind(wished).await?;
            tracing::info!(%address, "/livez, /readyz and /metrics are served over HTTP");
            Some(listener)
        }
    };
    let listeners = Listeners { grpc, json, http };
    let home = source::home(&config)?;
    let serving = Arc::new(Serving::new(config.policy.clone()));
    let asked = asked_to_look()?;
    let policy_watching = tokio::spawn(watch.run(config.poll_interval, asked, Arc::clone(&serving)));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { stopped.await.unwrap_or_default() };
    let board = matches!(home, Home::Redis).then(Arc::<Board>::default);
    let access = Access {
        open: config.registry_writes,
        redis: board.is_some().then(|| config.redis.clone()),
        board: board.clone(),
    };
    let mut server =
        tokio::spawn(server::run(listeners, Arc::clone(&serving), access, config.server, shutdown));

    let loaded = tokio::select! {
        loaded = keep(home, &config, board.unwrap_or_default(), serving) => Some(loaded?),
        () = &mut asked_to_stop => None,
    };
    if let Some(watching) = loaded {
        greet(address, json_address, config.server.reflection, output);
        tokio::select! {
            () = &mut asked_to_stop => {}
            _ = &mut server => return Err(CliError::ServerEnded),
        }
        watching.abort();
    }
    policy_watching.abort();
    tracing::info!("stopping");
    let _ = stop.send(());
    match server.await {
        Ok(Ended::Drained) => tracing::info!("stopped"),
        Ok(Ended::Cut { connection_count }) => {
            tracing::warn!(connection_count, "stopped; connections that were still open are cut");
        }
        Err(_) => return Err(CliError::ServerEnded),
    }
    Ok(())
}

/// A listener, and where it listens.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |source| CliError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Keeps `serving` equal to the registry's home; gives the task that does, after the first load.
async fn keep(
    home: Home,
    config: &Config,
    board: Arc<Board>,
    serving: Arc<Serving>,
) -> Result<JoinHandle<()>, CliError> {
    if let Home::Files(sources) = home {
        let watch = FileWatch::begin(sources, config.poll_interval, &serving).await?;
        return Ok(tokio::spawn(watch.run(serving)));
    }
    let settings = replica::Settings {
        namespace: config.redis.namespace.to_string(),
        // Any seed will do that other replicas do not have.
        seed: Timestamp::now().as_nanosecond() as u64 ^ u64::from(std::process::id()),
        ..config.replica.clone()
    };
    let reach = RedisReach::new(config.redis.clone(), settings.block);
    let mut loaded = serving.loaded();
    let following = tokio::spawn(async move {
        let begin = tokio::task::spawn_blocking(|| Replica::begin_on(board, settings, serving));
        // It fails only where the runtime goes down.
        if let Ok(replica) = begin.await {
            replica.run(reach).await;
        }
    });
    let _ = loaded.wait_for(|loaded| *loaded).await;
    Ok(following)
}

/// Says where the server is and how to ask it. Nobody may be reading, which is no failure.
fn greet(address: SocketAddr, json: Option<SocketAddr>, reflection: bool, output: &mut Output) {
    let callable = remote::callable(address);
    let contract = if reflection { "" } else { "-import-path proto -proto namesake/v1/routing.proto " };
    let lead = r#"{"lead": {"company": "Acme Inc.", "email": "jane@acme.com"}}"#;
    let _ = output.line(format_args!(
        "listening on {address}\n\n  \
         namesake route --server http://{callable} --company 'Acme Inc.' --email jane@acme.com\n  \
         grpcurl -plaintext {contract}-d '{lead}' {callable} namesake.v1.RoutingService/RouteLead\n"
    ));
    if let Some(json) = json {
        let callable = remote::callable(json);
        let _ = output.line(format_args!(
            "HTTP/JSON on {json}\n\n  \
             curl http://{callable}/v1/leads/route --data-urlencode 'company=Acme Inc.' -d email=jane@acme.com\n"
        ));
    }
    let _ = output.flush();
}

/// Is told of every SIGHUP: somebody wants the configuration file looked at now.
fn asked_to_look() -> Result<Arc<Notify>, CliError> {
    let mut hangup = signal(SignalKind::hangup()).map_err(CliError::Start)?;
    let asked = Arc::new(Notify::new());
    let notify = Arc::clone(&asked);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            notify.notify_one();
        }
    });
    Ok(asked)
}

/// Resolves on the first SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()>, CliError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Start)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Start)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
