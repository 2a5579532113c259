use std::rc::Rc;

use super::*;

const EXTENT_BYTES: u64 = 4096;
const MDA: u64 = 8192;
const MDA_BYTES: u64 = 8192;

/// A physical volume with the description of its group, whose data begins at 32 KiB.
fn physical(id: &str, text: &str, offset: u64) -> Vec<u8> {
    let mut bytes = vec![0; 64 << 10];
    let mut put = |at: u64, part: &[u8]| {
        bytes[at as usize..at as usize + part.len()].copy_from_slice(part);
    };
    put(512, b"LABELONE");
    put(512 + 20, &32_u32.to_le_bytes());
    put(512 + 24, b"LVM2 001");
    put(544, id.as_bytes());
    put(544 + 40, &(32_u64 << 10).to_le_bytes());
    put(544 + 72, &MDA.to_le_bytes());
    put(544 + 80, &MDA_BYTES.to_le_bytes());
    put(MDA + 4, b" LVM2 x[5A%r0N*>");
    put(MDA + 24, &MDA.to_le_bytes());
    put(MDA + 32, &MDA_BYTES.to_le_bytes());
    put(MDA + 40, &offset.to_le_bytes());
    put(MDA + 48, &(text.len() as u64).to_le_bytes());
    let here = text.len().min((MDA_BYTES - offset) as usize);
    put(MDA + offset, &text.as_bytes()[..here]);
    put(MDA + 512, &text.as_bytes()[here..]);
    for extent in 0..8_u8 {
        put((32 << 10) + u64::from(extent) * EXTENT_BYTES, &[id.as_bytes()[0], extent]);
    }
    bytes
}

fn group(seqno: u32, segments: &str) -> String {
    let physical = |name: &str, id: char| {
        let id: String = std::iter::repeat_n(id, 32).collect();
        let (head, tail) = id.split_at(6);
        format!("{name} {{ id = \"{head}-{tail}\" pe_start = 64 pe_count = 8 }}\n")
    };
    let (a, b) = (physical("pv0", 'A'), physical("pv1", 'B'));
    format!(
        "# made by hand\nthe-group {{ seqno = {seqno} extent_size = 8\nstatus = [\"RESIZEABLE\", \"READ\"]\n\
         physical_volumes {{ {a}{b} }}\nlogical_volumes {{\nroot {{ status = [\"READ\", \"VISIBLE\"] {segments} }}\n\
         hidden {{ status = [\"READ\"] }}\n}}\n}}\ncontents = \"Text Format Volume Group\"\n"
    )
}

fn segment(number: u32, start: u32, count: u32, stripes: &str) -> String {
    format!(
        "segment{number} {{ start_extent = {start} extent_count = {count} type = \"striped\" stripe_count = 1 stripes = [ {stripes} ] }}\n"
    )
}

/// The volumes on two partitions, whose descriptions are these.
fn volumes(texts: [&str; 2], offset: u64) -> Vec<lvm::Volume> {
    let on = |id: char, text: &str| {
        let id: String = std::iter::repeat_n(id, 32).collect();
        let device: Rc<dyn Device> = Rc::new(physical(&id, text, offset));
        Extent { size_bytes: device.size_bytes(), device, start: 0 }
    };
    lvm::volumes(&[on('A', texts[0]), on('B', texts[1])]).unwrap()
}

#[test]
fn logical_volumes_are_put_together_of_their_parts() {
    let segments = segment(2, 2, 1, "\"pv1\", 5") + &segment(1, 0, 2, "\"pv0\", 3");
    let text = group(2, &segments);
    // At its place, and where it goes on at the beginning of its area.
    for offset in [512, MDA_BYTES - 100] {
        let volumes = volumes([&text, &group(1, "")], offset);
        let names: Vec<_> = volumes.iter().map(|it| (it.name.as_str(), it.path.as_str())).collect();
        assert_eq!(names, [("the--group-root", "the-group/root")]);
        let device = volumes[0].device.as_ref().unwrap();
        assert_eq!(device.size_bytes(), 3 * EXTENT_BYTES);
        let at = |extent| array::<2>(&**device, extent * EXTENT_BYTES).unwrap();
        assert_eq!([at(0), at(1), at(2)], [[b'A', 3], [b'A', 4], [b'B', 5]]);
    }
}

#[test]
fn volumes_that_are_not_read_say_why() {
    let of = |segments: &str| {
        let text = group(1, segments);
        let volume = volumes([&text, &text], 512).remove(0);
        let Err(error) = volume.device else { panic!("it can be read") };
        error.to_string()
    };
    let mirrored = segment(1, 0, 1, "\"pv0\", 0").replace("striped", "raid1");
    assert_eq!(of(&mirrored), "logical volumes of type 'raid1' are not read");
    let huge = segment(1, 0, 1, "\"pv0\", 18446744073709551615");
    assert_eq!(of(&huge), "the volume group is malformed: a segment is larger than any disk");
    let lost = segment(1, 0, 1, "\"pv7\", 0");
    assert_eq!(of(&lost), "the volume group is malformed: it has no volume 'pv7'");
}

#[test]
fn partitions_larger_than_any_disk_are_none_and_others_are() {
    let mut disk = vec![0; 8192];
    let mut put = |at: usize, part: &[u8]| disk[at..at + part.len()].copy_from_slice(part);
    put(512, b"EFI PART");
    put(512 + 72, &2_u64.to_le_bytes());
    put(512 + 80, &4_u32.to_le_bytes());
    put(512 + 84, &128_u32.to_le_bytes());
    for (at, (first, last)) in
        [(0, u64::MAX), (9, 8), (1 << 60, 1 << 60), (8, 9)].iter().enumerate()
    {
        put(1024 + 128 * at, &[1; 16]);
        put(1024 + 128 * at + 32, &u64::to_le_bytes(*first));
        put(1024 + 128 * at + 40, &u64::to_le_bytes(*last));
    }
    let disk: Rc<dyn Device> = Rc::new(disk);
    let found = partitions::of(&disk).unwrap();
    let places: Vec<_> =
        found.iter().map(|it| (it.number, it.extent.start, it.extent.size_bytes)).collect();
    assert_eq!(places, [(4, 4096, 1024)]);
}
