//! Records of any bytes: the head, a NUL, and the events.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    let samples = bytes.get(end + 1..).unwrap_or_default();
    fuzz::read(&bytes[..end], samples);
});
