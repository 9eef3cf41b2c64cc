//! The JSON Schema of the configuration, for editors.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::File;

/// Where the schema is published, relative to the configuration that names it.
pub const FILE: &str = "authvigil.schema.json";

/// The schema as it is published: JSON with a line break at its end.
pub fn json() -> String {
    format!("{:#}\n", value())
}

/// The schema as a value. Draft 7, which is what editors of YAML know best.
pub(crate) fn value() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    tidy(&mut schema);
    for section in schema["properties"].as_object_mut().into_iter().flatten() {
        allow_nothing(section.1);
    }
    schema
}

/// A section whose content was commented out is as good as one that is not there.
fn allow_nothing(section: &mut Value) {
    let Value::Object(map) = section else { return };
    if let Some(Value::String(name)) = map.get("type") {
        let both = [name.clone(), "null".to_owned()];
        map.insert("type".to_owned(), both.to_vec().into());
    }
    let form = map
        .remove("$ref")
        .map(|name| serde_json::json!({ "$ref": name }));
    let form = form.or_else(|| {
        map.remove("allOf")
            .map(|list| serde_json::json!({ "allOf": list }))
    });
    if let Some(form) = form {
        map.insert(
            "anyOf".to_owned(),
            serde_json::json!([form, { "type": "null" }]),
        );
    }
}

/// Takes out defaults that say nothing, and line breaks of the source.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // A whole block as a default repeats what its own keys say.
            if map
                .get("default")
                .is_some_and(|it| it.is_object() || is_nothing(it))
            {
                map.remove("default");
            }
            // `uint32` means nothing to an editor.
            map.remove("format");
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            map.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
