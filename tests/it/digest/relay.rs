//! A relay between the program and a real server, which changes what it passes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use url::Url;

use crate::support::lab::{Answer, Request};

/// Passes a request on, and its answer back with this change to the value of what concerns Digest.
pub(super) fn pass_on(request: &Request, url: &str, change: impl Fn(&str) -> String) -> Answer {
    let url = Url::parse(url).unwrap();
    let mut text = format!(
        "GET {} HTTP/1.0\r\nHost: {}\r\n",
        url.path(),
        url.authority()
    );
    if let Some(shown) = request.header("authorization") {
        text = format!("{text}Authorization: {shown}\r\n");
    }
    let mut stream = TcpStream::connect(url.socket_addrs(|| None).unwrap()[0]).unwrap();
    stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    let (fields, body) = heard.split_once("\r\n\r\n").unwrap();
    let mut lines = fields.split("\r\n");
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let mut answer = Answer::status(status).body(body.to_owned());
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if ["www-authenticate", "authentication-info"].contains(&name.to_lowercase().as_str()) {
            answer = answer.header(name, &change(value));
        }
    }
    answer
}
