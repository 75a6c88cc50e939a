//! The colours, once for light and once for dark: the page has them as variables, a picture spelled out.

use std::fmt::Write as _;

/// One colour by its role.
struct Colour {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name, light, dark }
}

/// Branches beyond these begin again at the first; their letters go on.
pub(super) const BRANCH_COLOURS: u32 = 6;

const COLOURS: &[Colour] = &[
    colour("paper", "#fbfaf7", "#15171a"),
    colour("raised", "#ffffff", "#1d2024"),
    colour("ink", "#1f2328", "#e9e7e2"),
    colour("quiet", "#565b62", "#a7abb2"),
    colour("line", "#dcd8cf", "#353a40"),
    colour("track", "#eeebe4", "#25292e"),
    colour("accent", "#1c5d8c", "#8cc4ee"),
    colour("holds", "#1b6642", "#74d0a2"),
    colour("refuted", "#a3302a", "#f39a91"),
    colour("open", "#765500", "#e2c06c"),
    colour("b0", "#1c5d8c", "#6cb2e4"),
    colour("on-b0", "#ffffff", "#0d1a24"),
    colour("b1", "#e3a32f", "#ecb854"),
    colour("on-b1", "#231a05", "#231a05"),
    colour("b2", "#75509b", "#b998e2"),
    colour("on-b2", "#ffffff", "#1c1129"),
    colour("b3", "#3f9b77", "#68c69f"),
    colour("on-b3", "#06170f", "#06170f"),
    colour("b4", "#b04a3e", "#e58e82"),
    colour("on-b4", "#ffffff", "#2a0d09"),
    colour("b5", "#6a6d72", "#a0a3a8"),
    colour("on-b5", "#ffffff", "#141516"),
];

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// What stands behind the name of a picture's file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn of(self, colour: &Colour) -> &'static str {
        match self {
            Theme::Light => colour.light,
            Theme::Dark => colour.dark,
        }
    }
}

/// The variables of a theme, as CSS declarations.
pub(super) fn variables(theme: Theme) -> String {
    let mut css = String::new();
    for colour in COLOURS {
        let _ = write!(css, "--{}:{};", colour.name, theme.of(colour));
    }
    css
}

/// A style sheet with every `var(--name)` replaced by the colour, for pictures outside of the page.
pub(super) fn spelled_out(css: &str, theme: Theme) -> String {
    COLOURS.iter().fold(css.to_owned(), |css, colour| {
        css.replace(&format!("var(--{})", colour.name), theme.of(colour))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG 2.2 defines it.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn named(name: &str, theme: Theme) -> &'static str {
        theme.of(COLOURS.iter().find(|colour| colour.name == name).unwrap())
    }

    #[test]
    fn contrast_is_computed_as_it_is_defined() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        // The grey that is known to be just enough on white.
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn all_text_can_be_read_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            for ground in ["paper", "raised", "track"] {
                for text in ["ink", "quiet", "accent", "holds", "refuted", "open"] {
                    let contrast = contrast(named(text, theme), named(ground, theme));
                    assert!(
                        contrast >= 4.5,
                        "{text} on {ground}, {theme:?}: {contrast:.2}"
                    );
                }
            }
            for branch in 0..BRANCH_COLOURS {
                let (fill, letter) = (format!("b{branch}"), format!("on-b{branch}"));
                let letters = contrast(named(&fill, theme), named(&letter, theme));
                assert!(letters >= 4.5, "{letter}, {theme:?}: {letters:.2}");
                // Neighbours in a lane are told apart by lightness, too.
                let ground = contrast(named(&fill, theme), named("track", theme));
                assert!(ground >= 1.8, "{fill} on its lane, {theme:?}: {ground:.2}");
            }
        }
    }

    #[test]
    fn a_picture_has_no_variable_left() {
        let css = spelled_out(".a{fill:var(--b0);color:var(--on-b0)}", Theme::Light);
        assert_eq!(css, ".a{fill:#1c5d8c;color:#ffffff}");
        assert!(variables(Theme::Dark).contains("--ink:#e9e7e2;"));
    }
}
