//! The reference page of the configuration, made from its schema.

use serde_json::{Map, Value};

use super::schema;

const HEAD: &str = "\
# Configuration reference

Every key that a configuration may have, with its forms, its default and what it means.
This page is generated from the same types that read the file; `authvigil validate` checks one against them.
The commented example is [config/authvigil.yaml](../../config/authvigil.yaml), the smallest one [config/minimal.yaml](../../config/minimal.yaml); editors complete and check with [config/authvigil.schema.json](../../config/authvigil.schema.json).

- Relative paths are relative to the file that names them; `$CREDENTIALS_DIRECTORY` at the start of a `*_file` value is expanded when the secret is read.
- Every secret has three forms, of which exactly one is given: `…_file`, `…_env`, and the text itself, which is warned about.
- A profile's keys hold where an endpoint has none of its own. Blocks (`tls_config`, `refused`, `admitted`, `confirm`) and maps (`headers`, `labels`, `resolve`, `severity`) are put together key by key; lists and everything else are replaced.
- Names are `[A-Za-z0-9._-]{1,63}`; `anonymous` and `invalid` are reserved.
";

/// The reference page in Markdown.
pub fn markdown() -> String {
    let schema = schema::value();
    let mut page = Page {
        definitions: schema["definitions"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
        sections: Vec::new(),
    };
    page.visit("", &schema);
    let mut text = HEAD.to_owned();
    page.write_sections(&schema, &mut text);
    page.write_values(&mut text);
    text
}

struct Page {
    definitions: Map<String, Value>,
    /// The path at which a block is found first, and the name of its definition.
    sections: Vec<(String, String)>,
}

impl Page {
    /// Finds the blocks below a schema in the order of their keys.
    fn visit(&mut self, path: &str, schema: &Value) {
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        let mut found = Vec::new();
        for (key, property) in properties {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            self.blocks(&path, property, &mut found);
        }
        for (path, name) in found {
            let definition = self.definitions[&name].clone();
            if self.sections.iter().all(|(_, known)| *known != name) {
                self.sections.push((path.clone(), name));
                self.visit(&path, &definition);
            }
        }
    }

    /// The blocks that a property leads to.
    fn blocks(&self, path: &str, property: &Value, found: &mut Vec<(String, String)>) {
        if let Some(name) = reference(property) {
            let definition = &self.definitions[name];
            if definition["properties"].is_object() {
                found.push((path.to_owned(), name.to_owned()));
            } else {
                self.blocks(path, definition, found);
            }
        }
        if property["items"].is_object() {
            self.blocks(&format!("{path}[]"), &property["items"], found);
        }
        if property["additionalProperties"].is_object() {
            self.blocks(
                &format!("{path}.NAME"),
                &property["additionalProperties"],
                found,
            );
        }
        for list in ["anyOf", "allOf"] {
            for form in property[list].as_array().into_iter().flatten() {
                self.blocks(path, form, found);
            }
        }
    }

    fn write_sections(&self, root: &Value, text: &mut String) {
        self.write_section("The file", root, text);
        for (path, name) in &self.sections {
            self.write_section(&format!("`{path}`"), &self.definitions[name], text);
        }
    }

    fn write_section(&self, heading: &str, schema: &Value, text: &mut String) {
        let description = schema["description"].as_str().unwrap_or_default();
        let required: Vec<&str> = strings(&schema["required"]);
        let head = format!("\n## {heading}\n\n{description}\n\n");
        text.push_str(&head);
        text.push_str("| key | form | default | meaning |\n| --- | --- | --- | --- |\n");
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let default = match &property["default"] {
                Value::Null if required.contains(&key.as_str()) => "required".to_owned(),
                Value::Null => "–".to_owned(),
                Value::String(text) => format!("`{text}`"),
                other
                @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    format!("`{other}`")
                }
            };
            let meaning = property["description"].as_str().unwrap_or_default();
            let form = self.form(property);
            let row = format!(
                "| `{key}` | {} | {default} | {} |\n",
                cell(&form),
                cell(meaning)
            );
            text.push_str(&row);
        }
    }

    /// What values with a form of their own look like.
    fn write_values(&self, text: &mut String) {
        text.push_str("\n## Values\n\n| form | meaning |\n| --- | --- |\n");
        for (name, definition) in &self.definitions {
            let is_block = definition["properties"].is_object();
            if is_block || definition["description"].is_null() {
                continue;
            }
            let meaning = definition["description"].as_str().unwrap_or_default();
            let words: Vec<String> = words(definition)
                .map(|(word, meaning)| format!("`{word}`: {meaning}"))
                .collect();
            let meaning = [meaning, &words.join(" ")].join(" ");
            let row = format!("| {} | {} |\n", plain_name(name), cell(meaning.trim()));
            text.push_str(&row);
        }
    }

    /// The forms of a value in a few words.
    fn form(&self, schema: &Value) -> String {
        if let Some(name) = reference(schema) {
            return self.named_form(name);
        }
        for list in ["anyOf", "allOf"] {
            if let Some(forms) = schema[list].as_array() {
                let forms: Vec<String> = forms
                    .iter()
                    .filter(|form| form["type"] != "null")
                    .map(|form| self.form(form))
                    .collect();
                return forms.join(" or ");
            }
        }
        if schema["items"].is_object() {
            return format!("list of {}", self.form(&schema["items"]));
        }
        if schema["additionalProperties"].is_object() {
            return format!(
                "map of names to {}",
                self.form(&schema["additionalProperties"])
            );
        }
        match schema["type"]
            .as_str()
            .or_else(|| schema["type"][0].as_str())
        {
            Some("string") => "text".to_owned(),
            Some("integer" | "number") => "number".to_owned(),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("object") => "map".to_owned(),
            _ => "any value".to_owned(),
        }
    }

    fn named_form(&self, name: &str) -> String {
        let definition = &self.definitions[name];
        let words: Vec<String> = words(definition)
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        if !words.is_empty() {
            return words.join(", ");
        }
        if let Some((path, _)) = self.sections.iter().find(|(_, known)| known == name) {
            return format!("[block](#{})", anchor(path));
        }
        plain_name(name)
    }
}

/// The definition that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// The words that a schema allows, each with its meaning.
fn words(schema: &Value) -> impl Iterator<Item = (&str, &str)> {
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    variants.filter_map(|variant| {
        let word = variant["const"]
            .as_str()
            .or_else(|| variant["enum"][0].as_str())?;
        Some((word, variant["description"].as_str().unwrap_or_default()))
    })
}

fn strings(value: &Value) -> Vec<&str> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// `EndpointFilesEntry` as words: `endpoint files entry`.
fn plain_name(name: &str) -> String {
    let mut words = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(char.to_ascii_lowercase());
    }
    words
}

/// The anchor that Markdown makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|char| char.is_alphanumeric() || "_-".contains(*char));
    kept.flat_map(char::to_lowercase).collect()
}

/// Text that may stand in a table.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for char in text.chars() {
        if char == '|' {
            cell.push('\\');
        }
        cell.push(char);
    }
    cell
}
