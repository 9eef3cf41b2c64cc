//! Real login forms: Apache's `mod_auth_form`, and the admin site of Django.

use crate::support::program::{Report, Scene};
use crate::support::servers::{Apache, Django, PASSWORD, READER};

/// Checks an endpoint behind a login form: strangers are sent to the form, a wrong password gets no
/// further.
fn checked(page: &str, user_field: &str, password_field: &str, endpoint: &str) -> Report {
    let scene = Scene::of(&format!(
        "credentials:
  portal:
    login_form:
      url: {page}
      fields:
        {user_field}: {READER}
      secret_field: {password_field}
      secret_file: password
endpoints:
  - name: portal
    url: {endpoint}
    checks:
      - as: anonymous
      - as: invalid
      - as: portal
      - as:
          wrong_password: portal
"
    ));
    scene.write("password", PASSWORD);
    scene.check_with(&["--include", "wrong_password"])
}

/// Check, verdict and status of each result.
fn verdicts(report: &Report) -> Vec<String> {
    let verdict = |result: &serde_json::Value| {
        let text = |key: &str| result[key].as_str().unwrap_or("-").to_owned();
        let status = &result["observation"]["status"];
        format!("{} {} {status}", text("check"), text("verdict"))
    };
    let mut verdicts: Vec<String> = report.results().iter().map(verdict).collect();
    verdicts.sort_unstable();
    verdicts
}

#[test]
fn a_form_of_apache_is_filled_in() {
    let apache = Apache::start();
    let report = checked(
        &apache.http("/sign-in.html"),
        "httpd_username",
        "httpd_password",
        &apache.http("/form"),
    );
    assert_eq!(
        verdicts(&report),
        [
            "anonymous pass 302",
            "invalid pass 302",
            "portal pass 200",
            "wrong_password-portal pass 302"
        ],
        "{}",
        report.document
    );
}

#[test]
fn a_form_of_django_with_a_token_against_forgery_is_filled_in() {
    let django = Django::start();
    let report = checked(
        &django.http("/admin/login/?next=/admin/"),
        "username",
        "password",
        &django.http("/admin/"),
    );
    assert_eq!(
        verdicts(&report),
        [
            "anonymous pass 302",
            "invalid pass 302",
            "portal pass 200",
            "wrong_password-portal pass 302"
        ],
        "{}",
        report.document
    );
}
