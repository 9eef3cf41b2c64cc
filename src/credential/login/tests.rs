use super::*;

fn shown(text: &str) -> Result<String, String> {
    let (presentation, values) = stale(&Secret::new(text)).map_err(|why| why.detail)?;
    let text = |secret: &Secret| String::from_utf8(secret.expose().to_vec()).unwrap();
    let header: Vec<_> = presentation
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", text(value)))
        .collect();
    let values: Vec<_> = values.iter().map(text).collect();
    Ok(format!("{} | {}", header.join(", "), values.join(", ")))
}

#[test]
fn cookies_of_a_file_are_sent_as_they_stand_and_their_values_are_secrets() {
    assert_eq!(
        shown("session=0123456789; csrf=9876543=10; theme=dark"),
        Ok(
            "cookie: session=0123456789; csrf=9876543=10; theme=dark | 0123456789, 9876543=10"
                .into()
        )
    );
}

#[test]
fn a_file_that_holds_no_cookie_is_not_sent() {
    for text in ["abcdef", "=abc", "session=abc; Secure"] {
        assert!(
            shown(text).unwrap_err().contains("must read `name=value"),
            "{text}"
        );
    }
}
