//! What Chromium makes of the pages, served with the header that the web port sends.

use std::path::Path;
use std::sync::Arc;

use authvigil::domain::finding::{Finding, Reason, Verdict};
use authvigil::domain::incident::Reproduced;
use authvigil::domain::notice::{Attempt, Way};
use authvigil::web::page;
use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::support::browser::{Scheme, View, draw, visit};
use crate::support::incidents::{email, incident, opened, owed, tried};
use crate::support::lab::{Answer, Lab};
use crate::support::snapshot::{State, alarmed, answer, bad_day, config, seen, silence, troubled};

/// The header that the web port sends with every page.
const POLICY: &str = "default-src 'none'; style-src 'self'";

fn html(page: &str) -> Answer {
    Answer::status(200)
        .html(page.to_owned())
        .header("Content-Security-Policy", POLICY)
}

/// Serves the pages of a state, and the page that looks at them from outside.
fn served(state: &State) -> Lab {
    let lab = Lab::http();
    let overview = page::overview(&state.snapshot);
    lab.route("/", move |_| html(&overview));
    for status in &state.snapshot.endpoints {
        let name = &status.endpoint.name;
        let page = page::endpoint(&state.snapshot, name, &changes(state)).unwrap();
        lab.route(&format!("/endpoints/{name}"), move |_| html(&page));
    }
    let nothing = page::not_found(&state.snapshot, "endpoint named \"nothing\"");
    lab.route("/nothing", move |_| html(&nothing));
    let pending = page::overview(&State::pending(&config()).snapshot);
    lab.route("/pending", move |_| html(&pending));
    let calm = page::overview(&State::crowd(250).snapshot);
    lab.route("/calm", move |_| html(&calm));
    lab.route("/style.css", |_| {
        Answer::status(200)
            .header("Content-Type", "text/css; charset=utf-8")
            .body(page::STYLE)
    });
    lab.route("/audit", |_| {
        Answer::status(200).html(include_str!("../../fixtures/status-page/audit.html"))
    });
    lab
}

/// Some changes at `orders`, the newest first.
fn changes(state: &State) -> Vec<authvigil::domain::status::Change> {
    let open = seen(answer(200, &[]));
    let gone = seen(silence(Reason::ConnectRefused, "connection refused"));
    let usual = state.usual("orders/anonymous");
    vec![
        state.change("orders/anonymous", Some(Verdict::Pass), open, 12),
        state.change("orders/anonymous", Some(Verdict::Unknown), usual, 300),
        state.change("orders/anonymous", Some(Verdict::Pass), gone, 320),
    ]
}

/// A state with long, strange and hostile texts in every place.
fn hostile_day() -> State {
    let mut state = alarmed(troubled(bad_day()));
    let long = format!("Basic realm=\"{}\"", "endless".repeat(400));
    let odd = "Basic realm=\"</pre><script>alert(1)</script><b style='color:red'>\u{202e}x\"";
    let fields = [
        ("www-authenticate", long.as_str()),
        ("www-authenticate", odd),
        ("location", "/login?next=%2Fsecret"),
    ];
    state.sees("orders/valid", seen(answer(302, &fields)), 1);
    state.sees(
        "reports/valid",
        seen(silence(
            Reason::ProtocolError,
            &"no-space-in-here".repeat(200),
        )),
        1,
    );
    state
}

/// What the pages are found to be in frames of these widths, and what the browser said of them.
fn audited(lab: &Lab, pages: &[&str], widths: &[u32], scheme: Scheme) -> (Vec<Value>, Vec<String>) {
    let pages = pages.iter().map(|page| format!("page={page}"));
    let widths = widths.iter().map(|width| format!("width={width}"));
    let query: Vec<String> = pages.chain(widths).collect();
    let visit = visit(&lab.url(&format!("/audit?{}", query.join("&"))), scheme);
    let (_, rest) = visit.dom.split_once("<pre id=\"audit\">").unwrap();
    let (text, _) = rest.split_once("</pre>").unwrap();
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    (serde_json::from_str(&text).unwrap(), visit.complaints)
}

/// The rooms of an audit that hold what is wrong, and are to be empty.
fn complaints(audit: &Value) -> Vec<String> {
    let lists = ["wide", "pale", "paleDrawings", "nameless", "twice"];
    let listed = lists.iter().flat_map(|list| {
        let items = audit[*list].as_array().unwrap();
        items.iter().map(move |item| format!("{list}: {item}"))
    });
    let mut complaints: Vec<String> = listed.collect();
    for number in ["overflow", "flat"] {
        if audit[number] != json!(0) {
            complaints.push(format!("{number}: {}", audit[number]));
        }
    }
    complaints
}

const PAGES: [&str; 8] = [
    "/",
    "/calm",
    "/endpoints/orders",
    "/endpoints/archive",
    "/endpoints/reports",
    "/endpoints/warehouse-stock-levels-of-the-northern-region-v2.internal.api",
    "/nothing",
    "/pending",
];

