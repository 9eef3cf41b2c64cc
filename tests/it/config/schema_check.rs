//! What the program takes, the published schema takes as well.

use authvigil::config::schema;
use regex::Regex;
use serde_json::Value;

use super::root;

/// As much of JSON Schema as the published one uses; anything else is an error of its own.
struct Checker {
    root: Value,
}

impl Checker {
    fn published() -> Self {
        let root = serde_json::from_str(&schema::json()).unwrap();
        Self { root }
    }

    /// Why a value does not fit.
    fn check(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        let Some(rules) = schema.as_object() else {
            return if schema == &Value::Bool(false) {
                Err(format!("{path}: no key"))
            } else {
                Ok(())
            };
        };
        for (rule, wanted) in rules {
            self.rule(rule, wanted, schema, value).map_err(|why| {
                if why.starts_with('/') {
                    why
                } else {
                    format!("{path}/: {why}")
                }
            })?;
        }
        Ok(())
    }

    fn rule(
        &self,
        rule: &str,
        wanted: &Value,
        schema: &Value,
        value: &Value,
    ) -> Result<(), String> {
        let fits = match rule {
            "$schema" | "title" | "description" | "default" | "definitions" => true,
            "$ref" => {
                let name = wanted.as_str().unwrap().trim_start_matches('#');
                return self.check(self.root.pointer(name).unwrap(), value, "");
            }
            "anyOf" | "oneOf" => wanted
                .as_array()
                .unwrap()
                .iter()
                .any(|it| self.check(it, value, "").is_ok()),
            "allOf" => wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|it| self.check(it, value, "").is_ok()),
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "type" => types(wanted).any(|name| is_of(value, name)),
            "pattern" => value
                .as_str()
                .is_none_or(|it| Regex::new(wanted.as_str().unwrap()).unwrap().is_match(it)),
            "minimum" => value
                .as_f64()
                .is_none_or(|it| it >= wanted.as_f64().unwrap()),
            "maximum" => value
                .as_f64()
                .is_none_or(|it| it <= wanted.as_f64().unwrap()),
            "minItems" => value
                .as_array()
                .is_none_or(|it| it.len() as u64 >= wanted.as_u64().unwrap()),
            "minProperties" => value
                .as_object()
                .is_none_or(|it| it.len() as u64 >= wanted.as_u64().unwrap()),
            "maxProperties" => value
                .as_object()
                .is_none_or(|it| it.len() as u64 <= wanted.as_u64().unwrap()),
            "required" => value
                .as_object()
                .is_none_or(|it| strings(wanted).all(|key| it.contains_key(key))),
            "items" => {
                return each(value.as_array().into_iter().flatten(), |it| {
                    self.check(wanted, it, "/[]")
                });
            }
            "properties" => return self.properties(wanted, value),
            "additionalProperties" => return self.additional(wanted, schema, value),
            other => return Err(format!("the checker does not know `{other}`")),
        };
        if fits {
            Ok(())
        } else {
            Err(format!("`{rule}: {wanted}` refuses {value}"))
        }
    }

    fn properties(&self, wanted: &Value, value: &Value) -> Result<(), String> {
        let entries = value.as_object().into_iter().flatten();
        each(entries, |(key, value)| match wanted.get(key) {
            Some(schema) => self.check(schema, value, &format!("/{key}")),
            None => Ok(()),
        })
    }

    fn additional(&self, wanted: &Value, schema: &Value, value: &Value) -> Result<(), String> {
        let entries = value.as_object().into_iter().flatten();
        let mut others =
            entries.filter(|(key, _)| schema["properties"].get(key.as_str()).is_none());
        others.try_for_each(|(key, value)| self.check(wanted, value, &format!("/{key}")))
    }
}

fn each<T>(
    mut items: impl Iterator<Item = T>,
    check: impl Fn(T) -> Result<(), String>,
) -> Result<(), String> {
    items.try_for_each(check)
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn types(wanted: &Value) -> impl Iterator<Item = &str> {
    wanted.as_str().into_iter().chain(strings(wanted))
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no such type: {other}"),
    }
}

fn read(path: &std::path::Path) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_file_that_is_taken_fits_the_schema() {
    let checker = Checker::published();
    let folder = root().join("tests/fixtures/config/good");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.extend(["config/authvigil.yaml", "config/minimal.yaml"].map(|path| root().join(path)));
    for path in files {
        let fits = checker.check(&checker.root, &read(&path), "");
        assert_eq!(fits, Ok(()), "{}", path.display());
    }
}

#[test]
fn what_an_editor_can_see_the_schema_refuses() {
    let checker = Checker::published();
    let folder = root().join("tests/fixtures/config/bad");
    for name in [
        "blackbox-modules",
        "credential-of-two-kinds",
        "duration-compound",
        "endpoint-as-a-text",
        "endpoints-as-a-map",
        "header-source-unknown-key",
        "key-without-value",
        "name-missing",
        "persona-of-two-keys",
        "persona-unknown",
        "severity-unknown",
        "size-with-unknown-unit",
        "status-list-with-a-bad-element",
        "status-out-of-range",
        "tls-version-unknown",
        "unknown-key-in-expectation",
        "url-missing",
        "word-unknown",
    ] {
        let path = folder.join(name).with_extension("yaml");
        let fits = checker.check(&checker.root, &read(&path), "");
        assert!(fits.is_err(), "{name} fits the schema");
    }
}
