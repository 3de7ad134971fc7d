//! Where connections are served: all on the runtime of the caller, or each on one of several threads that share
//! nothing.
//!
//! On a shared runtime an answer wakes its connection's task, which the thread then runs at once: it writes that one
//! answer, and does so again for the next. A thread with a runtime of its own runs what is ready first and writes all
//! the answers of a connection together, and no thread ever looks at another's work. The price: one connection never
//! has more than one processor. Connections are therefore dealt out one by one, each to the thread with the fewest
//! open, where a listener a thread (`SO_REUSEPORT`) would leave that to a hash, which is unfair to few connections.

use std::sync::Arc;
use std::{io, thread};

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::limits::{EVENT_INTERVAL, Runtime};

/// Where connections are served.
#[derive(Debug)]
pub(super) enum Workers {
    /// On the runtime of the caller.
    Shared,
    /// On these threads.
    PerCore(Vec<Worker>),
}

/// A thread with a runtime of its own. It ends, and with it what it still serves, when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    runtime: Handle,
    /// Each connection that it serves holds a clone.
    load: Arc<()>,
    _running: oneshot::Sender<()>,
}

impl Workers {
    /// One thread a processor where `runtime` says so. Where the system refuses threads it is the shared runtime, and
    /// the log says so: a slower server is better than none.
    pub(super) fn start(runtime: Runtime) -> Workers {
        if runtime == Runtime::Shared {
            return Workers::Shared;
        }
        let count = thread::available_parallelism().map_or(1, usize::from);
        match (0..count).map(Worker::start).collect() {
            Ok(workers) => Workers::PerCore(workers),
            Err(error) => {
                tracing::warn!(%error, "no thread for each processor: connections share a runtime");
                Workers::Shared
            }
        }
    }

    /// Serves `stream` where the fewest connections are open; the task is one of `open`.
    pub(super) fn serve<F>(
        &self,
        open: &mut JoinSet<()>,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let worker = match self {
            Workers::PerCore(workers) => workers.iter().min_by_key(|worker| Arc::strong_count(&worker.load)),
            Workers::Shared => None,
        };
        let Some(worker) = worker else {
            open.spawn(serve(stream));
            return;
        };
        let load = Arc::clone(&worker.load);
        let moved = stream.into_std();
        let task = async move {
            // The stream is told of by the runtime in which it is made: made again, it is told of here.
            match moved.and_then(TcpStream::from_std) {
                Ok(stream) => serve(stream).await,
                Err(error) => tracing::debug!(%error, "a connection cannot change threads"),
            }
            drop(load);
        };
        open.spawn_on(task, &worker.runtime);
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Worker> {
        let runtime = Builder::new_current_thread().enable_all().event_interval(EVENT_INTERVAL).build()?;
        let handle = runtime.handle().clone();
        let (running, stopped) = oneshot::channel::<()>();
        thread::Builder::new()
            .name(format!("connections-{number}"))
            .spawn(move || runtime.block_on(async { stopped.await.unwrap_or_default() }))?;
        Ok(Worker { runtime: handle, load: Arc::new(()), _running: running })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::net::TcpListener;

    use super::*;

    /// Serves connections one after the other, each until the test ends; gives the names of their threads.
    async fn threads_of(workers: &Workers, connection_count: usize) -> Vec<String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (said, heard) = mpsc::channel();
        let mut open = JoinSet::new();
        for _ in 0..connection_count {
            let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let said = said.clone();
            workers.serve(&mut open, stream, async move |stream| {
                let name = thread::current().name().unwrap_or_default().to_owned();
                said.send(name).unwrap();
                let _open = stream;
                std::future::pending::<()>().await;
            });
        }
        tokio::task::spawn_blocking(move || heard.iter().take(connection_count).collect()).await.unwrap()
    }

    #[tokio::test]
    async fn connections_are_dealt_out_evenly() {
        let workers = Workers::PerCore((0..3).map(|number| Worker::start(number).unwrap()).collect());
        let mut threads = threads_of(&workers, 6).await;
        threads.sort();
        let expected = ["0", "0", "1", "1", "2", "2"].map(|number| format!("connections-{number}"));
        assert_eq!(threads, expected);
    }

    #[tokio::test]
    async fn a_shared_runtime_has_no_threads_of_its_own() {
        let threads = threads_of(&Workers::start(Runtime::Shared), 2).await;
        assert!(threads.iter().all(|thread| !thread.starts_with("connections-")), "{threads:?}");
    }
}
