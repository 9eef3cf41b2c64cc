//! A real Prometheus takes the exposition as it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use authvigil::domain::status::Snapshot;
use authvigil::metrics::{CONTENT_TYPE, Metrics};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{everything, families};
use crate::support::background::{Background, adopt, listen};
use crate::support::prometheus::Prometheus;

/// Serves expositions, whatever is asked for, until the handle is dropped.
fn serve(metrics: &Arc<Metrics>, snapshot: &Snapshot) -> (Background, SocketAddr) {
    let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
    let (metrics, snapshot) = (Arc::clone(metrics), Arc::new(snapshot.clone()));
    let background = Background::run(move || async move {
        let listener = adopt(listener);
        while let Ok((stream, _)) = listener.accept().await {
            let chunks = metrics.encode(Arc::clone(&snapshot));
            // A scrape that breaks off is Prometheus' to report.
            drop(answer(stream, chunks).await);
        }
    });
    (background, address)
}

async fn answer(mut stream: TcpStream, chunks: impl Iterator<Item = Bytes>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    for chunk in chunks {
        stream.write_all(&chunk).await?;
    }
    stream.shutdown().await
}

/// Scrapes the address each second as `authvigil`.
fn scrape(address: SocketAddr) -> Prometheus {
    Prometheus::start(&format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: authvigil\n    \
         honor_labels: true\n    static_configs: [{{targets: ['{address}']}}]\n"
    ))
}

#[test]
fn prometheus_scrapes_every_series() {
    let (metrics, all) = everything();
    let (_serving, address) = serve(&metrics, &all);
    let prometheus = scrape(address);
    let up = prometheus.eventually("up{job=\"authvigil\"} == 1");
    assert_eq!(up[0].labels["instance"], address.to_string());
    let scraped = prometheus.eventually("scrape_samples_scraped{job=\"authvigil\"} > 0");
    let families = families(&metrics, &all);
    let samples: usize = families.iter().map(|family| family.samples.len()).sum();
    assert_eq!(scraped[0].value.to_string(), samples.to_string());
}

#[test]
fn prometheus_finds_a_bypass_by_its_labels() {
    let (metrics, all) = everything();
    let (_serving, address) = serve(&metrics, &all);
    let prometheus = scrape(address);
    let bypasses = prometheus.eventually("authvigil_check_failing{class=\"bypass\"}");
    let labels = ["endpoint", "check", "reason", "severity"];
    let found: Vec<_> = bypasses
        .iter()
        .map(|series| labels.map(|label| series.labels[label].as_str()))
        .collect();
    assert_eq!(
        found,
        [["orders", "anonymous", "anonymous_admitted", "critical"]]
    );
}

#[test]
fn prometheus_joins_the_configured_labels() {
    let (metrics, all) = everything();
    let (_serving, address) = serve(&metrics, &all);
    let prometheus = scrape(address);
    let joined = prometheus.eventually(
        "authvigil_check_success * on (endpoint) group_left (team, env) authvigil_endpoint_info",
    );
    let orders = joined
        .iter()
        .find(|series| series.labels["check"] == "invalid");
    let labels = &orders.unwrap().labels;
    assert_eq!(labels["team"], "pay \"ments\" \\ more");
    assert_eq!(labels["env"], "prod");
}
