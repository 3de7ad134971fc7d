//! Logs: one line per event on standard error, as JSON or text.
//!
//! A line about a request names method, code, microseconds, route, tier and index revision. It never holds a
//! lead's data or a company's name.

use std::{io, panic};

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Why logs cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("log filter {filter:?}: {source}: say a level (`info`) or targets (`namesake=debug`)")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Somebody else has set up logs in this process.
    #[error("logs are set up already")]
    AlreadySet,
}

/// Sends the process's log lines that pass `filter` (`info`, `namesake=debug,warn` …) to standard error, and
/// panics as such lines.
///
/// # Errors
/// [`TelemetryError`] where the filter is no filter, or on a second call.
pub fn init(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|source| TelemetryError::Filter { filter: filter.into(), source })?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    }
    .map_err(|_| TelemetryError::AlreadySet)?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says where, not what: the message of a panic may quote the text that was at hand.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panicked: a fault of the service, please report it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_named_in_the_error() {
        let error = init(LogFormat::Text, "namesake=loud").unwrap_err();
        assert!(error.to_string().contains("namesake=loud"), "{error}");
    }
}
