//! Question lists in CSV or TSV, as they are kept for Chinese service bots and in spreadsheets.

use super::report::{Code, Place, Reporter};
use super::{Page, html, locale, records, time};
use crate::faq::record::{Record, Visibility};
use crate::richtext::{Block, message};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Category,
    Question,
    Alternative,
    Answer,
    Keywords,
    Tags,
    ValidUntil,
    UpdatedAt,
    Locale,
    Url,
    Weight,
    Visibility,
    TranslationOf,
}

const NAMES: [(Column, &[&str]); 14] = [
    (
        Column::Id,
        &["id", "编号", "问题编号", "知识编号", "问题id"],
    ),
    (
        Column::Category,
        &[
            "分类",
            "类别",
            "类目",
            "目录",
            "知识分类",
            "category",
            "categories",
            "path",
            "topic",
        ],
    ),
    (
        Column::Question,
        &[
            "标准问",
            "标准问题",
            "标准问法",
            "问题",
            "标题",
            "question",
            "title",
            "standard question",
        ],
    ),
    (
        Column::Alternative,
        &[
            "相似问",
            "相似问法",
            "相似问题",
            "扩展问",
            "alternatives",
            "alternative",
            "similar questions",
            "similar question",
            "variants",
        ],
    ),
    (
        Column::Answer,
        &[
            "答案", "回答", "回复", "答复", "answer", "body", "content", "reply",
        ],
    ),
    (
        Column::Keywords,
        &["关键词", "关键字", "keywords", "keyword"],
    ),
    (Column::Tags, &["标签", "tags", "tag", "labels"]),
    (
        Column::ValidUntil,
        &[
            "有效期",
            "有效期至",
            "有效期限",
            "失效时间",
            "过期时间",
            "valid until",
            "validuntil",
            "expires",
        ],
    ),
    (
        Column::UpdatedAt,
        &["更新时间", "修改时间", "updated at", "updatedat", "updated"],
    ),
    (Column::Locale, &["语言", "locale", "language", "lang"]),
    (Column::Url, &["链接", "网址", "url", "link"]),
    (Column::Weight, &["权重", "热度", "weight", "views"]),
    (Column::Visibility, &["可见范围", "可见性", "visibility"]),
    (
        Column::TranslationOf,
        &["translation of", "translationof", "译自"],
    ),
];

/// Instructions may stand above the header; it is looked for in as many rows.
const HEADER_ROWS_MAX: usize = 10;
const SEPARATORS: [char; 5] = ['\n', '|', ';', '；', '｜'];

/// Whether the first line names the columns of a question list.
pub(super) fn looks_like_one(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let columns = columns(line.split([',', '\t', ';']));
    columns.contains(&Some(Column::Question)) && columns.contains(&Some(Column::Answer))
}

pub(super) fn import(page: &Page<'_>, reporter: &mut Reporter) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(page))
        .from_reader(page.text.as_bytes());
    let mut header: Option<Vec<Option<Column>>> = None;
    let mut found = Vec::new();
    let mut ids = BTreeMap::new();
    let mut lines = Lines {
        text: page.text,
        byte: 0,
        line: 1,
    };
    for (row, number) in reader.records().zip(1usize..) {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().and_then(|at| lines.at(at.byte()));
                reporter.skip(line, Code::Syntax, error.to_string());
                continue;
            }
        };
        let line = lines.at(row.position().map_or(0, csv::Position::byte));
        match &header {
            None => {
                let columns = columns(row.iter());
                if columns.contains(&Some(Column::Question))
                    && columns.contains(&Some(Column::Answer))
                {
                    header = Some(columns);
                } else if number == HEADER_ROWS_MAX {
                    break;
                }
            }
            Some(_) if row.iter().all(|cell| cell.trim().is_empty()) => {}
            Some(columns) => {
                let cells: Vec<(Column, &str)> = columns
                    .iter()
                    .zip(row.iter())
                    .filter_map(|(column, cell)| Some(((*column)?, cell.trim())))
                    .collect();
                if let Some(mut record) = record(&cells, page, line, reporter) {
                    if !cells
                        .iter()
                        .any(|(column, id)| *column == Column::Id && !id.is_empty())
                    {
                        number_repeated(&mut record, &mut ids);
                    }
                    found.push(record);
                }
            }
        }
    }
    if header.is_none() {
        reporter.skip(None, Code::NoColumns, "标准问 (question), 答案 (answer)");
    }
    found
}

