//! Logical volumes (LVM2): what is on one or several partitions of a disk, as `lib/format_text` of LVM
//! writes it. Volumes whose parts lie one behind the other are read; mirrors, thin ones and snapshots are
//! not.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    bytes::{le_u32, le_u64},
    device::{Device, Extent, Joined, array},
};
use crate::Error;

const SECTOR_BYTES: u64 = 512;
const MDA_MAGIC: &[u8] = b" LVM2 x[5A%r0N*>";
/// Longest description of a group.
const LONGEST_TEXT_BYTES: u64 = 4 << 20;
/// Most areas of a volume, parts of a value, and levels of a description.
const MOST_AREAS: usize = 16;
const MOST_VALUES: usize = 100_000;
const MOST_LEVELS: u32 = 16;

/// A logical volume.
pub(crate) struct Volume {
    /// As the device mapper calls it: `group-name`, dashes within either doubled.
    pub(crate) name: String,
    /// Its group's and its own name, with a slash between.
    pub(crate) path: String,
    /// Its bytes, or why they can't be read.
    pub(crate) device: Result<Rc<dyn Device>, Error>,
}

/// A physical volume: what lies on a partition.
struct Physical {
    id: String,
    extent: Extent,
    text: Option<String>,
}

/// Whether a partition is a physical volume.
pub(crate) fn is_physical(device: &dyn Device) -> bool {
    label(device).is_some()
}

/// The logical volumes on these partitions.
pub(crate) fn volumes(partitions: &[Extent]) -> Result<Vec<Volume>, Error> {
    let physical: Vec<Physical> = partitions.iter().filter_map(read).collect();
    let mut groups: BTreeMap<&str, Section> = BTreeMap::new();
    // Each has the description of its group; the latest counts.
    for text in physical.iter().filter_map(|physical| physical.text.as_deref()) {
        for (name, group) in Parser::new(text).section()?.sections {
            let newer = |known: &Section| group.number("seqno") > known.number("seqno");
            if groups.get(name).is_none_or(newer) {
                groups.insert(name, group);
            }
        }
    }
    Ok(groups.iter().flat_map(|(name, group)| of_group(name, group, &physical)).collect())
}

fn of_group(group_name: &str, group: &Section, physical: &[Physical]) -> Vec<Volume> {
    let Some(volumes) = group.sections.get("logical_volumes") else { return Vec::new() };
    let is_shown = |volume: &Section| volume.has("status", "VISIBLE");
    let dashed = |name: &str| name.replace('-', "--");
    volumes
        .sections
        .iter()
        .filter(|(_, volume)| is_shown(volume))
        .map(|(name, volume)| Volume {
            name: format!("{}-{}", dashed(group_name), dashed(name)),
            path: format!("{group_name}/{name}"),
            device: joined(group, volume, physical).map(|it| Rc::new(it) as Rc<dyn Device>),
        })
        .collect()
}

/// The parts of a volume, one behind the other.
fn joined(group: &Section, volume: &Section, physical: &[Physical]) -> Result<Joined, Error> {
    let extent_bytes = group.number("extent_size").saturating_mul(SECTOR_BYTES);
    let mut parts: Vec<(u64, Extent)> = Vec::new();
    for segment in volume.sections.values() {
        let kind = segment.text("type");
        if kind != "striped" || segment.number("stripe_count") != 1 {
            return Err(Error::Unsupported(format!(
                "logical volumes of type '{kind}' are not read"
            )));
        }
        let [Value::Text(name), Value::Number(first), ..] = segment.list("stripes") else {
            return Err(malformed("a segment tells no place"));
        };
        let about = group.sections.get("physical_volumes").and_then(|all| all.sections.get(name));
        let about = about.ok_or_else(|| malformed(format!("it has no volume '{name}'")))?;
        let id = about.text("id").replace('-', "");
        let on = physical.iter().find(|physical| physical.id == id);
        let on = on.ok_or_else(|| Error::Missing(format!("physical volume '{name}'")))?;
        let start = about.number("pe_start").checked_mul(SECTOR_BYTES).and_then(|start| {
            start.checked_add(first.checked_mul(extent_bytes)?)?.checked_add(on.extent.start)
        });
        let size_bytes = segment.number("extent_count").checked_mul(extent_bytes);
        let (Some(start), Some(size_bytes)) = (start, size_bytes) else {
            return Err(malformed("a segment is larger than any disk"));
        };
        let extent = Extent { device: Rc::clone(&on.extent.device), start, size_bytes };
        parts.push((segment.number("start_extent"), extent));
    }
    parts.sort_by_key(|(start, _)| *start);
    Ok(Joined(parts.into_iter().map(|(_, extent)| extent).collect()))
}

