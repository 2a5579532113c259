//! Records this host and prints each event: `live [SECONDS] [CALL,CALL...]`.

use std::time::{Duration, Instant};

use capture::{
    Next,
    ebpf::{Live, Options},
};
use event::snapshot::Record;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().and_then(|s| s.parse().ok()).unwrap_or(2);
    let calls = args.next().map(|list| list.split(',').map(str::to_owned).collect());
    let quiet = args.next().is_some();
    let started = Instant::now();
    let mut live = Live::start(&Options {
        calls,
        failed_opens: std::env::var_os("FAILED").is_some(),
        hook: match std::env::var_os("DISPATCHER") {
            Some(_) => capture::ebpf::Hook::Dispatcher,
            None => capture::ebpf::Hook::Auto,
        },
        ..Options::default()
    })?;
    for refused in live.refused() {
        eprintln!("refused: {}: {}", refused.name, refused.why);
    }
    eprintln!("{:?}", live.path());
    eprintln!("{} programs in {:?}", live.programs(), started.elapsed());
    let mut costs: Vec<(u32, String)> = libbpf_rs::query::ProgInfoIter::default()
        .map(|info| (info.verified_insns, info.name.to_string_lossy().into_owned()))
        .collect();
    costs.sort();
    eprintln!(
        "verified: {} in all, most: {:?}",
        costs.iter().map(|c| u64::from(c.0)).sum::<u64>(),
        costs.iter().rev().take(12).collect::<Vec<_>>()
    );
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut events = 0u64;
    while Instant::now() < until {
        if let Next::Record(Record::Event(event)) = live.next_within(Duration::from_millis(100)) {
            events += 1;
            if quiet {
                continue;
            }
            let params: Vec<String> = (0..event.param_count())
                .map(|at| {
                    let bytes = event.bytes(at).unwrap_or_default();
                    let int = event.int(at).map_or(String::new(), |int| int.to_string());
                    let name = event.kind.info().params.get(at).map_or("", |p| p.name);
                    format!(
                        "{name}={int}{:?}",
                        String::from_utf8_lossy(bytes.get(..60).unwrap_or(bytes))
                    )
                })
                .collect();
            println!("{} {} {}", event.tid, event.kind.info().name, params.join(" "));
        }
    }
    eprintln!("{events} events");
    Ok(())
}
