//! The methods of our services, as logs and metrics call them: words of our own, never the caller's.

use crate::metrics::Method;

/// Every method of the contract.
const METHODS: [&str; 16] = [
    "RouteLead",
    STREAM.1,
    "ExplainLead",
    "GetAccount",
    "ListAccounts",
    "UpsertAccount",
    "DeleteAccount",
    "GetRep",
    "ListReps",
    "UpsertRep",
    "DeleteRep",
    IMPORT,
    CHECK,
    "LintAccount",
    "ListUnmatchedCompanies",
    "GetRegistryStatus",
];

/// Whatever else is asked for.
pub const UNKNOWN: Method = (METHODS.len(), "unknown");
/// A lead over HTTP/JSON.
pub const JSON_ROUTE: Method = (METHODS.len() + 1, "leads/route");
/// A lead explained over HTTP/JSON.
pub const JSON_EXPLAIN: Method = (METHODS.len() + 2, "leads/explain");
/// The method whose answers are a stream.
pub const STREAM: Method = (1, "RouteLeads");
/// Long by nature.
pub const IMPORT: &str = "ImportRegistry";
/// Long by nature.
pub const CHECK: &str = "CheckRegistry";

/// The method that a path names; `None` for services of others: health and reflection.
pub fn of_path(path: &str) -> Option<Method> {
    let (service, method) = path.strip_prefix("/namesake.v1.")?.split_once('/')?;
    if !matches!(service, "RoutingService" | "RegistryService") {
        return None;
    }
    let at = METHODS.into_iter().position(|known| known == method);
    Some(at.map_or(UNKNOWN, |at| (at, METHODS[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_not_ours_is_not_called_by_the_callers_words() {
        assert_eq!(of_path("/namesake.v1.RoutingService/jane@acme.com"), Some((16, "unknown")));
        assert_eq!(of_path("/namesake.v1.RegistryService/GetRep"), Some((7, "GetRep")));
        assert_eq!(of_path("/grpc.health.v1.Health/Check"), None);
    }

    #[test]
    fn a_method_of_one_door_is_unknown_at_the_other() {
        assert_eq!(of_path("/namesake.v1.RoutingService/leads/route"), Some(UNKNOWN));
    }

    #[test]
    fn the_stream_stands_where_it_says() {
        assert_eq!(of_path("/namesake.v1.RoutingService/RouteLeads"), Some(STREAM));
    }
}
