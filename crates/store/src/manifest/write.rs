//! Writes `incident.json`, never larger than what is read again.

use super::{MAX_MANIFEST_BYTES, Manifest};
use crate::Error;

impl Manifest {
    /// The text of its `incident.json`. Should it be too large, as can be only if its alerts came
    /// from elsewhere than [`Manifest::add`], the last of them are left out.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it is too large even without alerts.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let text = self.text();
        if text.len() as u64 <= MAX_MANIFEST_BYTES {
            return Ok(text);
        }
        let mut fitting = self.clone();
        loop {
            let text = fitting.text();
            let (bytes, kept) = (text.len(), fitting.alerts.len());
            if bytes as u64 <= MAX_MANIFEST_BYTES {
                return Ok(text);
            }
            if kept == 0 {
                return Err(Error::TooLarge { id: self.id, bytes, max: MAX_MANIFEST_BYTES });
            }
            fitting.alerts.truncate(kept / 2);
        }
    }

    fn text(&self) -> Vec<u8> {
        // Only values that JSON has no form for can fail, and there are none.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}
