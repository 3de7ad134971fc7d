//! What a lead costs over gRPC, beside a server that does nothing: `cargo bench --bench grpc_load`.
//!
//! The real server and one that answers with canned bytes run in processes of their own and are driven in turn, round
//! by round; figures are medians of rounds. Processor time is read from the kernel for the server alone, since wall
//! time on a shared machine tells of the neighbors. Every answer is checked; a call that fails ends the bench.
//!
//! Options stand after `--`: `cargo bench --bench grpc_load -- --accounts 1000000 --only "unary 8x8"`; `--help` lists
//! them. `NAMESAKE_BENCH_ACCOUNTS` names a file of accounts to take instead of made-up ones. The last lines are for
//! programs.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program that prints figures, and stops where one is missing

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/drive.rs"]
mod drive;
#[path = "support/figures.rs"]
mod figures;
#[path = "support/mix.rs"]
mod mix;
#[path = "support/noop.rs"]
mod noop;
#[path = "support/redis_changes.rs"]
mod redis_changes;
#[path = "../tests/it/redis_server.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod redis_server;
#[path = "support/server_process.rs"]
mod server_process;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use namesake::account::Account;
use namesake::proto::v1;
use namesake::registry::record::AccountRecord;
use namesake::registry::stored::Stored;
use namesake::registry::{self, Sources};
use prost::Message;
use tokio::runtime::Runtime;

use drive::{Round, Shape};
use figures::{Figures, median};
use mix::{Asked, Leads};
use redis_changes::ChangeStream;
use redis_server::RedisServer;
use server_process::ServerProcess;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The file of accounts to take instead of made-up ones.
const ACCOUNTS_VARIABLE: &str = "NAMESAKE_BENCH_ACCOUNTS";
/// Most answers that may differ from what they must be, as a share: two accounts may bear one name.
const UNEXPECTED_MAX: f64 = 0.01;
/// Answers that the server that does nothing gives in turn.
const CANNED: usize = 1_024;

#[derive(Parser)]
struct Options {
    /// Accounts in the registry.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// Rounds of each case; figures are their medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of a round.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Only the cases whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// A small registry and short rounds: whether it works, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// Instead of the cases: quiet and under so many changes a second from a Redis, in turn.
    #[arg(long, value_name = "A_SECOND")]
    changes: Option<usize>,
    /// Servers run on this processor alone (`taskset`), and with one thread.
    #[arg(long, value_name = "CPU")]
    server_cpu: Option<usize>,
    /// Another server to drive in turn: a program, flags for `serve`, or both.
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    beside: Vec<String>,
    /// Also drive a server that does nothing on a thread a processor.
    #[arg(long)]
    noop_per_core: bool,
    /// Only write a registry and, for each kind of lead, the body of a call into this folder; see scripts/h2load.sh.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server that does nothing, with the answers of this file.
    #[arg(long, hide = true)]
    noop: Option<PathBuf>,
}

struct Case {
    name: &'static str,
    shape: Shape,
    leads: Leads,
}

const fn case(name: &'static str, shape: Shape, leads: Leads) -> Case {
    Case { name, shape, leads }
}

const fn unary(connections: usize, in_flight: usize) -> Shape {
    Shape::Unary { connections, in_flight }
}

/// The cases of the last lines.
const UNARY: &str = "unary 8x8, mix";
const STREAM: &str = "stream x4, mix";

const CASES: [Case; 9] = [
    case(UNARY, unary(8, 8), Leads::Mix),
    case("unary 64x1, mix", unary(64, 1), Leads::Mix),
    case("unary 1x1, mix", unary(1, 1), Leads::Mix),
    case("unary 8x8, known id", unary(8, 8), Leads::Known),
    case("unary 8x8, known domain", unary(8, 8), Leads::Domain),
    case(STREAM, Shape::Streams { count: 4 }, Leads::Mix),
    case("stream x4, known id", Shape::Streams { count: 4 }, Leads::Known),
    case("stream x4, known domain", Shape::Streams { count: 4 }, Leads::Domain),
    case(
        "unary 2x1, beside 8 streams, mix",
        Shape::Beside { connections: 2, in_flight: 1, streams: 8 },
        Leads::Mix,
    ),
];

