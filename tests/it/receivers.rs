//! Receivers that are told over HTTP: a real Alertmanager, webhooks, and hosts that misbehave.

mod alertmanager;
mod hostile;
mod scene;
mod webhook;
