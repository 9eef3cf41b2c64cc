//! Receivers that no well-formed server is: each post to them ends in time and is tried again.

use std::time::Duration;

use authvigil::notify::{Carried, HttpPatience, Outlook};

use super::scene::{little_patience, patience, post};
use crate::support::hostile::nobody::ClosedPort;
use crate::support::hostile::{BodyFault, HeadFault, Hostile, How, Part, Script, Stage};

/// Far more than little patience, and far less than for ever.
const LONGEST: Duration = Duration::from_mins(1);

async fn tried(url: &str) -> Carried {
    tried_with(little_patience(), url).await
}

async fn tried_with(patience: HttpPatience, url: &str) -> Carried {
    let trying = post(patience, url);
    tokio::time::timeout(LONGEST, trying).await.unwrap()
}

#[tokio::test]
async fn who_hangs_drips_or_breaks_off_before_an_answer_is_tried_again() {
    let scripts = [
        Script::Stops(Stage::Connect, How::Hang),
        Script::Stops(Stage::BeforeHead, How::Hang),
        Script::Stops(Stage::BeforeHead, How::Reset),
        Script::Stops(Stage::BeforeHead, How::Close),
        Script::Stops(Stage::MidHead, How::Hang),
        Script::Drips(Part::Head),
        Script::Head(HeadFault::Garbage),
        Script::Head(HeadFault::EndlessLines),
        Script::Head(HeadFault::EndlessLine),
    ];
    for script in scripts {
        let hostile = Hostile::admitting(script);
        let carried = tried(&hostile.url()).await;
        assert_eq!(
            carried.attempt.as_str(),
            "retried",
            "{script:?}: {carried:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_counts_from_its_head_whatever_its_body_does() {
    let scripts = [
        Script::Stops(Stage::AfterHead, How::Hang),
        Script::Stops(Stage::MidBody, How::Reset),
        Script::Drips(Part::Body),
        Script::Body(BodyFault::EndlessChunks),
        Script::Body(BodyFault::EndlessLength),
    ];
    // The head is to come in any case, so only what follows it is waited for with little patience.
    let patience = HttpPatience {
        words: little_patience().words,
        ..patience()
    };
    for script in scripts {
        let good = Hostile::admitting(script);
        let taken = tried_with(patience, &good.url()).await;
        assert_eq!(taken.attempt.as_str(), "delivered", "{script:?}: {taken:?}");
        let bad = Hostile::start(script);
        let refused = tried_with(patience, &bad.url()).await;
        assert_eq!(
            refused.attempt.as_str(),
            "rejected",
            "{script:?}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn nobody_there_bars_the_place_and_names_no_url() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/hook", closed.address());
    let carried = post(patience(), &url).await;
    let words = format!("{:?}", carried.attempt);
    assert_eq!(carried.outlook, Outlook::Unreachable);
    assert!(
        words.contains("refused") && !words.contains("hook"),
        "{words}"
    );
}

#[tokio::test]
async fn who_hangs_bars_the_place() {
    let hostile = Hostile::start(Script::Stops(Stage::BeforeHead, How::Hang));
    assert_eq!(tried(&hostile.url()).await.outlook, Outlook::Unreachable);
}