fn main() {
    let mut options = Options::parse();
    if let Some(file) = &options.noop {
        return noop::serve(file, options.noop_per_core);
    }
    if options.quick {
        (options.accounts, options.rounds, options.seconds) = (5_000, 1, 0.3);
    }
    let accounts = accounts_of(options.accounts);
    if let Some(folder) = &options.write {
        return write_bodies(folder, &accounts);
    }
    let runtime = Runtime::new().unwrap();
    match options.changes {
        Some(a_second) => under_changes(&options, &runtime, &accounts, a_second),
        None => beside_noop(&options, &runtime, &accounts),
    }
}

/// The first of a file, or made-up ones.
fn accounts_of(count: usize) -> Vec<Account> {
    let Some(file) = std::env::var_os(ACCOUNTS_VARIABLE) else {
        return corpus::registry_of(count).accounts;
    };
    let sources = Sources { accounts: vec![file.into()], ..Sources::default() };
    let loaded = registry::load(&sources).unwrap_or_else(|error| panic!("{ACCOUNTS_VARIABLE}: {error}"));
    let all = loaded.registry.accounts().iter().take(count);
    all.map(|account| account.to_account()).collect()
}

fn beside_noop(options: &Options, runtime: &Runtime, accounts: &[Account]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.jsonl");
    write_registry(&file, accounts);
    let serve =
        ["serve", "--listen", "127.0.0.1:0", "--accounts", &file.to_string_lossy()].map(str::to_owned);
    let start = |name: &str, program: &str, more: &[String]| {
        ServerProcess::start(name, program, &[&serve[..], more].concat(), options.server_cpu)
    };
    let own = env!("CARGO_BIN_EXE_namesake");
    let mut servers = vec![start("namesake", own, &[])];
    for (number, command) in options.beside.iter().enumerate() {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let is_program = !words[0].starts_with('-');
        let (program, more) = if is_program { (words[0].as_str(), &words[1..]) } else { (own, &words[..]) };
        servers.push(start(&format!("beside {}", number + 1), program, more));
        println!("beside {} is {command}", number + 1);
    }
    let leads: HashMap<Leads, Arc<Vec<Asked>>> =
        CASES.iter().map(|case| (case.leads, Arc::new(mix::leads_of(accounts, case.leads)))).collect();
    println!("{} accounts, {} MB resident", accounts.len(), servers[0].resident_bytes() / 1_000_000);
    Figures::head();
    for case in CASES.iter().filter(|case| case.name.contains(&options.only)) {
        let leads = &leads[&case.leads];
        let answers = runtime.block_on(drive::answers(&servers[0], &leads[..CANNED.min(leads.len())]));
        let canned = folder.path().join("answers");
        noop::write_answers(&canned, &answers).unwrap();
        let noops = noops(options, &canned);
        let all: Vec<&ServerProcess> = noops.iter().chain(&servers).collect();
        let mut rounds: Vec<Vec<Round>> = all.iter().map(|_| Vec::new()).collect();
        for number in 0..options.rounds {
            // Who begins changes, so that nobody always comes after somebody.
            for turn in 0..all.len() {
                let at = (turn + number) % all.len();
                let time = Duration::from_secs_f64(options.seconds);
                let round = drive::round(all[at], case.shape, leads, at >= noops.len(), time);
                rounds[at].push(runtime.block_on(round));
            }
        }
        let figures: Vec<Figures> = rounds.iter().map(|rounds| Figures::of(rounds)).collect();
        for (server, figures_of_it) in all.iter().zip(&figures) {
            figures_of_it.line(case.name, &server.name, Some(&figures[0]));
            assert!(
                figures_of_it.unexpected <= UNEXPECTED_MAX,
                "{:.1} % of the answers are wrong",
                figures_of_it.unexpected * 100.0
            );
        }
        last_line(case.name, &figures[noops.len()], &figures[0]);
    }
}