fn assert_legible(scheme: Scheme) {
    let lab = served(&hostile_day());
    let (audits, said) = audited(&lab, &PAGES, &[360, 1280, 1920], scheme);
    assert_eq!(audits.len(), 3 * PAGES.len());
    let found = audits.iter().flat_map(|audit| {
        let found = complaints(audit).into_iter();
        found.map(move |complaint| format!("{}: {complaint}", audit["name"]))
    });
    assert_eq!(
        found.chain(said).collect::<Vec<String>>(),
        Vec::<String>::new()
    );
}

#[test]
fn light_pages_are_legible_on_a_phone_on_a_desk_and_on_a_wall() {
    assert_legible(Scheme::Light);
}

#[test]
fn dark_pages_are_legible_on_a_phone_on_a_desk_and_on_a_wall() {
    assert_legible(Scheme::Dark);
}

#[test]
fn the_style_sheet_follows_the_scheme_of_the_reader() {
    let lab = served(&bad_day());
    let ground = |scheme| audited(&lab, &["/"], &[1280], scheme).0[0]["ground"].clone();
    assert_eq!(
        [ground(Scheme::Light), ground(Scheme::Dark)],
        [json!("rgb(244, 245, 247)"), json!("rgb(13, 17, 23)")]
    );
}

#[test]
fn strips_are_cut_into_bars_under_the_policy() {
    let lab = served(&bad_day());
    let (audits, _) = audited(&lab, &["/"], &[1280], Scheme::Light);
    assert_eq!(audits[0]["dashes"], json!(["3px, 1px"]));
}

#[test]
fn no_level_of_heading_is_skipped() {
    let lab = served(&alarmed(bad_day()));
    let (audits, _) = audited(&lab, &PAGES, &[1280], Scheme::Light);
    let skips = audits.iter().map(|audit| {
        let levels = audit["headings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|level| level.as_u64().unwrap());
        let levels: Vec<u64> = std::iter::once(0).chain(levels).collect();
        levels
            .windows(2)
            .filter(|pair| pair[1] > pair[0] + 1)
            .count()
    });
    assert_eq!(skips.collect::<Vec<usize>>(), [0; PAGES.len()]);
}

#[test]
fn the_browser_would_complain_of_a_style_in_the_markup() {
    let lab = Lab::http();
    lab.route("/", |_| {
        html("<!doctype html><title>x</title><p style='color:red'>x</p>")
    });
    let complaints = visit(&lab.url("/"), Scheme::Light).complaints;
    assert!(
        complaints
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{complaints:?}"
    );
}

const BLESS: &str = "AUTHVIGIL_BLESS=1 cargo nextest run --test it status_page::drawn::";

/// How high the picture is: as much of the page as keeps it small.
const HEIGHT: u32 = 840;

/// The day of the picture: every door that stands open is an incident, and each receiver refuses in
/// the words of its kind.
fn pictured() -> State {
    let mut state = alarmed(bad_day());
    let day = &mut state.snapshot;
    let lockout = Arc::make_mut(&mut day.incidents[1]);
    let story = Arc::make_mut(&mut lockout.story);
    story.findings = vec![Finding::new(
        Reason::CredentialRejected,
        "2xx",
        "401 Unauthorized",
    )];
    let since = day.taken_at - 9.minutes();
    let mut invalid = incident("orders/invalid", Reason::InvalidAdmitted, since);
    invalid.reproduced = Some(Reproduced { again: 3, of: 3 });
    let invalid = Arc::new(invalid);
    let mail = [email("oncall@example.com")];
    let told = owed("oncall", opened(), since, &[&invalid], &mail);
    let delivered = Attempt::Delivered("250 2.0.0 queued".to_owned());
    let told = tried(told, &delivered, since);
    let busy = Attempt::Retried("HTTP 503".to_owned());
    for notice in &mut day.notices {
        for (way, delivery) in &mut Arc::make_mut(notice).deliveries {
            if *way == Way::Webhook {
                delivery.note(busy.clone(), since);
            }
        }
    }
    day.notices.insert(0, Arc::new(told));
    day.incidents.insert(0, invalid);
    state
}

#[test]
fn the_picture_in_the_docs_is_a_drawing_of_the_page_and_small() {
    let file = Path::new("docs/images/status-page.png");
    if std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1") {
        let lab = served(&pictured());
        let view = View {
            width: 1280,
            height: HEIGHT,
            scheme: Scheme::Light,
        };
        draw(&lab.url("/"), view, file);
    }
    let bytes = std::fs::read(file).unwrap_or_else(|_| panic!("no picture; `{BLESS}` draws it"));
    // A PNG starts with eight bytes, the length and the type of its first chunk, and its size.
    let expected = [
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(),
        &1280_u32.to_be_bytes(),
        &HEIGHT.to_be_bytes(),
    ];
    assert_eq!(bytes[..24], expected.concat());
    assert!(
        bytes.len() < 200_000,
        "{} bytes; `{BLESS}` draws it anew",
        bytes.len()
    );
}
