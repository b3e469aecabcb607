//! Measures the search engine on data folders given on the command line:
//!
//! ```text
//! cargo bench --features indexer --bench faq_quality -- FOLDER... [--scale N,N] [--half 0|1] [--misses]
//! ```
//!
//! A folder holds `faq.json` (id, title, alternatives, body, category, locale) and `queries.json` (q, typo,
//! prefix, relevant). Prints hit@1, hit@5 and MRR@10 of each kind of query, the area under the ROC curve of
//! the best confidence in scope against out of scope, times and sizes. `--half` takes every other query
//! only, to tune on one half and check on the other. `--scale` recombines phrases of the first folder.
#![allow(clippy::disallowed_types, missing_docs)]

use deskside::faq::{BuildOptions, Built, Index, SearchOptions, build, record::Record};
use deskside::richtext::{Block, Inline};
use serde::Deserialize;
use std::time::Instant;

#[derive(Deserialize, Clone)]
struct Faq {
    id: String,
    title: String,
    #[serde(default)]
    alternatives: Vec<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    locale: String,
}

#[derive(Deserialize)]
struct Asked {
    q: String,
    typo: String,
    prefix: String,
    relevant: Vec<String>,
}

fn record(faq: &Faq) -> Record {
    Record {
        id: faq.id.clone(),
        locale: faq.locale.clone(),
        title: faq.title.clone(),
        alternatives: faq.alternatives.clone(),
        body: faq
            .body
            .split("\n\n")
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(|p| Block::Paragraph(vec![Inline::Text(p.to_owned())]))
            .collect(),
        path: vec![faq.category.clone()],
        ..Record::default()
    }
}

struct Args {
    folders: Vec<String>,
    scale: Vec<usize>,
    half: Option<usize>,
    misses: bool,
}

fn args() -> Args {
    let mut args = Args {
        folders: Vec::new(),
        scale: Vec::new(),
        half: None,
        misses: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--misses" => args.misses = true,
            "--half" => args.half = words.next().and_then(|w| w.parse().ok()),
            "--scale" => {
                args.scale = words
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .filter_map(|n| n.parse().ok())
                    .collect();
            }
            folder => args.folders.push(folder.to_owned()),
        }
    }
    args
}

fn main() {
    let args = args();
    if args.scale.is_empty() {
        println!(
            "{:18} {:>5} {:>5} {:>5} | {:>5} {:>5} {:>5} | {:>5} {:>5} {:>5} | {:>5} {:>5} | {:>6} {:>6} {:>7} {:>7} {:>7}",
            "set",
            "h@1",
            "h@5",
            "MRR",
            "typo1",
            "typo5",
            "MRR",
            "pre1",
            "pre5",
            "MRR",
            "AUROC",
            "brier",
            "p50ms",
            "p99ms",
            "buildms",
            "front",
            "body"
        );
        for folder in &args.folders {
            measure(folder, &args);
        }
    }
    for &count in &args.scale {
        if let Some(folder) = args.folders.first() {
            scale(folder, count);
        }
    }
}

fn read<T: for<'d> Deserialize<'d>>(folder: &str, name: &str) -> T {
    let text = std::fs::read_to_string(format!("{folder}/{name}"))
        .unwrap_or_else(|e| panic!("{folder}/{name}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{folder}/{name}: {e}"))
}

fn open(faqs: &[Faq]) -> (Index, Built, f64) {
    let records: Vec<Record> = faqs.iter().map(record).collect();
    let locale = faqs.first().map_or_else(String::new, |f| f.locale.clone());
    let start = Instant::now();
    let built = build(
        &records,
        &BuildOptions {
            default_locale: locale,
            ..BuildOptions::default()
        },
    )
    .expect("builds");
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    (Index::open(built.bytes()).expect("opens"), built, ms)
}

