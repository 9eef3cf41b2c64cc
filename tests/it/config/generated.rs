//! Pages and files that are made from the types that read the configuration.

use authvigil::config::{reference, schema};

use super::{compare, root};

#[test]
fn the_published_schema_is_that_of_the_types() {
    let path = root().join("config").join(schema::FILE);
    assert_eq!(compare(&path, &schema::json()), Ok(()));
}

#[test]
fn the_reference_page_is_that_of_the_schema() {
    let path = root().join("docs/reference/configuration.md");
    assert_eq!(compare(&path, &reference::markdown()), Ok(()));
}

#[test]
fn every_key_of_the_schema_says_what_it_means() {
    let schema: serde_json::Value = serde_json::from_str(&schema::json()).unwrap();
    let mut silent = Vec::new();
    let blocks = schema["definitions"].as_object().unwrap().iter();
    let root = ("File".to_owned(), schema.clone());
    for (name, block) in blocks.chain([(&root.0, &root.1)]) {
        for (key, property) in block["properties"].as_object().into_iter().flatten() {
            let text = property["description"].as_str().unwrap_or_default();
            if !text.ends_with('.') {
                silent.push(format!("{name}.{key}: {text}"));
            }
        }
    }
    assert_eq!(silent, [""; 0]);
}
