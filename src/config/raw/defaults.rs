//! Defaults of keys that may also come from a profile, for the schema.
//!
//! Such keys are [`super::Given`], because what is not written must be told from what is; their
//! default is the `Default` of the value's type.

use schemars::Schema;
use serde_json::Value;

/// Writes the defaults of a map's keys into its schema.
pub(super) fn set(schema: &mut Schema, defaults: Value) {
    let Value::Object(defaults) = defaults else {
        return;
    };
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (key, default) in defaults {
        if let Some(Value::Object(property)) = properties.get_mut(&key) {
            property.insert("default".to_owned(), default);
        }
    }
}
