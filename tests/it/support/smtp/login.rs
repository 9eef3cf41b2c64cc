//! Who may log in.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::talk::Talk;
use super::{PASSWORD, USER};

pub(super) async fn log_in(talk: &mut Talk, line: &str) -> io::Result<()> {
    let mut words = line.split(' ').skip(1);
    let mechanism = words.next().unwrap_or_default();
    let initial = words.next().unwrap_or_default().to_owned();
    match mechanism {
        "PLAIN" => {
            let good = decoded(&initial) == format!("\0{USER}\0{PASSWORD}");
            verdict(talk, good).await
        }
        "LOGIN" => {
            talk.say("334 VXNlcm5hbWU6").await?;
            let user = decoded(&talk.hear().await?);
            talk.say("334 UGFzc3dvcmQ6").await?;
            let password = decoded(&talk.hear().await?);
            verdict(talk, (user.as_str(), password.as_str()) == (USER, PASSWORD)).await
        }
        "XOAUTH2" => {
            let shown = decoded(&initial);
            let tokens = talk.state.lock().unwrap().script.tokens.clone();
            let expected = |token: &&str| format!("user={USER}\x01auth=Bearer {token}\x01\x01");
            if tokens.iter().any(|token| expected(token) == shown) {
                return verdict(talk, true).await;
            }
            talk.say("334 eyJzdGF0dXMiOiI0MDEifQ==").await?;
            talk.hear().await?;
            verdict(talk, false).await
        }
        _ => talk.say("504 5.5.4 no such mechanism").await,
    }
}

async fn verdict(talk: &mut Talk, good: bool) -> io::Result<()> {
    if good {
        talk.say("235 2.7.0 welcome").await
    } else {
        talk.say("535 5.7.8 bad credentials").await
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default()
}
