//! The universal scalability law: what `n` workers make of one worker's pace.
//!
//! ```text
//! C(n) = n / (1 + σ (n − 1) + κ n (n − 1))
//! ```
//!
//! σ, the *serial* part, is work that only one worker can do at a time; with κ = 0 the law is Amdahl's. κ, the
//! *exchange*, is what each pair of workers costs by keeping each other up to date: it makes the pace fall
//! again. N. J. Gunther, *A General Theory of Computational Scalability Based on Rational Functions* (2008),
//! arXiv:0808.1431.

/// The parameters of one curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// σ.
    pub serial: f64,
    /// κ.
    pub exchange: f64,
}

impl Law {
    /// C(n): how many times as fast as one worker.
    #[must_use]
    pub fn speedup(self, workers: f64) -> f64 {
        let others = workers - 1.0;
        workers / (1.0 + self.serial * others + self.exchange * workers * others)
    }

    /// The law nearest to speed-ups at so many workers, by least squares of n / C(n) − 1, in which the
    /// law is linear. Neither parameter is below nought: a negative one would be a machine that gets
    /// faster by being shared.
    ///
    /// `None` without points at two numbers of workers above one: with fewer κ cannot be told from σ.
    #[must_use]
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let rows: Vec<(f64, f64, f64)> = points
            .iter()
            .filter(|(workers, speedup)| *workers > 1.0 && *speedup > 0.0)
            .map(|&(n, speedup)| (n - 1.0, n * (n - 1.0), n / speedup - 1.0))
            .collect();
        let sum = |of: fn(&(f64, f64, f64)) -> f64| rows.iter().map(of).sum::<f64>();
        let (ss, sk, kk) = (sum(|r| r.0 * r.0), sum(|r| r.0 * r.1), sum(|r| r.1 * r.1));
        let (sy, ky) = (sum(|r| r.0 * r.2), sum(|r| r.1 * r.2));
        let determinant = ss * kk - sk * sk;
        // Nought where all points have as many workers, but for rounding.
        if determinant <= 1e-9 * ss * kk {
            return None;
        }
        let serial_alone = Self {
            serial: (sy / ss).max(0.0),
            exchange: 0.0,
        };
        let both = Self {
            serial: (sy * kk - ky * sk) / determinant,
            exchange: (ss * ky - sk * sy) / determinant,
        };
        Some(match both {
            Self { serial, exchange } if serial >= 0.0 && exchange >= 0.0 => both,
            Self { exchange, .. } if exchange < 0.0 => serial_alone,
            _ => Self {
                serial: 0.0,
                exchange: (ky / kk).max(0.0),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(law: Law, workers: &[f64]) -> Vec<(f64, f64)> {
        workers.iter().map(|&n| (n, law.speedup(n))).collect()
    }

    fn near(fitted: Option<Law>, serial: f64, exchange: f64) {
        let fitted = fitted.unwrap();
        assert!(
            (fitted.serial - serial).abs() < 1e-12 && (fitted.exchange - exchange).abs() < 1e-12,
            "{fitted:?}"
        );
    }

    /// By hand: σ = 0.1, κ = 0.01 at four workers: 4 / (1 + 0.3 + 0.12).
    #[test]
    fn the_law_is_the_formula() {
        let law = Law {
            serial: 0.1,
            exchange: 0.01,
        };
        assert!((law.speedup(4.0) - 4.0 / 1.42).abs() < 1e-12);
        assert_eq!(law.speedup(1.0), 1.0);
        // Amdahl: a tenth in turn is at most ten times as fast.
        let amdahl = Law {
            serial: 0.1,
            exchange: 0.0,
        };
        assert!((amdahl.speedup(1e9) - 10.0).abs() < 1e-6);
    }

    #[test]
    fn a_curve_gives_its_law_back() {
        for (serial, exchange) in [(0.05, 0.001), (0.0, 0.002), (0.3, 0.0), (0.0, 0.0)] {
            let law = Law { serial, exchange };
            near(
                Law::fit(&curve(law, &[1.0, 2.0, 4.0, 8.0])),
                serial,
                exchange,
            );
        }
    }

    #[test]
    fn one_number_of_workers_cannot_tell_the_parameters_apart() {
        // At two workers σ = 0.25 and κ = 0.125 have the same speed-up, 1.6.
        assert_eq!(Law::fit(&[(1.0, 1.0), (2.0, 1.6), (2.0, 1.6)]), None);
        // At three κ = 0 by σ = 0.25: 3 / 1.5 = 2.
        near(Law::fit(&[(2.0, 1.6), (3.0, 2.0)]), 0.25, 0.0);
        // And σ = 0 by κ = 0.125: 3 / 1.75.
        near(Law::fit(&[(2.0, 1.6), (3.0, 3.0 / 1.75)]), 0.0, 0.125);
        assert_eq!(Law::fit(&[(1.0, 1.0)]), None);
        assert_eq!(Law::fit(&[]), None);
    }

    /// Four workers at 4.4 times the pace: no law has that, and the nearest is the ideal.
    #[test]
    fn what_is_better_than_ideal_is_ideal() {
        near(Law::fit(&[(2.0, 2.1), (4.0, 4.4)]), 0.0, 0.0);
        // Exchange alone, where the serial part would be negative: y = 0, 0.12 at x = 2, 12.
        let fitted = Law::fit(&[(2.0, 2.0), (4.0, 4.0 / 1.12)]).unwrap();
        assert_eq!(fitted.serial, 0.0);
        assert!((fitted.exchange - 12.0 * 0.12 / (4.0 + 144.0)).abs() < 1e-12);
    }
}