/// Counts lines up to ever later bytes. The parser's own count is one behind after `\r\n`.
struct Lines<'t> {
    text: &'t str,
    byte: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line on which the row that begins at `byte` has its first cell.
    fn at(&mut self, byte: u64) -> Option<Place> {
        let row = usize::try_from(byte).ok()?;
        let rest = self.text.as_bytes().get(row..)?;
        let row = row
            + rest
                .iter()
                .take_while(|&&c| c == b'\r' || c == b'\n')
                .count();
        let passed = self.text.as_bytes().get(self.byte..row)?;
        self.line += u32::try_from(passed.iter().filter(|&&c| c == b'\n').count()).ok()?;
        self.byte = row;
        Some(Place::Line(self.line))
    }
}

/// Two questions may read the same; their ids may not.
fn number_repeated(record: &mut Record, ids: &mut BTreeMap<String, u32>) {
    let copies = ids.entry(record.id.clone()).or_insert(0);
    *copies += 1;
    if *copies > 1 {
        record.id = format!("{}-{copies}", record.id);
    }
}

fn columns<'c>(cells: impl Iterator<Item = &'c str>) -> Vec<Option<Column>> {
    cells
        .map(|cell| {
            let cell = cell
                .trim()
                .trim_matches('"')
                .trim_start_matches('\u{feff}')
                .to_lowercase();
            // 相似问1, 相似问2, "Alternative 3", 标准问（必填）
            let name = cell.split(['(', '（', '*']).next().unwrap_or_default();
            let name = name
                .trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '_' || c == '-');
            let name = name.replace('_', " ");
            NAMES
                .iter()
                .find(|(_, names)| names.contains(&name.trim()))
                .map(|(column, _)| *column)
        })
        .collect()
}

/// The most frequent separator of the first lines; tab for a file that says so.
fn delimiter(page: &Page<'_>) -> u8 {
    if page.path.to_ascii_lowercase().ends_with(".tsv") {
        return b'\t';
    }
    let header = page
        .text
        .lines()
        .take(HEADER_ROWS_MAX)
        .find(|line| looks_like_one(line))
        .or_else(|| page.text.lines().next())
        .unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|&c| c == separator).count();
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|&separator| count(separator))
        .unwrap_or(b',')
}

fn record(
    cells: &[(Column, &str)],
    page: &Page<'_>,
    line: Option<Place>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let mut record = Record {
        locale: page.locale(),
        ..Record::default()
    };
    for &(column, cell) in cells.iter().filter(|(_, cell)| !cell.is_empty()) {
        let split = |separators: &[char]| {
            let parts = cell
                .split(separators)
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        match column {
            Column::Id => record.id = cell.into(),
            Column::Category => record.path = split(&['/', '>', '＞', '／', '\\']),
            Column::Question => record.title = cell.into(),
            Column::Alternative => record.alternatives.extend(split(&SEPARATORS)),
            Column::Keywords => record
                .alternatives
                .extend(split(&['\n', '|', ';', '；', '｜', ',', '，', '、'])),
            Column::Tags => record
                .tags
                .extend(split(&['\n', '|', ';', '；', '｜', ',', '，', '、'])),
            Column::Answer => record.body.extend(answer(cell, line, reporter)),
            Column::Locale => record.locale = locale::parse(cell).unwrap_or_else(|| cell.into()),
            Column::TranslationOf => record.translation_of = Some(cell.into()),
            Column::ValidUntil => match time::parse_period_end(cell) {
                Ok(end) => record.valid_until = end,
                Err(()) => reporter.warn(line, Code::Date, cell),
            },
            Column::UpdatedAt => match time::parse(cell) {
                Some(when) => record.updated_at = Some(when.start_ms()),
                None => reporter.warn(line, Code::Date, cell),
            },
            Column::Weight => match cell.parse::<f32>() {
                Ok(weight) if weight.is_finite() => record.weight = weight,
                _ => reporter.warn(line, Code::Field, format!("\"{cell}\"")),
            },
            Column::Url => {
                let allowed = crate::richtext::link::Link::parse(cell, None).is_ok();
                match allowed {
                    true => record.url = Some(cell.into()),
                    false => reporter.warn(line, Code::LinkRefused, cell),
                }
            }
            Column::Visibility => {
                record.visibility = match cell.to_lowercase().as_str() {
                    "public" | "公开" | "全部" | "所有人" => Visibility::Public,
                    "restricted" | "登录可见" | "会员" | "客户" => Visibility::Restricted,
                    _ => Visibility::Internal,
                }
            }
        }
    }
    records::complete(record, line, reporter)
}

/// An answer is HTML out of a rich-text editor, or text as people type it into a cell.
fn answer(cell: &str, line: Option<Place>, reporter: &mut Reporter) -> Vec<Block> {
    if html::looks_like_html(cell) {
        html::blocks(cell, "", line, reporter)
    } else {
        message::parse(cell)
    }
}
