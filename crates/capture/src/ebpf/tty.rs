//! What terminals show and what is typed into them, as programs in the kernel hand it on: `bpf/tty.h`.

use event::tty::{Told as Terminal, Way};

use super::told::Told;

/// Appends the data of a notice; whether there is one.
pub(super) fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> bool {
    let Some(terminal) = of(record) else { return false };
    terminal.write_notice(out);
    true
}

fn of<'a>(record: &Told<'a>) -> Option<Terminal<'a>> {
    let [tty, way, bytes, missing, text] = record.fields()?;
    let number = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    Some(Terminal {
        tty: u32::from_le_bytes(tty.try_into().ok()?),
        way: match way {
            [0] => Way::Shown,
            [1] => Way::Typed,
            _ => return None,
        },
        bytes: number(bytes)?,
        missing: number(missing)?,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::told::tests::record_of, *};

    fn told(fields: &[&[u8]]) -> Option<String> {
        let bytes = record_of(fields);
        let record = Told { cpu: 0, kind: super::super::told::TERMINAL, bytes: &bytes };
        let mut out = Vec::new();
        write_notice(&record, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_record_becomes_a_notice() {
        let number = |number: u64| number.to_le_bytes();
        let tty = 34_819_u32.to_le_bytes();
        assert_eq!(
            told(&[&tty, &[0], &number(3), &number(0), b"$ \x07"]).as_deref(),
            Some(r#"{"tty":34819,"way":"shown","bytes":3,"text":"$ \u0007"}"#)
        );
        assert_eq!(
            told(&[&tty, &[1], &number(900), &number(7), b"id\n"]).as_deref(),
            Some(r#"{"tty":34819,"way":"typed","bytes":900,"missing":7,"text":"id\n"}"#)
        );
    }

    #[test]
    fn what_is_no_such_record_becomes_none() {
        let (tty, number) = ([0; 4], [0; 8]);
        for fields in [
            &[][..],
            &[&tty[..], &[0], &number, &number],
            &[&tty[..], &[2], &number, &number, b"x"],
            &[&tty[..], &[], &number, &number, b"x"],
            &[&tty[..3], &[0], &number, &number, b"x"],
            &[&tty[..], &[0], &number[..7], &number, b"x"],
            &[&tty[..], &[0], &number, &[], b"x"],
        ] {
            assert_eq!(told(fields), None, "{fields:?}");
        }
    }
}
