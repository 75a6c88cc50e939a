//! Recursions that fork, by their sizes: what the harness plans with, foretells and divides by.

/// A recursion that forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recursion {
    /// The n-th Fibonacci number by its definition. What is below `cut` does not fork.
    Fib {
        /// The least number that is forked for.
        cut: usize,
    },
    /// The Fibonacci number of [`CUT_FIB`], and n is its `cut`.
    FibCuts,
    /// A tree that is n deep, ten children each.
    Skynet,
    /// Queens on a board of n rows. What is below the first `rows` rows does not fork.
    Queens {
        /// Rows that are forked in.
        rows: usize,
    },
    /// Two square matrices with a side of n, in tiles with a side of [`TILE`].
    Matmul,
}

/// The number whose cut is swept.
pub const CUT_FIB: usize = 30;

/// The side of a tile, which is multiplied without forking.
pub const TILE: usize = 32;

/// Placements of 1 to n queens on n rows, of which none attacks another: the forks of [`Recursion::Queens`]. By n; counted by
/// the program itself, in a test of `workload-fork`.
const PLACEMENTS: [u64; 15] = [
    0, 1, 2, 5, 16, 53, 152, 551, 2_056, 8_393, 35_538, 166_925, 856_188, 4_674_889, 27_358_552,
];

impl Recursion {
    /// The sizes that are measured, a cell each; `--branches` asks for another in the place of those that are larger.
    #[must_use]
    pub fn sizes(self) -> &'static [usize] {
        match self {
            Recursion::Fib { cut } if cut > 2 => &[21, 25, 30, 35],
            Recursion::Fib { .. } => &[15, 20, 25, 30],
            Recursion::FibCuts => &[2, 5, 10, 15, 20, 25],
            Recursion::Skynet => &[2, 3, 4, 5, 6],
            Recursion::Queens { .. } => &[6, 8, 10, 12],
            Recursion::Matmul => &[64, 128, 256, 512],
        }
    }

    /// The sizes for a size that was asked for: those before it, by which what it takes is foretold, and it.
    #[must_use]
    pub fn sizes_to(self, size: usize) -> Vec<usize> {
        let before = self.sizes().iter().copied().filter(|&n| n < size);
        before.chain([size]).collect()
    }

    /// The size that is measured before this one.
    #[must_use]
    pub fn before(self, size: usize) -> Option<usize> {
        self.sizes().iter().copied().rfind(|&n| n < size)
    }

    /// What is wrong with a size, if anything.
    #[must_use]
    pub fn wrong_with(self, size: usize) -> Option<&'static str> {
        let (fine, wanted) = match self {
            Recursion::Fib { .. } => ((2..=45).contains(&size), "a number from 2 to 45"),
            Recursion::FibCuts => ((2..=CUT_FIB).contains(&size), "a cut-off from 2 to 30"),
            Recursion::Skynet => ((1..=8).contains(&size), "a depth from 1 to 8"),
            Recursion::Queens { .. } => ((1..=14).contains(&size), "1 to 14 rows"),
            Recursion::Matmul => (
                size.is_power_of_two() && (TILE..=4096).contains(&size),
                "a side that is a power of two from 32 to 4096",
            ),
        };
        (!fine).then_some(wanted)
    }

    /// How often it forks at this size: calls that another makes, whoever runs them.
    #[must_use]
    pub fn forks(self, size: usize) -> u64 {
        match self {
            Recursion::Fib { cut } => fib_forks(size, cut),
            Recursion::FibCuts => fib_forks(CUT_FIB, size),
            Recursion::Skynet => (1..=size).map(|depth| 10_u64.pow(depth as u32)).sum(),
            Recursion::Queens { rows } if rows >= size => {
                PLACEMENTS.get(size).copied().unwrap_or(0)
            }
            Recursion::Queens { rows } => placements(size, rows.min(size), 0, [0, 0, 0]),
            Recursion::Matmul if size <= TILE => 0,
            Recursion::Matmul => 8 + 8 * self.forks(size / 2),
        }
    }

    /// As tables name a size.
    #[must_use]
    pub const fn size_name(self) -> &'static str {
        match self {
            Recursion::Fib { .. } => "n",
            Recursion::FibCuts => "cut-off",
            Recursion::Skynet => "depth",
            Recursion::Queens { .. } => "rows",
            Recursion::Matmul => "side",
        }
    }
}

