//! Help centres in every format that is read, on real-shaped samples in `tests/fixtures/import`.
#![cfg(feature = "import")]

mod exports;
mod hostile;
mod markdown;
mod pages;
mod shown;
mod tables;

use deskside::import::{ImportOptions, Imported, Place, Remark, Source, import};
use std::fs;
use std::path::Path;

/// Imports every file of a sample folder; paths begin with the folder's last name.
fn folder(name: &str) -> Imported {
    folder_with(name, &ImportOptions::default())
}

fn folder_with(name: &str, options: &ImportOptions) -> Imported {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/import")
        .join(name);
    let mut files = Vec::new();
    collect(
        &root,
        root.file_name().unwrap().to_str().unwrap(),
        &mut files,
    );
    assert!(!files.is_empty(), "no samples in {name}");
    files.sort();
    let sources: Vec<Source<'_>> = files
        .iter()
        .map(|(path, bytes)| Source { path, bytes })
        .collect();
    import(&sources, options)
}

fn collect(folder: &Path, path: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{path}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &path, files);
        } else {
            files.push((path, fs::read(entry.path()).unwrap()));
        }
    }
}

/// Imports one text as a file of that name.
fn file(path: &str, text: &str) -> Imported {
    import(
        &[Source {
            path,
            bytes: text.as_bytes(),
        }],
        &ImportOptions::default(),
    )
}

/// A remark in one line: where, code, detail.
fn brief(remark: &Remark) -> String {
    let place = match remark.place {
        Some(Place::Line(line)) => format!(":{line}"),
        Some(Place::Item(item)) => format!("#{item}"),
        None => String::new(),
    };
    let code = serde_json::to_value(remark.code).unwrap();
    format!(
        "{}{place} {} {}",
        remark.path,
        code.as_str().unwrap(),
        remark.detail
    )
    .trim_end()
    .into()
}

fn briefs(remarks: &[Remark]) -> Vec<String> {
    remarks.iter().map(brief).collect()
}

fn ids(imported: &Imported) -> Vec<&str> {
    imported
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect()
}
