//! What programs write to terminals, and lines of it.

use event::tty::{Screen, Told, Way};

/// The bytes as a program wrote them, in one piece and in several.
pub(crate) fn run(data: &[u8]) {
    let notice = |text| {
        let mut notice = Vec::new();
        Told { tty: 1, way: Way::Shown, bytes: 0, missing: 0, text }.write_notice(&mut notice);
        notice
    };
    assert!(std::str::from_utf8(&notice(data)).is_ok());
    let text = String::from_utf8_lossy(data);
    let whole = lines([&*text].into_iter());
    let middle = text.chars().count() / 2;
    let middle = text.char_indices().nth(middle).map_or(text.len(), |(at, _)| at);
    let (first, second) = text.split_at(middle);
    assert_eq!(lines([first, second].into_iter()), whole);
    for line in whole {
        assert!(!line.contains(char::is_control) && line.chars().count() <= 1024, "{line:?}");
    }
}

fn lines<'t>(pieces: impl Iterator<Item = &'t str>) -> Vec<String> {
    let (mut screen, mut lines) = (Screen::default(), Vec::new());
    pieces.for_each(|piece| screen.write(piece, &mut |line| lines.push(line)));
    lines.extend(screen.take());
    lines
}