/// One for each call that is not below the cut: the other half of it runs where it is.
fn fib_forks(n: usize, cut: usize) -> u64 {
    let mut before = (0, 0);
    for n in 0..=n {
        let forks = if n < cut.max(2) {
            0
        } else {
            1 + before.0 + before.1
        };
        before = (before.1, forks);
    }
    before.1
}

/// Placements in the rows from this one to `rows`. Columns that are taken, and both diagonals, are bits.
fn placements(n: usize, rows: usize, row: usize, taken: [u64; 3]) -> u64 {
    if row == rows {
        return 0;
    }
    let [columns, left, right] = taken;
    let free = (0..n).map(|y| 1_u64 << y);
    free.filter(|bit| bit & (columns | left | right) == 0)
        .map(|bit| {
            let taken = [columns | bit, (left | bit) << 1, (right | bit) >> 1];
            1 + placements(n, rows, row + 1, taken)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIB: Recursion = Recursion::Fib { cut: 2 };
    const QUEENS: Recursion = Recursion::Queens { rows: usize::MAX };

    /// By hand: fib(4) calls fib(3) and fib(2), and fib(3) another fib(2): four calls of 2 and above.
    #[test]
    fn forks_are_counted() {
        assert_eq!([1, 2, 3, 4].map(|n| FIB.forks(n)), [0, 1, 2, 4]);
        assert_eq!(FIB.forks(39), 102_334_154);
        // fib(4), fib(3): their twos do not fork.
        assert_eq!(Recursion::Fib { cut: 3 }.forks(4), 2);
        assert_eq!(Recursion::FibCuts.forks(2), FIB.forks(30));
        assert_eq!(Recursion::FibCuts.forks(30), 1);
        assert_eq!(Recursion::Skynet.forks(2), 110);
        assert_eq!(Recursion::Skynet.forks(8), 111_111_110);
        // Four rows have 4 + 6 + 4 + 2.
        assert_eq!(QUEENS.forks(4), 16);
        assert_eq!(Recursion::Queens { rows: 2 }.forks(4), 10);
        assert_eq!(
            [32, 64, 128].map(|n| Recursion::Matmul.forks(n)),
            [0, 8, 72]
        );
    }

    #[test]
    fn the_placements_are_those_that_there_are() {
        for (n, &counted) in PLACEMENTS.iter().enumerate().take(10) {
            assert_eq!(counted, placements(n, n, 0, [0; 3]), "{n}");
        }
    }

    #[test]
    fn sizes_are_fine_and_go_up_and_another_comes_last() {
        let all = [
            FIB,
            Recursion::Fib { cut: 20 },
            Recursion::FibCuts,
            Recursion::Skynet,
            QUEENS,
            Recursion::Matmul,
        ];
        for one in all {
            let sizes = one.sizes();
            assert!(sizes.is_sorted(), "{one:?}");
            assert!(
                sizes.iter().all(|&n| one.wrong_with(n).is_none()),
                "{one:?}"
            );
            assert!(one.wrong_with(0).is_some(), "{one:?}");
        }
        assert_eq!(FIB.sizes_to(39), [15, 20, 25, 30, 39]);
        assert_eq!(FIB.sizes_to(20), [15, 20]);
        assert_eq!((FIB.before(39), FIB.before(15)), (Some(30), None));
        assert_eq!(
            Recursion::Matmul.wrong_with(100),
            Some("a side that is a power of two from 32 to 4096")
        );
    }
}
