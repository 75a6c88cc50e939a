//! Made-up machines of known noise, for simulations.

use fastrand::Rng;

/// What happens to what runs on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// A few per cent, the same throughout.
    Calm,
    /// One sample in ten takes up to three times as long.
    Outliers,
    /// The machine gets slower by a hundredth with every process.
    Drift,
    /// Something else takes half the machine half of the time, for some twenty processes on end.
    Bursts,
}

/// One machine. Seeded, so that a simulation is always the same one.
pub struct Machine {
    rng: Rng,
    noise: Noise,
    /// Spread of one sample's logarithm.
    spread: f64,
    clock: f64,
    /// Whether a burst goes on.
    pub busy: bool,
}

impl Machine {
    #[must_use]
    /// A machine with this noise.
    pub fn new(rng: &mut Rng, noise: Noise, spread: f64) -> Self {
        Self {
            rng: rng.fork(),
            noise,
            spread,
            clock: 0.0,
            busy: false,
        }
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.rng.f64()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.rng.f64()).cos()
    }

    /// Another process starts: time passes.
    pub fn next(&mut self) {
        self.clock += 1.0;
        if self.noise == Noise::Bursts && self.rng.f64() < 0.05 {
            self.busy = !self.busy;
        }
    }

    /// What a sample of this process takes, if what it runs took 1.
    pub fn sample(&mut self) -> f64 {
        self.calm()
            * match self.noise {
                Noise::Outliers if self.rng.f64() < 0.1 => 1.0 + 2.0 * self.rng.f64(),
                Noise::Drift => (0.01 * self.clock).exp(),
                Noise::Bursts if self.busy => 2.0,
                _ => 1.0,
            }
    }

    /// The same with nothing but the few per cent.
    pub fn calm(&mut self) -> f64 {
        (self.spread * self.normal()).exp()
    }

    /// The next process, of one sample.
    pub fn process(&mut self) -> f64 {
        self.next();
        self.sample()
    }

    /// The order in which arms run.
    pub fn shuffle<T>(&mut self, arms: &mut [T]) {
        self.rng.shuffle(arms);
    }
}
