//! scratch
use libbpf_rs::{ObjectBuilder, PrintLevel, set_print};
use std::sync::Mutex;
static SAID: Mutex<String> = Mutex::new(String::new());
fn keep(_: PrintLevel, t: String) {
    let mut s = SAID.lock().unwrap();
    s.push_str(&t);
}
fn main() {
    set_print(Some((PrintLevel::Warn, keep)));
    let path = std::env::args().nth(1).unwrap();
    let lines: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let wanted: Vec<String> = std::env::args().skip(3).collect();
    let bytes = std::fs::read(path).unwrap();
    for want in wanted {
        let mut open = ObjectBuilder::default().open_memory(&bytes).unwrap();
        for mut p in open.progs_mut() {
            let n = p.name().to_string_lossy().into_owned();
            p.set_autoload(n == want);
        }
        SAID.lock().unwrap().clear();
        let at = std::time::Instant::now();
        match open.load() {
            Ok(_object) => {
                let v = libbpf_rs::query::ProgInfoIter::default()
                    .filter(|i| want.starts_with(i.name.to_string_lossy().trim_end_matches('\0')))
                    .map(|i| (i.verified_insns, i.xlated_prog_insns.len()))
                    .last();
                println!("OK {want} {v:?} {:?}", at.elapsed());
            }
            Err(e) => {
                let s = SAID.lock().unwrap();
                let v: Vec<&str> = s.lines().collect();
                println!("BAD {want} {e}");
                for l in &v[v.len().saturating_sub(lines)..] {
                    println!("   {l}");
                }
            }
        }
    }
}
