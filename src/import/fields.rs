//! Reads the fields of an article from JSON or from front matter, forgiving about their kinds: a
//! list may come as one string, a number as a string.

use super::report::{Code, Place, Reporter};
use super::time::{self, When};
use serde_json::{Map, Value};

pub(super) struct Fields<'f> {
    map: &'f Map<String, Value>,
    place: Option<Place>,
}

impl<'f> Fields<'f> {
    pub fn new(map: &'f Map<String, Value>, place: Option<Place>) -> Self {
        Self { map, place }
    }

    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// The first of `names` that is there and not null.
    pub fn get(&self, names: &[&str]) -> Option<&'f Value> {
        names
            .iter()
            .filter_map(|name| self.map.get(*name))
            .find(|value| !value.is_null())
    }

    /// A field that is an object.
    pub fn inner(&self, name: &str) -> Option<Fields<'f>> {
        let map = self.map.get(name)?.as_object()?;
        Some(Fields {
            map,
            place: self.place,
        })
    }

    /// A text that is not empty; a number counts as one.
    pub fn text(&self, names: &[&str], reporter: &mut Reporter) -> Option<String> {
        let text = match self.get(names)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return self.wrong(names, reporter),
        };
        (!text.is_empty()).then_some(text)
    }

    /// A list of texts: an array, or one text parted by commas. Objects count by their label or name.
    pub fn list(&self, names: &[&str], reporter: &mut Reporter) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        match self.get(names) {
            None => {}
            Some(Value::Array(values)) => {
                for value in values {
                    match value {
                        Value::String(text) => list.push(text.trim().into()),
                        Value::Number(number) => list.push(number.to_string()),
                        Value::Object(map) => {
                            let inner = Fields {
                                map,
                                place: self.place,
                            };
                            list.extend(inner.text(&["label", "name", "title"], reporter));
                        }
                        _ => drop(self.wrong::<()>(names, reporter)),
                    }
                }
            }
            Some(Value::String(text)) => {
                list.extend(text.split([',', '，', '、']).map(|part| part.trim().into()))
            }
            Some(Value::Number(number)) => list.push(number.to_string()),
            Some(_) => drop(self.wrong::<()>(names, reporter)),
        }
        list.retain(|text| !text.is_empty());
        list
    }

    /// As [`Fields::list`], but one text is one entry: questions and names may hold commas.
    pub fn list_of_lines(&self, names: &[&str], reporter: &mut Reporter) -> Vec<String> {
        match self.get(names) {
            Some(Value::String(text)) => text
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect(),
            _ => self.list(names, reporter),
        }
    }

    pub fn number(&self, names: &[&str], reporter: &mut Reporter) -> Option<f64> {
        let number = match self.get(names)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| number.is_finite())
            .or_else(|| self.wrong(names, reporter))
    }

    pub fn flag(&self, names: &[&str], reporter: &mut Reporter) -> Option<bool> {
        match self.get(names)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => self.wrong(names, reporter),
        }
    }

    pub fn time(&self, names: &[&str], reporter: &mut Reporter) -> Option<When> {
        let value = self.get(names)?;
        let time = match value {
            Value::Number(number) => number.as_f64().and_then(time::from_number),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => time::parse(text),
            _ => return self.wrong(names, reporter),
        };
        if time.is_none() {
            reporter.warn(
                self.place,
                Code::Date,
                value.as_str().map_or_else(|| value.to_string(), Into::into),
            );
        }
        time
    }

    fn wrong<T>(&self, names: &[&str], reporter: &mut Reporter) -> Option<T> {
        let name = names
            .iter()
            .find(|name| self.map.contains_key(**name))
            .unwrap_or(&"");
        reporter.warn(self.place, Code::Field, format!("\"{name}\""));
        None
    }
}
