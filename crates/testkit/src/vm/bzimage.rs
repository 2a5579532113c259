//! The kernel within a bzImage: a small loader, then the kernel, compressed.
//!
//! Layout and offsets: "The Linux/x86 Boot Protocol" of the kernel's documentation. QEMU enters the
//! kernel itself through its PVH entry point, which saves the loader's seconds.

use std::io::{self, Read};

use thiserror::Error;

/// No kernel is larger; a damaged image must not fill the memory.
const MOST_BYTES: usize = 512 << 20;

/// How the formats that Debian's kernels come in begin: LZ4's older one, and zstd's.
const LZ4: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Why an image can't be unpacked.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("no boot header")]
    NoHeader,
    #[error("it ends within what its header promises")]
    Cut,
    #[error("compressed in a way that is not known here (it starts with {0:02x?})")]
    Compression([u8; 4]),
    #[error("it unpacks to {got} bytes, not to {wanted}")]
    Size { got: usize, wanted: usize },
    #[error("{0}")]
    Damaged(#[from] io::Error),
}

/// The ELF file within `image`.
pub(super) fn kernel(image: &[u8]) -> Result<Vec<u8>, Fault> {
    let payload = payload(image)?;
    let magic = *payload.first_chunk().ok_or(Fault::Cut)?;
    // Behind the compressed bytes stands how many they were.
    let (packed, size) = payload.split_last_chunk::<4>().ok_or(Fault::Cut)?;
    let wanted = u32::from_le_bytes(*size) as usize;
    if wanted > MOST_BYTES {
        return Err(Fault::Size { got: MOST_BYTES, wanted });
    }
    let unpacked = match magic {
        LZ4 => lz4(packed, wanted)?,
        ZSTD => zstd::bulk::decompress(packed, wanted)?,
        _ => return Err(Fault::Compression(magic)),
    };
    let got = unpacked.len();
    if got == wanted { Ok(unpacked) } else { Err(Fault::Size { got, wanted }) }
}

/// The compressed part, of which the header says where it is.
fn payload(image: &[u8]) -> Result<&[u8], Fault> {
    if image.get(0x202..0x206) != Some(b"HdrS") {
        return Err(Fault::NoHeader);
    }
    let setup_sectors = match image[0x1f1] {
        0 => 4,
        sectors => usize::from(sectors),
    };
    let loader = (setup_sectors + 1) * 512;
    let start = loader + u32_at(image, 0x248)?;
    let end = start + u32_at(image, 0x24c)?;
    image.get(start..end).ok_or(Fault::Cut)
}

fn u32_at(image: &[u8], at: usize) -> Result<usize, Fault> {
    let bytes = image.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Fault::Cut)?;
    Ok(u32::from_le_bytes(*bytes) as usize)
}

fn lz4(packed: &[u8], wanted: usize) -> Result<Vec<u8>, Fault> {
    let mut unpacked = Vec::with_capacity(wanted);
    let decoder = lz4_flex::frame::FrameDecoder::new(packed);
    // One more than wanted, so that too many are seen.
    decoder.take(wanted as u64 + 1).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image with a loader of one sector, whose kernel is `packed` and says that it is `size`.
    fn image(packed: &[u8], size: u32) -> Vec<u8> {
        let mut image = vec![0; 1024];
        image[0x1f1] = 1;
        image[0x202..0x206].copy_from_slice(b"HdrS");
        image[0x24c..0x250].copy_from_slice(&(packed.len() as u32 + 4).to_le_bytes());
        image.extend(packed);
        image.extend(size.to_le_bytes());
        image
    }

    fn zstd_packed(kernel: &[u8]) -> Vec<u8> {
        zstd::encode_all(kernel, 1).unwrap()
    }

    fn lz4_packed(kernel: &[u8]) -> Vec<u8> {
        let block = lz4_flex::block::compress(kernel);
        let length = (block.len() as u32).to_le_bytes();
        [&LZ4[..], &length, &block].concat()
    }

    #[test]
    fn a_kernel_is_what_was_packed() {
        let packed = b"the kernel, the kernel, the kernel";
        let size = packed.len() as u32;
        assert_eq!(kernel(&image(&zstd_packed(packed), size)).unwrap(), packed);
        assert_eq!(kernel(&image(&lz4_packed(packed), size)).unwrap(), packed);
    }

    #[test]
    fn a_damaged_image_says_what_is_wrong() {
        let whole = image(&zstd_packed(b"kernel"), 6);
        let cut = &whole[..whole.len() - 1];
        let cases = [
            (kernel(b"short"), "no boot header"),
            (kernel(cut), "it ends within what its header promises"),
            (kernel(&image(&lz4_packed(b"kernel"), 7)), "it unpacks to 6 bytes, not to 7"),
            (kernel(&image(b"\x1f\x8b\x08\x00", 9)), "compressed in a way that is not known here"),
        ];
        for (result, wanted) in cases {
            let why = result.unwrap_err().to_string();
            assert!(why.starts_with(wanted), "{why}");
        }
    }

    #[test]
    fn no_prefix_of_an_image_panics() {
        let whole = image(&lz4_packed(b"kernel"), 6);
        (0..whole.len()).for_each(|length| assert!(kernel(&whole[..length]).is_err()));
    }
}
