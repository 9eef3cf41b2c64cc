//! What there is to ask for, and the answers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::access::Access;
use super::backend::{Backend, Readiness};
use super::gate::{self, MAX_BODY, plain};
use super::{api, chunks, page};
use crate::domain::check::Name;
use crate::domain::status::Snapshot;

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
/// The text format of Prometheus.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone)]
struct Port {
    access: Access,
    backend: Arc<dyn Backend>,
}

/// All paths of the port, behind the gate.
pub(super) fn router(access: Access, backend: Arc<dyn Backend>) -> Router {
    let port = Port {
        access: access.clone(),
        backend,
    };
    Router::new()
        .route("/", get(overview))
        .route("/endpoints/{name}", get(endpoint))
        .route("/style.css", get(style))
        .route("/metrics", get(metrics))
        .route("/api/v1/status", get(status))
        .route("/api/v1/incidents", get(incidents))
        .route("/api/v1/silences", get(silences))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(access, gate::keep))
        .with_state(port)
}

fn of_kind(kind: &'static str, body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, kind)], body.into()).into_response()
}

/// What is to be asked for later.
fn unavailable() -> Response {
    let text = "the monitor does not answer at present; try again\n";
    plain(StatusCode::SERVICE_UNAVAILABLE, text)
}

async fn overview(State(port): State<Port>) -> Response {
    match port.backend.snapshot().await {
        None => unavailable(),
        Some(snapshot) => of_kind(HTML, page::overview(&snapshot)),
    }
}

async fn endpoint(State(port): State<Port>, Path(text): Path<String>) -> Response {
    let Some(snapshot) = port.backend.snapshot().await else {
        return unavailable();
    };
    let name = Name::parse(&text).filter(|name| has(&snapshot, name));
    let page = match &name {
        None => None,
        Some(name) => {
            let changes = port.backend.changes(name).await;
            page::endpoint(&snapshot, name, &changes)
        }
    };
    if let Some(page) = page {
        return of_kind(HTML, page);
    }
    let what = format!("endpoint named \"{text}\"");
    let page = of_kind(HTML, page::not_found(&snapshot, &what));
    (StatusCode::NOT_FOUND, page).into_response()
}

fn has(snapshot: &Snapshot, name: &Name) -> bool {
    let mut endpoints = snapshot.endpoints.iter();
    endpoints.any(|status| status.endpoint.name == *name)
}

async fn style() -> Response {
    of_kind(CSS, page::STYLE)
}

async fn metrics(State(port): State<Port>) -> Response {
    match port.backend.exposition().await {
        None => unavailable(),
        Some(pieces) => of_kind(METRICS, chunks::body(pieces)),
    }
}

async fn status(State(port): State<Port>) -> Response {
    match port.backend.snapshot().await {
        None => unavailable(),
        Some(snapshot) => of_kind(JSON, chunks::body(api::status(snapshot))),
    }
}

async fn incidents(State(port): State<Port>) -> Response {
    match port.backend.snapshot().await {
        None => unavailable(),
        Some(snapshot) => of_kind(JSON, chunks::body(api::incidents(snapshot))),
    }
}

async fn silences(State(port): State<Port>) -> Response {
    match port.backend.snapshot().await {
        None => unavailable(),
        Some(snapshot) => of_kind(JSON, chunks::body(api::silences(snapshot))),
    }
}

async fn healthy() -> Response {
    plain(StatusCode::OK, "healthy\n")
}

async fn ready(State(port): State<Port>) -> Response {
    match port.backend.readiness().await {
        Readiness::Ready => plain(StatusCode::OK, "ready\n"),
        Readiness::NotReady(sentences) => {
            let text = format!("not ready\n{}\n", sentences.join("\n"));
            plain(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}

async fn reload(State(port): State<Port>, body: Body) -> Response {
    if !port.access.rules().settings.enable_lifecycle {
        let text = "reloading by HTTP is off; set `web.enable_lifecycle: true`, or send SIGHUP\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    if axum::body::to_bytes(body, MAX_BODY).await.is_err() {
        let text = "a request of this port has at most 64 KiB\n";
        return plain(StatusCode::PAYLOAD_TOO_LARGE, text);
    }
    match port.backend.reload().await {
        Ok(()) => plain(StatusCode::OK, "reloaded\n"),
        Err(faults) => {
            let text = format!("the configuration stays as it was:\n{faults}\n");
            plain(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    }
}

async fn nothing_here() -> Response {
    plain(
        StatusCode::NOT_FOUND,
        "there is nothing here; the status page is `/`\n",
    )
}

async fn other_method() -> Response {
    let text = "this path does not know this method; `Allow` names those that it knows\n";
    plain(StatusCode::METHOD_NOT_ALLOWED, text)
}