/// The servers that do nothing; the first is what others are measured by.
fn noops(options: &Options, canned: &Path) -> Vec<ServerProcess> {
    let exe = std::env::current_exe().unwrap();
    let start = |name: &str, more: &[String]| {
        let arguments = ["--noop".to_owned(), canned.to_string_lossy().into_owned()];
        let arguments = [&arguments[..], more].concat();
        ServerProcess::start(name, &exe.to_string_lossy(), &arguments, options.server_cpu)
    };
    let mut noops = vec![start("no-op", &[])];
    if options.noop_per_core {
        noops.push(start("no-op/core", &["--noop-per-core".to_owned()]));
    }
    noops
}

/// What programs read.
fn last_line(case: &str, real: &Figures, noop: &Figures) {
    let (ratio, above) = (real.leads_per_cpu_s / noop.leads_per_cpu_s, real.cpu_us - noop.cpu_us);
    match case {
        UNARY => println!("unary ratio={ratio:.2} cpu_us_above_noop={above:.1}"),
        STREAM => println!("stream leads_per_cpu_s={:.0}", real.leads_per_cpu_s),
        _ => {}
    }
}

fn write_registry(file: &Path, accounts: &[Account]) {
    let mut lines = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    for account in accounts {
        writeln!(lines, "{}", AccountRecord::from(account).text()).unwrap();
    }
    lines.flush().unwrap();
}

/// `accounts.jsonl` and, for each kind of lead, `KIND.body`: a call's message behind its prefix (no compression, length).
fn write_bodies(folder: &Path, accounts: &[Account]) {
    write_registry(&folder.join("accounts.jsonl"), accounts);
    for kind in Leads::value_variants() {
        let lead = mix::leads_of(accounts, *kind).swap_remove(0).lead;
        let message = v1::RouteLeadRequest { lead: Some(lead) }.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let name = kind.to_possible_value().unwrap();
        std::fs::write(
            folder.join(name.get_name()).with_extension("body"),
            [&[0], &length[..], &message].concat(),
        )
        .unwrap();
    }
}

/// A replica of Redis, quiet and under a steady stream of changes, in turn.
fn under_changes(options: &Options, runtime: &Runtime, accounts: &[Account], a_second: usize) {
    if !redis_server::redis_is_here() {
        return;
    }
    let redis = RedisServer::start();
    runtime.block_on(redis_changes::import(&redis, accounts));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--redis", &redis.url()].map(str::to_owned);
    let server = ServerProcess::start("namesake", env!("CARGO_BIN_EXE_namesake"), &serve, options.server_cpu);
    let leads = Arc::new(mix::leads_of(accounts, Leads::Mix));
    let time = Duration::from_secs_f64(options.seconds);
    println!("{} accounts", accounts.len());
    Figures::head();
    for case in CASES.iter().filter(|case| [UNARY, STREAM].contains(&case.name)) {
        let one = || runtime.block_on(drive::round(&server, case.shape, &leads, true, time));
        let (mut quiet, mut busy, mut feed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            quiet.push(one());
            let (began, changes) = (server.cpu(), ChangeStream::begin(runtime, &redis, accounts, a_second));
            let wall = std::time::Instant::now();
            std::thread::sleep(time / 2);
            feed.push(server.cpu().since(&began).as_secs_f64() / wall.elapsed().as_secs_f64());
            busy.push(one());
            changes.end(runtime);
            // What is still in the stream is read before the next quiet round.
            std::thread::sleep(Duration::from_secs(1));
        }
        let (quiet, busy) = (Figures::of(&quiet), Figures::of(&busy));
        quiet.line(case.name, "quiet", Some(&quiet));
        busy.line(case.name, &format!("{a_second}/s"), Some(&quiet));
        println!(
            "changes case={} cpu_ratio={:.3} feed_alone_cores={:.3}",
            case.name.split(' ').next().unwrap_or_default(),
            busy.cpu_us / quiet.cpu_us,
            median(feed)
        );
    }
}
