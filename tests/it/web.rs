//! The web port, bound and asked as its visitors ask it.

mod address;
mod answers;
mod incidents_json;
mod limits;
mod port;
mod status_json;
mod tls;
mod users;
mod visitor;
