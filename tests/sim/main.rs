//! Deterministic simulation: visitors with several tabs each, their devices' stores, a network and a
//! desk on virtual time, every fault drawn from one seed; then all heals, and what is shown and what
//! the desk has must be what was promised. The engine is the real one.
//!
//! | Command | |
//! |---|---|
//! | `npm run sim -- --seeds 100000 [--from N] [--jobs N]` | plays seeds, and says how many a second |
//! | `npm run sim -- --seed N` | the trace of one seed, shrunk where it fails |
//! | `npm run sim -- --script FILE` | the trace of a run that is kept |
//! | `npm run sim -- --mutations [--once] [--bug NAME]` | plants bugs, and says which seeds catch them |
//!
//! `seeds/` keeps the runs that once failed. Without arguments they are played, and some seeds.
#![allow(
    clippy::disallowed_types,
    reason = "seeds a second are told by a clock"
)]

#[path = "../world/mod.rs"]
mod world;

mod acts;
mod agents;
mod asks;
mod browser;
mod device;
mod files;
mod identity;
mod judge;
mod ledger;
mod planted;
mod play;
mod refused;
mod requests;
mod run;
mod said;
mod script;
mod tab;
mod verdict;
mod wire;

use planted::Bug;
use play::{kind_of, play, shrink, trace};
use script::Script;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What a run of many seeds came to.
#[derive(Default)]
struct Tally {
    seeds: u64,
    inputs: u64,
    /// Seed and failure.
    failed: Vec<(u64, String)>,
}

/// Plays seeds on several threads, in turn, until so many have failed.
fn play_all(from: u64, seeds: u64, jobs: usize, bug: Option<Bug>, failures_max: usize) -> Tally {
    let next = AtomicU64::new(from);
    let failures = AtomicU64::new(0);
    let work = || {
        let mut tally = Tally::default();
        while failures.load(Ordering::Relaxed) < failures_max as u64 {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                break;
            }
            let (failure, inputs) = play(&Script::draw(seed), bug);
            tally.seeds += 1;
            tally.inputs += u64::from(inputs);
            if let Some(failure) = failure {
                failures.fetch_add(1, Ordering::Relaxed);
                tally.failed.push((seed, failure));
            }
        }
        tally
    };
    let mut sum = Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let tally = worker.join().expect("a worker catches what panics");
            sum.seeds += tally.seeds;
            sum.inputs += tally.inputs;
            sum.failed.extend(tally.failed);
        }
    });
    sum.failed.sort();
    sum
}

/// The runs that once failed; how many there are, and which fail.
fn play_kept() -> (u64, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/seeds");
    let mut kept = 0;
    let mut failed = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        kept += 1;
        let failure = match text.parse::<Script>() {
            Ok(script) => play(&script, None).0,
            Err(wrong) => Some(wrong),
        };
        failed.extend(failure.map(|failure| format!("{}: {failure}", path.display())));
    }
    (kept, failed)
}

/// Tells of failures as they are to be mended: each shrunk, with its trace for the first.
fn report(failed: &[(u64, String)]) {
    for (seed, failure) in failed.iter().take(10) {
        println!("seed {seed}: {failure}");
    }
    let mut kinds: Vec<(String, u32)> = Vec::new();
    for (_, failure) in failed {
        let kind = kind_of(failure);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    for (kind, count) in kinds {
        println!("{count:>6} {kind}");
    }
    if let Some((seed, _)) = failed.first() {
        let script = shrink(&Script::draw(*seed));
        print!("{}", trace(&script));
        println!("\nto be kept in tests/sim/seeds once it is mended:\n{script}");
    }
}

/// Plants each bug and plays seeds until enough of them have caught it. Gives how many were not caught.
#[cfg(feature = "planted")]
fn mutations(seeds: u64, jobs: usize, failures_max: usize, only: &str) -> (u64, u64) {
    println!("{:<28} {:>10} {:>8}", "bug", "first seed", "share");
    let (mut caught, mut missed) = (0, 0);
    let all = Bug::all().into_iter();
    for bug in all.filter(|bug| format!("{bug:?}").contains(only)) {
        let tally = play_all(0, seeds, jobs, Some(bug), failures_max);
        let name = format!("{bug:?}").replace("Engine(", "").replace(')', "");
        let share = 100.0 * tally.failed.len() as f64 / tally.seeds.max(1) as f64;
        match tally.failed.first() {
            Some((seed, failure)) => {
                caught += 1;
                println!("{name:<28} {seed:>10} {share:>7.2}%  {}", kind_of(failure));
            }
            None => {
                missed += 1;
                println!("{name:<28} {:>10}", "NOT CAUGHT");
            }
        }
    }
    (caught, missed)
}

#[cfg(not(feature = "planted"))]
fn mutations(_: u64, _: usize, _: usize, _: &str) -> (u64, u64) {
    println!("planted bugs need the feature `planted`: npm run sim -- --mutations");
    (0, 1)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let word = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).map(String::as_str)
    };
    let number = |name: &str| word(name)?.replace(['_', ','], "").parse::<u64>().ok();
    std::panic::set_hook(Box::new(|_| {}));
    if let Some(path) = word("--script") {
        let text = std::fs::read_to_string(path).expect("a script");
        let script = text.parse().expect("a script");
        print!("{}", trace(&script));
        return;
    }
    if let Some(seed) = number("--seed") {
        let script = Script::draw(seed);
        let failed = play(&script, None).0.is_some();
        let script = if failed { shrink(&script) } else { script };
        print!("{}\n{script}", trace(&script));
        return;
    }
    let from = number("--from").unwrap_or(0);
    let seeds = number("--seeds").unwrap_or(300);
    let jobs = number("--jobs").unwrap_or(1).max(1) as usize;
    let (mut passed, mut failed) = (0, 0);
    if args.iter().any(|arg| arg == "--mutations") {
        let failures_max = if args.iter().any(|arg| arg == "--once") {
            1
        } else {
            100
        };
        (passed, failed) = mutations(
            number("--seeds").unwrap_or(10_000),
            jobs,
            failures_max,
            word("--bug").unwrap_or_default(),
        );
    } else {
        let started = Instant::now();
        let tally = play_all(from, seeds, jobs, None, 1_000);
        let a_second = tally.seeds as f64 / started.elapsed().as_secs_f64();
        report(&tally.failed);
        let (kept, broken) = play_kept();
        broken.iter().for_each(|line| println!("{line}"));
        println!(
            "{} seeds, {} inputs, {a_second:.0} seeds a second; {kept} runs that once failed",
            tally.seeds, tally.inputs
        );
        failed += tally.failed.len() as u64 + broken.len() as u64;
        passed += tally.seeds + kept - failed;
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {verdict}. {passed} passed; {failed} failed");
    if failed > 0 {
        std::process::exit(1);
    }
}
