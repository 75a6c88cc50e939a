//! What cannot be true of what the compiler said.

use crate::check::Wrongs;
use harness_record::demands::Demands;

/// What the compiler said, or why nobody knows.
pub(in crate::check) fn demands(demands: &Demands, wrongs: &mut Wrongs) {
    let said = !demands.spawns.is_empty();
    wrongs.unless(said != demands.unknown.is_some(), "/spawns", || {
        "there is none, nor a reason why in unknown".to_owned()
    });
    wrongs.unless(said != demands.compiler.is_empty(), "/compiler", || {
        "it stands beside spawns, and only there".to_owned()
    });
    for (index, asked) in demands.spawns.iter().enumerate() {
        let at = format!("/spawns/{index}");
        if let Some(why) = asked.spawn.wrong() {
            wrongs.add(format!("{at}/spawn/call"), why);
        }
        let named = !asked.spawn.name.is_empty();
        wrongs.unless(named, &format!("{at}/spawn/name"), || {
            "it is empty".to_owned()
        });
        for (index, pair) in asked.pairs.iter().enumerate() {
            let at = format!("{at}/pairs/{index}");
            let named = !pair.case.is_empty();
            wrongs.unless(named, &format!("{at}/case"), || "it is empty".to_owned());
            for (index, complaint) in pair.refused.iter().enumerate() {
                let at = format!("{at}/refused/{index}");
                let code = complaint.code.as_deref();
                wrongs.unless(code != Some(""), &format!("{at}/code"), || {
                    "it is empty".to_owned()
                });
                let message = !complaint.message.is_empty();
                wrongs.unless(message, &format!("{at}/message"), || {
                    "it is empty".to_owned()
                });
            }
        }
    }
}
