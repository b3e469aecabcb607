//! The JSON Schema in the package is the loader's own table.

use deskside::survey::schema::json_schema;

#[test]
fn the_schema_in_the_package_is_what_the_loader_checks() {
    let path = format!(
        "{}/js/survey/survey.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let wanted = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == wanted,
        "the table of terms was changed: UPDATE_SCHEMA=1 cargo test --test survey schema"
    );
}
