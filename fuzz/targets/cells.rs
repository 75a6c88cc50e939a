//! Names of cells, as people and files write them: what is read is written again as it was meant.
#![no_main]

use harness_record::cell::{Cell, PartialCell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(why) = text.parse::<PartialCell>() {
        assert!(!why.is_empty());
    }
    let Ok(cell) = Cell::try_from(text.to_owned()) else {
        return;
    };
    let name = cell.to_string();
    let again = Cell::try_from(name.clone());
    assert_eq!(
        again.as_ref(),
        Ok(&cell),
        "{name} is another cell than {text}"
    );
});