fn quantile(times: &mut [f64], q: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times
        .get(((times.len() as f64 * q) as usize).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

fn auroc(positive: &[f32], negative: &[f32]) -> f64 {
    let wins: f64 = positive
        .iter()
        .flat_map(|p| {
            negative.iter().map(move |n| {
                if p > n {
                    1.0
                } else if p == n {
                    0.5
                } else {
                    0.0
                }
            })
        })
        .sum();
    wins / (positive.len() as f64 * negative.len() as f64)
}

fn measure(folder: &str, args: &Args) {
    let faqs: Vec<Faq> = read(folder, "faq.json");
    let queries: Vec<Asked> = read(folder, "queries.json");
    let (index, built, build_ms) = open(&faqs);
    let options = SearchOptions::default();
    let (mut times, mut line, mut sure, mut unsure, mut brier) =
        (Vec::new(), String::new(), Vec::new(), Vec::new(), (0.0, 0));
    let taken = |at: usize| args.half.is_none_or(|half| at % 2 == half);
    for (pass, pick) in [
        ("clean", (|a: &Asked| a.q.clone()) as fn(&Asked) -> String),
        ("typo", |a| a.typo.clone()),
        ("prefix", |a| a.prefix.clone()),
    ] {
        let (mut first, mut five, mut reciprocal, mut count) = (0, 0, 0.0, 0);
        for (at, asked) in queries.iter().enumerate().filter(|(at, _)| taken(*at)) {
            if asked.relevant.is_empty() && pass != "clean" {
                continue;
            }
            let text = pick(asked);
            let start = Instant::now();
            let results = index.search(&text, &options);
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            let confidence = results.hits.first().map_or(0.0, |h| h.confidence);
            if asked.relevant.is_empty() {
                unsure.push(confidence);
                brier.0 += f64::from(confidence).powi(2);
                brier.1 += 1;
                continue;
            }
            let place = results
                .hits
                .iter()
                .position(|h| asked.relevant.contains(&h.id));
            if pass == "clean" {
                sure.push(confidence);
                brier.0 += (f64::from(confidence) - f64::from(u8::from(place == Some(0)))).powi(2);
                brier.1 += 1;
            }
            count += 1;
            first += u32::from(place == Some(0));
            five += u32::from(place.is_some_and(|p| p < 5));
            reciprocal += place.map_or(0.0, |p| 1.0 / (p as f64 + 1.0));
            if args.misses && place != Some(0) && at % 7 == 0 {
                let wanted = faqs
                    .iter()
                    .find(|f| asked.relevant.contains(&f.id))
                    .map_or("", |f| &f.title);
                let got: Vec<&str> = results
                    .hits
                    .iter()
                    .take(2)
                    .map(|h| h.title.as_str())
                    .collect();
                println!("  {pass} {text:?} wanted {wanted:?} at {place:?}, got {got:?}");
            }
        }
        let pc = |n: f64| 100.0 * n / f64::from(count.max(1));
        line.push_str(&format!(
            " {:5.1} {:5.1} {:5.1} |",
            pc(f64::from(first)),
            pc(f64::from(five)),
            pc(reciprocal)
        ));
    }
    let name = folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(folder);
    println!(
        "{name:18}{line} {:5.1} {:5.3} | {:6.3} {:6.3} {:7.0} {:7} {:7}",
        if unsure.is_empty() {
            0.0
        } else {
            100.0 * auroc(&sure, &unsure)
        },
        brier.0 / f64::from(brier.1.max(1)),
        quantile(&mut times, 0.5),
        quantile(&mut times, 0.99),
        build_ms,
        built.titles.len(),
        built.bodies.len()
    );
}

/// mulberry32
struct Rng(u32);

impl Rng {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6D2B_79F5);
        let a = self.0;
        let mut t = (a ^ (a >> 15)).wrapping_mul(1 | a);
        t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(61 | t)) ^ t;
        f64::from(t ^ (t >> 14)) / 4_294_967_296.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const SYLLABLES: [&str; 20] = [
    "ba", "ko", "ri", "tel", "mo", "van", "du", "sen", "pla", "xi", "gor", "nu", "fe", "lim",
    "qua", "zo", "tra", "he", "bri", "wes",
];

fn recombine(rng: &mut Rng, phrases: &[String], chinese: bool) -> String {
    let cut = |p: &str| -> Vec<String> {
        if chinese {
            p.chars().map(String::from).collect()
        } else {
            p.split(' ').map(str::to_owned).collect()
        }
    };
    let a = cut(&phrases[rng.below(phrases.len())]);
    let b = cut(&phrases[rng.below(phrases.len())]);
    let head = ((a.len() as f64) * (0.4 + rng.next() * 0.4)).ceil() as usize;
    let tail = ((b.len() as f64) * (0.4 + rng.next() * 0.4)).floor() as usize;
    let mut parts = a[..head].to_vec();
    if rng.next() < 0.25 {
        let name: String = (0..3).map(|_| rng.pick(&SYLLABLES)).collect();
        parts.push(name);
    }
    if rng.next() < 0.08 {
        let letter = rng.pick(&["E", "X", "QR", "A"]);
        parts.push(format!("{letter}{}", rng.below(99999)));
    }
    parts.extend_from_slice(&b[tail..]);
    parts.join(if chinese { "" } else { " " })
}

fn edited(rng: &mut Rng, title: &str, odd: bool, chinese: bool) -> String {
    if chinese {
        let mut c: Vec<char> = title.chars().collect();
        if c.len() > 3 {
            c.remove(rng.below(c.len()));
        }
        if odd && c.len() > 4 {
            c.pop();
        }
        return c.into_iter().collect();
    }
    let mut words: Vec<String> = title.split(' ').map(str::to_owned).collect();
    let mut longest = 0;
    for (at, word) in words.iter().enumerate() {
        if word.len() > words[longest].len() {
            longest = at;
        }
    }
    let mut c: Vec<char> = words[longest].chars().collect();
    let operation = rng.below(3);
    let at = rng.below(c.len().saturating_sub(1));
    match operation {
        0 => {
            c.remove(at);
        }
        1 if at + 1 < c.len() => c.swap(at, at + 1),
        1 => {}
        _ => c.insert(at, char::from(b'a' + rng.below(26) as u8)),
    }
    if !c.is_empty() {
        words[longest] = c.into_iter().collect();
    }
    if odd && let Some(last) = words.last_mut() {
        let keep = last.chars().count().div_ceil(2);
        *last = last.chars().take(keep).collect();
    }
    words.join(" ")
}

fn scale(folder: &str, count: usize) {
    let real: Vec<Faq> = read(folder, "faq.json");
    let chinese = real.first().is_some_and(|f| f.locale.starts_with("zh"));
    let phrases: Vec<String> = real
        .iter()
        .flat_map(|f| core::iter::once(f.title.clone()).chain(f.alternatives.iter().cloned()))
        .collect();
    let mut rng = Rng(1);
    let faqs: Vec<Faq> = (0..count)
        .map(|n| {
            let title = recombine(&mut rng, &phrases, chinese);
            let alternatives = (0..2)
                .map(|_| recombine(&mut rng, &phrases, chinese))
                .collect();
            let body: Vec<String> = (0..3)
                .map(|_| recombine(&mut rng, &phrases, chinese))
                .collect();
            Faq {
                id: format!("s{n}"),
                title,
                alternatives,
                body: body.join(if chinese { "。" } else { ". " }),
                category: format!("c{}", n % 20),
                locale: real[0].locale.clone(),
            }
        })
        .collect();
    let (index, built, build_ms) = open(&faqs);
    let bytes = built.bytes();
    let mut opens: Vec<f64> = (0..20)
        .map(|_| {
            let copy = bytes.clone();
            let start = Instant::now();
            let opened = Index::open(copy);
            let ms = start.elapsed().as_secs_f64() * 1000.0;
            assert!(opened.is_ok());
            ms
        })
        .collect();
    let mut rng = Rng(2);
    let (mut times, mut hits) = (Vec::new(), 0);
    let asked = 400;
    for n in 0..asked {
        let faq = &faqs[rng.below(faqs.len())];
        let query = edited(&mut rng, &faq.title, n % 2 == 1, chinese);
        let start = Instant::now();
        let results = index.search(&query, &SearchOptions::default());
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        hits += u32::from(results.hits.first().is_some_and(|h| h.id == faq.id));
    }
    println!(
        "{count} entries: hit@1 {:.1}, p50 {:.3} ms, p99 {:.3} ms, build {:.0} ms, open {:.3} ms, titles {} + bodies {} bytes",
        100.0 * f64::from(hits) / f64::from(asked),
        quantile(&mut times, 0.5),
        quantile(&mut times, 0.99),
        build_ms,
        quantile(&mut opens, 0.5),
        built.titles.len(),
        built.bodies.len()
    );
    if let Ok(path) = std::env::var("FAQ_QUALITY_OUT") {
        std::fs::write(path, &bytes).expect("writes");
    }
}
