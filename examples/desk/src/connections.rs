//! HTTP connections: taken as they come, each with so much time for the head of its next request, and let
//! go when the desk stops.

use crate::session::{Stopping, stopped};
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower_http::add_extension::AddExtension;

/// Serves until the desk stops, and every request that had come by then.
pub async fn serve(listener: TcpListener, app: Router, head_max: Duration, mut stopping: Stopping) {
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped(&mut stopping) => break,
            Some(_) = open.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                open.spawn(connection(
                    stream,
                    peer,
                    app.clone(),
                    head_max,
                    stopping.clone(),
                ));
            }
            Err(error) => wait_out(&error).await,
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    head_max: Duration,
    mut stopping: Stopping,
) {
    // A frame is small and awaited: it is not held back to be sent with the next.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a socket keeps delaying");
    }
    let service = TowerToHyperService::new(AddExtension::new(app, ConnectInfo(peer)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_max)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, %peer, "a connection ended");
    }
}

/// A peer that has gone again is nothing; where the system has no more sockets, some may be free later.
async fn wait_out(error: &Error) {
    const PAUSE: Duration = Duration::from_secs(1);
    let is_of_peer = matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    );
    if !is_of_peer {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, watch};
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(20);
    const HEAD_MAX: Duration = Duration::from_millis(300);

    /// A server, what stops it, and what tells that somebody waits for its slow answer.
    async fn started() -> (SocketAddr, watch::Sender<Option<u32>>, Arc<Notify>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Notify::new());
        let told = asked.clone();
        let slow = async move || {
            told.notify_one();
            tokio::time::sleep(3 * HEAD_MAX).await;
            "slow"
        };
        let app = Router::new().route("/slow", get(slow));
        let (stop, stopping) = watch::channel(None);
        tokio::spawn(serve(listener, app, HEAD_MAX, stopping));
        (address, stop, asked)
    }

    async fn heard(stream: &mut TcpStream) -> String {
        let mut heard = Vec::new();
        // One that is cut off may be reset as well.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut heard))
            .await
            .expect("it is held open");
        String::from_utf8(heard).unwrap()
    }

    #[tokio::test]
    async fn who_asks_nothing_or_never_comes_to_an_end_is_let_go() {
        let (address, _stop, _) = started().await;
        for beginning in ["", "GET /slow HTTP/1.1\r\nhost: desk\r\nx-slow: y"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(beginning.as_bytes()).await.unwrap();
            assert_eq!(heard(&mut stream).await, "", "{beginning:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_a_head_and_the_connection_ends_after_it() {
        let (address, _stop, _) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /slow HTTP/1.1\r\nhost: desk\r\n\r\n";
        stream.write_all(request).await.unwrap();
        assert!(heard(&mut stream).await.ends_with("slow"));
    }

    #[tokio::test]
    async fn a_desk_that_stops_answers_what_was_asked_and_takes_nothing_more() {
        let (address, stop, asked) = started().await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /slow HTTP/1.1\r\nhost: desk\r\n\r\n";
        stream.write_all(request).await.unwrap();
        asked.notified().await;
        stop.send_replace(Some(0));
        assert!(heard(&mut stream).await.ends_with("slow"));
        assert_eq!(heard(&mut idle).await, "");
        assert!(TcpStream::connect(address).await.is_err());
    }
}
