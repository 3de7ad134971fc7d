//! The proxy itself, in front of a server that gives back what it gets.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::proxy::{Proxy, Side, Toxic};
use crate::support::within;

/// A proxy in front of an echo, and one connection to it.
async fn connected() -> (Proxy, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    let proxy = Proxy::start(port);
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    check_echo(&mut stream, b"before").await;
    (proxy, stream)
}

async fn check_echo(stream: &mut TcpStream, bytes: &[u8]) {
    assert_eq!(echo(stream, bytes).await, bytes);
}

async fn echo(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    stream.write_all(bytes).await.unwrap();
    let mut answer = vec![0; bytes.len()];
    within(stream.read_exact(&mut answer)).await.unwrap();
    answer
}

/// Nothing comes for longer than an echo ever takes here.
async fn check_silent(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap();
    let mut answer = [0; 64];
    let read = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut answer)).await;
    assert!(read.is_err(), "silence was expected: {read:?}");
}

/// How the connection ends once bytes are sent.
async fn end_of(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let _ = stream.write_all(b"0123456789").await;
    let mut all = Vec::new();
    let ended = within(stream.read_to_end(&mut all)).await;
    (all, ended.err().map(|error| error.kind()))
}

#[tokio::test]
async fn latency_and_a_slow_link_delay_and_lose_nothing() {
    for side in [Side::Up, Side::Down] {
        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::Latency(Duration::from_millis(100)));
        let begin = Instant::now();
        check_echo(&mut stream, b"later").await;
        assert!(begin.elapsed() >= Duration::from_millis(100));
        proxy.set(side, Toxic::Slow { bytes_per_second: 1_000 });
        let begin = Instant::now();
        check_echo(&mut stream, &[7; 200]).await;
        assert!(begin.elapsed() >= Duration::from_millis(190), "{:?}", begin.elapsed());
        proxy.heal();
        check_echo(&mut stream, b"well").await;
    }
}

#[tokio::test]
async fn a_black_hole_swallows_and_its_healing_is_a_reset() {
    for side in [Side::Up, Side::Down] {
        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::BlackHole);
        check_silent(&mut stream, b"lost").await;
        proxy.heal();
        let (all, error) = end_of(&mut stream).await;
        assert_eq!((all.as_slice(), error), (&b""[..], Some(ErrorKind::ConnectionReset)));
    }
}

#[tokio::test]
async fn a_half_open_link_holds_everything_back_and_then_lets_it_through() {
    for side in [Side::Up, Side::Down] {
        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::HalfOpen);
        check_silent(&mut stream, b"kept").await;
        proxy.heal();
        let mut answer = [0; 4];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"kept");
    }
}

#[tokio::test]
async fn a_reset_a_cut_and_a_changed_byte_come_where_they_are_due() {
    for side in [Side::Up, Side::Down] {
        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::Reset);
        assert_eq!(end_of(&mut stream).await, (Vec::new(), Some(ErrorKind::ConnectionReset)));

        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::Cut { after: 4 });
        let (all, error) = end_of(&mut stream).await;
        // What still comes back after a cut on the way up is a race that either may win.
        assert!(all == b"0123" || side == Side::Up && all.is_empty(), "{side:?}: {all:?} {error:?}");

        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::Corrupt { after: 5 });
        check_echo(&mut stream, b"0123").await;
        assert!(!proxy.corrupted());
        assert_eq!(echo(&mut stream, b"4567").await, b"4467");
        assert!(proxy.corrupted());
        check_echo(&mut stream, b"0123456789").await;
    }
}

#[tokio::test]
async fn single_bytes_arrive_all() {
    for side in [Side::Up, Side::Down] {
        let (proxy, mut stream) = connected().await;
        proxy.set(side, Toxic::Slices);
        check_echo(&mut stream, &[9; 5_000]).await;
    }
}

#[tokio::test]
async fn a_link_that_is_down_ends_connections_and_refuses_others_until_it_is_up() {
    let (proxy, mut stream) = connected().await;
    proxy.sever();
    assert_eq!(end_of(&mut stream).await.1, Some(ErrorKind::ConnectionReset));
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    check_echo(&mut stream, b"again").await;
    proxy.refuse();
    assert_eq!(end_of(&mut stream).await.1, Some(ErrorKind::ConnectionReset));
    within(async {
        while TcpStream::connect(("127.0.0.1", proxy.port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let refused = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    proxy.heal();
    let mut stream = within(async {
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", proxy.port)).await {
                return stream;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    check_echo(&mut stream, b"up").await;
}
