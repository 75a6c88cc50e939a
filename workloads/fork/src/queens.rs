//! Queens on a board, of which none attacks another: a call for each place in the next row.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Way, Workload, mix};

use crate::{
    calls::Calls,
    ways::{Call, Ways, by},
};

/// `env.branches` queens on as many rows. Each solution counts as much as the nonce says.
#[derive(Clone, Copy, Debug)]
pub struct Queens {
    /// What is below so many rows does not fork.
    rows: usize,
}

impl Queens {
    /// Forks in every row.
    pub const WHOLE: Self = Self { rows: usize::MAX };
    /// Forks in the first three rows.
    pub const CUT: Self = Self { rows: 3 };
}

/// The largest board.
const MOST: usize = 14;

/// Solutions, by the number of queens (<https://oeis.org/A000170>).
const SOLUTIONS: [u64; MOST + 1] = [
    1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2_680, 14_200, 73_712, 365_596,
];

impl Workload for Queens {
    const FORKS: bool = true;
    const UNWATCHED: bool = true;

    fn branch<R: Runtime>(self, env: Env, _: usize) -> impl Future<Output = u64> + Send + 'static {
        self.forked::<R>(&env, Way::InTurn)
    }

    fn forked<R: Runtime>(
        self,
        env: &Env,
        way: Way,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        by!(
            way,
            call::<R>(self.rows, Board::empty(env.branches, env.nonce))
        )
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        expected(env.branches, env.nonce)
    }
}

/// By the number of solutions that is known.
pub(crate) fn expected(size: usize, nonce: u64) -> u64 {
    let solutions = SOLUTIONS.get(size);
    solutions.map_or(0, |solutions| solutions.wrapping_mul(mix(nonce, 0)))
}

/// A board with queens in the first rows.
#[derive(Clone, Copy)]
struct Board {
    /// The column of the queen in each row.
    columns: [u8; MOST],
    queens: u8,
    size: u8,
    /// What a solution counts.
    weight: u64,
}

impl Board {
    fn empty(size: usize, nonce: u64) -> Self {
        let size = u8::try_from(size.min(MOST)).unwrap_or(u8::MAX);
        let (columns, weight) = ([0; MOST], mix(nonce, 0));
        Self {
            columns,
            queens: 0,
            size,
            weight,
        }
    }

    fn is_full(&self) -> bool {
        self.queens == self.size
    }

    /// With a queen in this column of the next row, if no other attacks it.
    fn with(&self, column: u8) -> Option<Self> {
        let row = usize::from(self.queens);
        let attacks = |(above, &other): (usize, &u8)| {
            other == column || usize::from(other.abs_diff(column)) == row - above
        };
        if self.columns[..row].iter().enumerate().any(attacks) {
            return None;
        }
        let mut next = *self;
        next.columns[row] = column;
        next.queens += 1;
        Some(next)
    }
}

fn call<R: Runtime, W: Ways>(rows: usize, board: Board) -> Call {
    Box::pin(async move {
        if board.is_full() {
            return board.weight;
        }
        if rows == 0 {
            return alone(board);
        }
        let children = (0..board.size).filter_map(move |column| board.with(column));
        W::all::<R>(children.map(move |board| call::<R, W>(rows - 1, board))).await
    })
}

/// The same as a plain function.
pub(crate) fn plain<C: Calls>(size: usize, rows: usize, nonce: u64) -> u64 {
    count::<C>(rows, Board::empty(size, nonce))
}

fn count<C: Calls>(rows: usize, board: Board) -> u64 {
    if board.is_full() {
        return board.weight;
    }
    if rows == 0 || !C::FORKS {
        return alone(board);
    }
    C::all(usize::from(board.size), |column| {
        let child = u8::try_from(column)
            .ok()
            .and_then(|column| board.with(column));
        child.map_or(0, |board| count::<C>(rows - 1, board))
    })
}

/// Without forking. Not generic, so that it is compiled here, once for all programs.
#[inline(never)]
fn alone(board: Board) -> u64 {
    if board.is_full() {
        return board.weight;
    }
    let children = (0..board.size).filter_map(|column| board.with(column));
    children.fold(0, |sum, board| sum.wrapping_add(alone(board)))
}
