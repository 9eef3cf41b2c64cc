//! What Chromium makes of the pages, served with the header that the web port sends.

use std::path::Path;

use authvigil::web::page;

use crate::support::browser::{Scheme, View, draw};
use crate::support::lab::{Answer, Lab};
use crate::support::snapshot::{State, bad_day, name, troubled};

/// The header that the web port sends with every page.
const POLICY: &str = "default-src 'none'; style-src 'self'";

fn html(page: &str) -> Answer {
    Answer::status(200)
        .html(page.to_owned())
        .header("Content-Security-Policy", POLICY)
}

/// Serves the pages of a state.
fn served(state: &State) -> Lab {
    let lab = Lab::http();
    let overview = page::overview(&state.snapshot);
    lab.route("/", move |_| html(&overview));
    for status in &state.snapshot.endpoints {
        let name = &status.endpoint.name;
        let page = page::endpoint(&state.snapshot, name, &[]).unwrap();
        lab.route(&format!("/endpoints/{name}"), move |_| html(&page));
    }
    lab.route("/style.css", |_| {
        Answer::status(200)
            .header("Content-Type", "text/css; charset=utf-8")
            .body(page::STYLE)
    });
    lab
}

#[test]
fn look() {
    let Ok(directory) = std::env::var("AUTHVIGIL_LOOK") else {
        return;
    };
    let lab = served(&bad_day());
    let _ = name("x");
    for (width, height) in [(360, 3600), (1280, 1500), (1920, 1080)] {
        for (scheme, word) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
            for (path, what) in [
                ("/", "overview"),
                ("/endpoints/orders", "orders"),
                ("/endpoints/archive", "archive"),
            ] {
                let height = if what == "overview" {
                    height
                } else {
                    height * 2
                };
                draw(
                    &lab.url(path),
                    View {
                        width,
                        height,
                        scheme,
                    },
                    &Path::new(&directory).join(format!("{what}-{width}-{word}.png")),
                );
            }
        }
    }
    let lab = served(&troubled(bad_day()));
    draw(
        &lab.url("/"),
        View {
            width: 1280,
            height: 900,
            scheme: Scheme::Light,
        },
        &Path::new(&directory).join("troubled.png"),
    );
}
