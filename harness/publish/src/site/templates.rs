//! The templates, which escape whatever they are given, and refuse to leave out what they are not.

use anyhow::Context as _;
use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig,
    value::Serde,
};
use serde::Serialize;

/// Name and text of each template.
const TEMPLATES: &[(&str, &str)] = &[
    ("page.html", include_str!("page.html")),
    ("chips.html", include_str!("chips.html")),
    ("first.html", include_str!("first.html")),
    ("grid.html", include_str!("grid.html")),
    ("elsewhere.html", include_str!("elsewhere.html")),
    ("evidence.html", include_str!("evidence.html")),
    ("cells.html", include_str!("cells.html")),
    ("costs.html", include_str!("costs.html")),
    ("idioms.html", include_str!("idioms.html")),
    ("lengths.html", include_str!("lengths.html")),
    ("machine.html", include_str!("machine.html")),
    ("scaling.html", include_str!("scaling.html")),
    ("provenance.html", include_str!("provenance.html")),
    ("timeline.svg", include_str!("timeline.svg")),
    ("dots.svg", include_str!("dots.svg")),
    ("grid.svg", include_str!("grid.svg")),
    ("bars.svg", include_str!("bars.svg")),
];

/// The templates, ready to use.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// When one of them is no template, which a test finds.
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // SVG is escaped like HTML.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(escaped);
        // A tag on a line of its own leaves no line behind.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?;
        environment.set_syntax(syntax);
        for (name, text) in TEMPLATES {
            environment
                .add_template(name, text)
                .with_context(|| format!("the template {name} cannot be read"))?;
        }
        Ok(Self(environment))
    }

    /// Fills one in.
    ///
    /// # Errors
    ///
    /// When the template asks for what `with` does not have, which a test finds.
    pub(super) fn fill(&self, name: &str, with: impl Serialize) -> anyhow::Result<String> {
        let template = self.0.get_template(name);
        template
            .and_then(|template| template.render(Serde(with)))
            .with_context(|| format!("the template {name} cannot be filled in"))
    }
}

/// As minijinja escapes, but for slashes, which end nothing here and of which cells are full.
fn escaped(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let Some(text) = value.as_str().filter(|_| !value.is_safe()) else {
        return minijinja::escape_formatter(out, state, value);
    };
    let mut rest = text;
    while let Some(place) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..place])?;
        out.write_str(match rest.as_bytes()[place] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[place + 1..];
    }
    out.write_str(rest)?;
    Ok(())
}
