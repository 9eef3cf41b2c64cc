use super::*;
use crate::domain::endpoint::Transport;
use crate::domain::secret::SecretRef;

const PAGE: &str = "https://portal.example.com/account/login?next=%2F";

fn wanted() -> LoginForm {
    LoginForm {
        url: PAGE.parse().unwrap(),
        fields: BTreeMap::from([("user".to_owned(), "watch".to_owned())]),
        secret_field: "password".to_owned(),
        secret: SecretRef::Literal(Secret::new("hunter2")),
        transport: Transport::default(),
        timeout: std::time::Duration::from_secs(10),
    }
}

fn read(html: &str) -> Result<Option<Form>, String> {
    Form::in_page(html.as_bytes(), &wanted().url, true, &wanted())
}

/// The body, or the query, that a page's form is sent with.
fn sent(html: &str) -> String {
    let form = read(html).unwrap().unwrap();
    let secret = Secret::new("p&ss");
    let filled = form.filled(&wanted().fields, ("password", &secret));
    String::from_utf8(filled.expose().to_vec()).unwrap()
}

/// Where a form with these attributes goes.
fn goes_to(head: &str, attributes: &str) -> Result<String, String> {
    let form = read(&format!(
        "{head}<form {attributes}><input name=password></form>"
    ))?;
    Ok(form.unwrap().action.into())
}

#[test]
fn hidden_and_filled_fields_go_along_and_the_configured_ones_over_them() {
    let html = r#"<form method="post"><input type="hidden" name="csrf" value="a/b &amp; c">
        <input name="user" value="guest"><input type="password" name="password">
        <input name="lang" value="de"></form>"#;
    assert_eq!(
        sent(html),
        "csrf=a%2Fb+%26+c&user=watch&password=p%26ss&lang=de"
    );
}

#[test]
fn nobody_presses_a_button_ticks_a_box_or_fills_in_what_is_disabled() {
    let html = r"<form><input name=password><input type=submit name=go value=1>
        <button name=go value=2>Go</button><input type=image name=go><input type=file name=f>
        <input type=checkbox name=stay value=1><input type=checkbox name=terms checked>
        <input type=radio name=r value=1><input type=radio name=r value=2 checked>
        <input name=old value=x disabled><input value=nameless></form>";
    assert_eq!(sent(html), "password=p%26ss&terms=on&r=2&user=watch");
}

#[test]
fn lists_and_texts_are_sent_as_they_stand() {
    let html = "<form><input name=password><textarea name=t>\n<b>&amp;</textarea>
        <select name=first><option>One <option value=2>Two</select>
        <select name=chosen><option value=1><option value=2 selected></select>
        <select name=many multiple><option value=1></select></form>";
    assert_eq!(
        sent(html),
        "password=p%26ss&t=%3Cb%3E%26&first=One&chosen=2&user=watch"
    );
}

#[test]
fn a_field_may_name_its_form_from_anywhere() {
    let html = "<input name=password form=login><form id=search><input name=q></form>
        <form id=login action=/in><input name=token value=t></form>";
    let form = read(html).unwrap().unwrap();
    let names: Vec<_> = form
        .fields
        .iter()
        .map(|(name, _)| name.as_slice())
        .collect();
    let names_of_login: [&[u8]; 2] = [b"token", b"password"];
    assert_eq!(
        (form.action.path(), names.as_slice()),
        ("/in", names_of_login.as_slice())
    );
}

#[test]
fn what_stands_in_scripts_comments_and_templates_is_no_form() {
    let form = "<form action=/wrong><input name=password></form>";
    let html = format!(
        "<!-- {form} --><script>'{form}'</script><template>{form}</template>\
         <textarea>{form}</textarea><title>{form}</title>\
         <form action=/right><input name=password></form>"
    );
    assert_eq!(read(&html).unwrap().unwrap().action.path(), "/right");
}

#[test]
fn an_action_is_relative_to_the_page_or_to_its_base() {
    let rows = [
        ("", "", PAGE),
        ("", "action=''", PAGE),
        ("", "action=do#top", "https://portal.example.com/account/do"),
        (
            "",
            "action='?go=1'",
            "https://portal.example.com/account/login?go=1",
        ),
        (
            "<base href=/app/>",
            "action=do",
            "https://portal.example.com/app/do",
        ),
        ("<base href=/app/>", "", PAGE),
        (
            "",
            "action='https://portal.example.com:443/in'",
            "https://portal.example.com/in",
        ),
    ];
    for (head, attributes, url) in rows {
        assert_eq!(
            goes_to(head, attributes),
            Ok(url.to_owned()),
            "{attributes}"
        );
    }
}