/// The sector that says that a partition is a physical volume: one of the first four.
fn label(device: &dyn Device) -> Option<(u64, [u8; 512])> {
    (0..4).find_map(|sector| {
        let place = sector * SECTOR_BYTES;
        let block = array::<512>(device, place).ok()?;
        let is_label = block.starts_with(b"LABELONE") && block.get(24..32)? == b"LVM2 001";
        is_label.then_some((place, block))
    })
}

fn read(extent: &Extent) -> Option<Physical> {
    let (_, block) = label(extent)?;
    let header = block.get(le_u32(&block, 20) as usize..)?;
    let id = String::from_utf8_lossy(header.get(..32)?).into_owned();
    // Places and sizes: those of data, then those of descriptions, each list ended by a place of 0.
    let (areas, _) = header.get(40..)?.as_chunks::<16>();
    let mut lists = areas.split(|area| le_u64(area, 0) == 0);
    let text = lists.nth(1)?.iter().take(MOST_AREAS).find_map(|area| text(extent, le_u64(area, 0)));
    Some(Physical { id, extent: extent.clone(), text })
}

/// The description in an area, which may go on at the area's beginning.
fn text(device: &dyn Device, area: u64) -> Option<String> {
    let header = array::<512>(device, area).ok()?;
    if header.get(4..20)? != MDA_MAGIC {
        return None;
    }
    let (area_bytes, offset, size) =
        (le_u64(&header, 32), le_u64(&header, 40), le_u64(&header, 48));
    if size > LONGEST_TEXT_BYTES || offset >= area_bytes || size > area_bytes {
        return None;
    }
    let mut text = vec![0; size as usize];
    let here = size.min(area_bytes - offset) as usize;
    let (now, later) = text.split_at_mut(here);
    device.read_at(now, area.checked_add(offset)?).ok()?;
    device.read_at(later, area.checked_add(SECTOR_BYTES)?).ok()?;
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    text.truncate(end);
    String::from_utf8(text).ok()
}

/// A part of a description.
#[derive(Clone, Debug, Default)]
struct Section<'a> {
    values: BTreeMap<&'a str, Vec<Value<'a>>>,
    sections: BTreeMap<&'a str, Section<'a>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> Section<'a> {
    fn list(&self, name: &str) -> &[Value<'a>] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    fn number(&self, name: &str) -> u64 {
        match self.list(name) {
            [Value::Number(number)] => *number,
            _ => 0,
        }
    }

    fn text(&self, name: &str) -> &'a str {
        match self.list(name) {
            [Value::Text(text)] => text,
            _ => "",
        }
    }

    fn has(&self, name: &str, text: &str) -> bool {
        self.list(name).contains(&Value::Text(text))
    }
}

/// Reads `name = value`, `name = [value, …]` and `name { … }`, with comments behind `#`.
struct Parser<'a> {
    rest: &'a str,
    values: usize,
    level: u32,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, values: 0, level: 0 }
    }

    /// Up to the brace that ends it, or the end of all.
    fn section(&mut self) -> Result<Section<'a>, Error> {
        self.level += 1;
        if self.level > MOST_LEVELS {
            return Err(malformed("its parts are in too many others"));
        }
        let mut section = Section::default();
        while let Some(name) = self.token() {
            if name == "}" {
                break;
            }
            match self.token() {
                Some("{") => drop(section.sections.insert(name, self.section()?)),
                Some("=") => drop(section.values.insert(name, self.value()?)),
                _ => return Err(malformed(format!("'{name}' has no value"))),
            }
        }
        self.level -= 1;
        Ok(section)
    }

    fn value(&mut self) -> Result<Vec<Value<'a>>, Error> {
        let mut values = Vec::new();
        let mut token = self.token();
        let is_list = token == Some("[");
        if is_list {
            token = self.token();
        }
        while let Some(text) = token.filter(|token| *token != "]") {
            self.values += 1;
            if self.values > MOST_VALUES {
                return Err(malformed("it has too many values"));
            }
            values.extend(value(text));
            if !is_list {
                break;
            }
            token = self.token();
        }
        Ok(values)
    }

    fn token(&mut self) -> Option<&'a str> {
        loop {
            self.rest =
                self.rest.trim_start_matches(|char: char| char.is_whitespace() || char == ',');
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        let end = match self.rest.chars().next()? {
            '{' | '}' | '[' | ']' | '=' => 1,
            '"' => 2 + self.rest.get(1..)?.find('"')?,
            _ => {
                let is_end = |char: char| char.is_whitespace() || "{}[]=,#\"".contains(char);
                self.rest.find(is_end).unwrap_or(self.rest.len())
            }
        };
        let (token, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(token)
    }
}

fn value(token: &str) -> Option<Value<'_>> {
    match token.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(text) => Some(Value::Text(text)),
        None => token.parse().ok().map(Value::Number),
    }
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the volume group", why)
}
