//! Older records, lifted to what this harness reads.
//!
//! The rule: a field that is added carries a serde default, is not written while it has it, and does
//! not change [`SCHEMA`]. Whatever changes the meaning of a field, or takes one away, raises it by one
//! and gets a step here, which turns the JSON of the version before into that of the next. So every
//! record that was ever written can be read, and what follows knows one version only.

use serde_json::Value;

use super::SCHEMA;

/// Lifts the head of a record of this version.
pub(super) fn header(head: &mut Value, version: u32) {
    if version == 1 {
        from_1(head);
    }
    // 2 to 3: there is another event, `cost`, and nothing of what there was has changed.
    if version < 4 {
        from_3(head);
    }
    head["schema"] = SCHEMA.into();
}

/// The revision had a `+` where there were changes that were not committed; that is a field now.
fn from_1(head: &mut Value) {
    let Some(host) = head.get_mut("host").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(revision) = host.get("revision").and_then(Value::as_str) else {
        return;
    };
    let (plain, dirty) = match revision.strip_suffix('+') {
        Some(plain) => (plain.to_owned(), true),
        None => (revision.to_owned(), false),
    };
    host.insert("revision".to_owned(), plain.into());
    host.insert("dirty".to_owned(), dirty.into());
}

/// A promise was tried before a measurement if it was quick. Since then all are.
fn from_3(head: &mut Value) {
    let entrants = head.get_mut("entrants").and_then(Value::as_array_mut);
    for entrant in entrants.into_iter().flatten() {
        let checks = entrant.get_mut("checks").and_then(Value::as_array_mut);
        for check in checks
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            // Anything else was never right, and is left to the reader to find.
            if check.get("quick").is_some_and(Value::is_boolean) {
                check.remove("quick");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_mark_of_a_changed_checkout_becomes_a_field() {
        let lifted = |revision: Value| {
            let mut head = json!({"schema": 1, "host": {"revision": revision}});
            header(&mut head, 1);
            head
        };
        assert_eq!(
            lifted("abc+".into()),
            json!({"schema": SCHEMA, "host": {"revision": "abc", "dirty": true}})
        );
        assert_eq!(
            lifted("abc".into()),
            json!({"schema": SCHEMA, "host": {"revision": "abc", "dirty": false}})
        );
        assert_eq!(
            lifted(Value::Null),
            json!({"schema": SCHEMA, "host": {"revision": null}})
        );
    }

    #[test]
    fn whether_a_promise_was_quick_is_no_field_any_more() {
        let head = |checks: Value| json!({"entrants": [{"name": "a"}, {"checks": checks}]});
        for version in 1..=3 {
            let mut lifted =
                head(json!([{"name": "b", "quick": true}, {"quick": false}, {"quick": 1}, 2]));
            header(&mut lifted, version);
            let expected = head(json!([{"name": "b"}, {}, {"quick": 1}, 2]));
            assert_eq!(lifted["entrants"], expected["entrants"]);
        }
    }

    #[test]
    fn what_is_no_object_is_left_to_the_reader() {
        for head in [
            json!({}),
            json!({"host": 1}),
            json!({"host": {"revision": 7}}),
        ] {
            let mut lifted = head.clone();
            header(&mut lifted, 1);
            assert_eq!(lifted["host"], head["host"]);
        }
    }
}