#[test]
fn a_form_that_goes_elsewhere_is_refused() {
    let rows = [
        (
            "",
            "action='https://evil.example.com/in?a=b'",
            "https://evil.example.com/in",
        ),
        (
            "",
            "action='http://portal.example.com/in'",
            "http://portal.example.com/in",
        ),
        (
            "",
            "action='//portal.example.com:8443/'",
            "https://portal.example.com:8443/",
        ),
        (
            "<base href='https://evil.example.com'>",
            "action=in",
            "https://evil.example.com/in",
        ),
        ("", "action='javascript:void(0)'", "javascript:void(0)"),
    ];
    for (head, attributes, url) in rows {
        let why = format!(
            "has a form that goes to `{url}`, and a secret goes nowhere but to the configured origin"
        );
        assert_eq!(goes_to(head, attributes), Err(why));
    }
}

#[test]
fn a_form_that_cannot_be_sent_as_it_wants_is_refused() {
    let rows = [
        (
            "method=post enctype=multipart/form-data",
            "has a form of the type `multipart/form-data`, and only urlencoded forms can be sent",
        ),
        (
            "method=dialog",
            "has a form that is sent nowhere (`method=dialog`)",
        ),
        (
            "action='https://a:b@portal.example.com/'",
            "has a form whose `action` names a user",
        ),
        ("action='https://['", "has a form whose `action` is no URL"),
    ];
    for (attributes, why) in rows {
        assert_eq!(goes_to("", attributes), Err(why.to_owned()));
    }
}

#[test]
fn a_form_is_got_unless_it_says_post() {
    let method = |attributes: &str| {
        let html = format!("<form {attributes}><input name=password></form>");
        read(&html).unwrap().unwrap().method
    };
    assert_eq!(
        ["", "method=PoSt", "method=put"].map(method),
        [Sending::Get, Sending::Post, Sending::Get]
    );
}

#[test]
fn a_page_with_another_password_field_names_it() {
    let why = read("<form><input type=password name=passwd><input type=password name=pin></form>");
    assert_eq!(
        why,
        Err(
            "has no form with the field `password`; its password fields are `passwd`, `pin`".into()
        )
    );
}

#[test]
fn a_page_that_asks_for_no_password_has_no_form() {
    for html in [
        "",
        "not found",
        "{\"error\":405}",
        "<form><input name=q></form>",
    ] {
        assert_eq!(read(html), Ok(None), "{html}");
    }
}

#[test]
fn a_page_that_breaks_off_is_good_enough_where_the_form_had_ended() {
    let cut = |html: &str| Form::in_page(html.as_bytes(), &wanted().url, false, &wanted());
    assert!(
        cut("<form><input name=password></form><p>endless")
            .unwrap()
            .is_some()
    );
    assert_eq!(
        cut("<form><input name=password><input name=cs"),
        Err("broke off within the form".into())
    );
    assert_eq!(
        cut("<p>endless"),
        Err("broke off before a form with the field `password`".into())
    );
}

#[test]
fn the_form_asks_again_only_with_the_fields_that_stand_beside_the_secret() {
    let again = |html: &str| asks_again(html.as_bytes(), &wanted().url, &wanted(), &["user"]);
    assert!(again("<form><input name=user><input name=password></form>"));
    // A page of somebody's account, where the password can be changed.
    assert!(!again(
        "<form><input name=password><input name=password2></form>"
    ));
}

#[test]
fn garbage_of_any_size_is_read_to_its_end() {
    let many = "<form id=a><input name=q form=a>".repeat(10_000);
    let attributes = format!("<form {}>", "a=b ".repeat(10_000));
    let huge = format!("<input name=password value='{}", "x".repeat(300_000));
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for html in [
        many.as_bytes(),
        attributes.as_bytes(),
        huge.as_bytes(),
        &bytes,
    ] {
        assert_eq!(
            Form::in_page(html, &wanted().url, true, &wanted()),
            Ok(None)
        );
    }
}
