//! The proxies do what their policies are named for.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::lab::{Answer, Lab};
use crate::support::proxy::{Policy, Proxy};
use crate::support::socks::Socks;
use crate::support::wire::{End, exchange, get, listen};

const LIMIT: usize = 1 << 16;

fn connect(authority: &str, fields: &str) -> String {
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n")
}

#[tokio::test]
async fn a_tunnel_leads_to_the_port_whatever_the_name() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(401));
    let proxy = Proxy::start(Policy::Open);
    let authority = format!("orders.test:{}", lab.address().port());
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream
        .write_all(connect(&authority, "").as_bytes())
        .await
        .unwrap();
    let mut opened = [0; 39];
    stream.read_exact(&mut opened).await.unwrap();
    assert_eq!(&opened, b"HTTP/1.1 200 Connection Established\r\n\r\n");
    stream.write_all(get("/").as_bytes()).await.unwrap();
    assert!(
        listen(&mut stream, LIMIT)
            .await
            .text
            .starts_with("HTTP/1.1 401 ")
    );
    assert_eq!(proxy.seen(), [connect(&authority, "")]);
}

#[tokio::test]
async fn a_request_in_absolute_form_is_passed_on_in_origin_form() {
    let lab = Lab::http();
    let proxy = Proxy::start(Policy::Open);
    let request = get(&lab.url_at("orders.test", "/v1?a=b"));
    let heard = exchange(proxy.address(), &request, LIMIT).await;
    assert!(heard.text.starts_with("HTTP/1.1 404 "), "{}", heard.text);
    assert_eq!(proxy.seen(), [request]);
    let seen = lab.requests();
    assert_eq!(
        (seen[0].path.as_str(), seen[0].query.as_deref()),
        ("/v1", Some("a=b"))
    );
}

#[tokio::test]
async fn a_locked_proxy_opens_to_those_who_know() {
    let lab = Lab::http();
    let proxy = Proxy::start(Policy::Locked("relay", "s3cret"));
    let authority = lab.address().to_string();
    let stranger = exchange(proxy.address(), &connect(&authority, ""), LIMIT).await;
    assert!(stranger.text.starts_with("HTTP/1.1 407 "));
    let known = connect(
        &authority,
        "Proxy-Authorization: Basic cmVsYXk6czNjcmV0\r\n",
    );
    let known = exchange(proxy.address(), &known, LIMIT).await;
    assert!(known.text.starts_with("HTTP/1.1 200 "));
    let port = proxy.address().port();
    assert_eq!(proxy.url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(
        proxy.url_as("relay", "pw"),
        format!("http://relay:pw@127.0.0.1:{port}")
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_does_so_in_its_way() {
    let rows = [
        (Policy::Forbidden, End::Closed, "HTTP/1.1 403 "),
        (Policy::BadGateway, End::Closed, "HTTP/1.1 502 "),
        (Policy::Garbage, End::Closed, "\u{1}\u{2}no answer"),
        (Policy::Close, End::Closed, ""),
        (Policy::Hang, End::Silent, ""),
    ];
    for (policy, end, start) in rows {
        let proxy = Proxy::start(policy);
        let heard = exchange(proxy.address(), &connect("a.test:443", ""), LIMIT).await;
        assert_eq!(heard.end, end, "{policy:?}");
        assert!(heard.text.starts_with(start), "{policy:?}: {}", heard.text);
    }
}

#[tokio::test]
async fn a_socks_proxy_leads_to_the_port_whatever_the_name() {
    let lab = Lab::http();
    let socks = Socks::start();
    let [high, low] = lab.address().port().to_be_bytes();
    let mut stream = TcpStream::connect(socks.address()).await.unwrap();
    stream.write_all(&[5, 1, 0]).await.unwrap();
    stream.read_exact(&mut [0; 2]).await.unwrap();
    let connect = [&[5, 1, 0, 3, 6], b"a.test".as_slice(), &[high, low]].concat();
    stream.write_all(&connect).await.unwrap();
    let mut reply = [0; 10];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    stream.write_all(get("/").as_bytes()).await.unwrap();
    let answer = listen(&mut stream, LIMIT).await.text;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert_eq!(socks.seen(), [format!("a.test:{}", lab.address().port())]);
    assert_eq!(socks.url(), format!("socks5h://{}", socks.address()));
}
