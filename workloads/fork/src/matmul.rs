//! A product of two matrices, by quarters: two times four calls each, down to tiles of 32 by 32.
//!
//! Elsewhere the calls write through pointers into one matrix, in parts that do not meet. Here each tile of the product has a
//! lock, which is always free: some ten nanoseconds for the ten microseconds that a tile takes, and no `unsafe`. What is
//! read lies as it does there, row by row.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use runtime_api::Runtime;
use workload_api::{Env, Way, Workload, mix};
use workload_catalogue::TILE;

use crate::{
    calls::Calls,
    ways::{Call, Ways, by},
};

/// Two matrices with a side of `env.branches`, which the nonce fills: one the same along each row, the other along each column.
/// So what must come out is known without multiplying again.
#[derive(Clone, Copy, Debug)]
pub struct Matmul;

impl Workload for Matmul {
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
        let (side, nonce) = (env.branches, env.nonce);
        async move {
            let matrices = Arc::new(Matrices::new(side, nonce));
            let whole = Part::whole(side);
            by!(way, call::<R>(Arc::clone(&matrices), whole)).await;
            matrices.answer()
        }
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        expected(env.branches, env.nonce)
    }
}

/// All that is added up in a cell is the same.
pub(crate) fn expected(side: usize, nonce: u64) -> u64 {
    let tiles = side / TILE;
    (0..tiles * tiles).fold(0, |answer, tile| {
        let (row, column) = (tile / tiles * TILE, tile % tiles * TILE);
        let cells = (0..TILE * TILE).map(|at| {
            let cell = left(nonce, row + at / TILE).wrapping_mul(right(nonce, column + at % TILE));
            cell.wrapping_mul(side as i32)
        });
        folded(answer, cells)
    })
}

/// What is in a row of the left matrix.
fn left(nonce: u64, row: usize) -> i32 {
    mix(nonce, row as u64) as i32
}

/// What is in a column of the right one.
fn right(nonce: u64, column: usize) -> i32 {
    mix(!nonce, column as u64) as i32
}

type Tile = [i32; TILE * TILE];

struct Matrices {
    side: usize,
    left: Vec<i32>,
    right: Vec<i32>,
    product: Vec<Mutex<Tile>>,
}

impl Matrices {
    fn new(side: usize, nonce: u64) -> Self {
        let rows: Vec<i32> = (0..side).map(|row| left(nonce, row)).collect();
        let columns: Vec<i32> = (0..side).map(|column| right(nonce, column)).collect();
        let tiles = (side / TILE) * (side / TILE);
        Self {
            side,
            left: rows
                .iter()
                .flat_map(|&cell| std::iter::repeat_n(cell, side))
                .collect(),
            right: columns.repeat(side),
            product: (0..tiles).map(|_| Mutex::new([0; TILE * TILE])).collect(),
        }
    }

    /// Adds the product of two tiles to a third. Compiled here, once for all programs.
    #[inline(never)]
    fn multiply(&self, part: Part) {
        let Part {
            row, inner, column, ..
        } = part;
        let tile = row / TILE * (self.side / TILE) + column / TILE;
        let mut tile = self.product[tile]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (i, into) in tile.chunks_exact_mut(TILE).enumerate() {
            let left = &self.left[(row + i) * self.side + inner..][..TILE];
            for (k, &left) in left.iter().enumerate() {
                let right = &self.right[(inner + k) * self.side + column..][..TILE];
                for (into, &right) in into.iter_mut().zip(right) {
                    *into = into.wrapping_add(left.wrapping_mul(right));
                }
            }
        }
    }

    /// All of the product, tile by tile.
    fn answer(&self) -> u64 {
        let mut answer = 0;
        for tile in &self.product {
            let tile = tile.lock().unwrap_or_else(PoisonError::into_inner);
            answer = folded(answer, tile.iter().copied());
        }
        answer
    }
}

/// It tells two cells that changed places, and two tiles.
fn folded(answer: u64, cells: impl Iterator<Item = i32>) -> u64 {
    let sum = cells.zip(1_u64..).fold(0_u64, |sum, (cell, place)| {
        sum.wrapping_add(place.wrapping_mul(u64::from(cell.cast_unsigned())))
    });
    answer.rotate_left(1).wrapping_add(sum)
}

/// A square of the left matrix, one of the right, and where their product goes.
#[derive(Clone, Copy)]
struct Part {
    row: usize,
    inner: usize,
    column: usize,
    side: usize,
}

impl Part {
    const fn whole(side: usize) -> Self {
        Self {
            row: 0,
            inner: 0,
            column: 0,
            side,
        }
    }

    /// The quarter of the product that has this number, and the one of two products that it is the sum of.
    const fn quarter(self, which: usize, product: usize) -> Self {
        let side = self.side / 2;
        Self {
            row: self.row + which / 2 * side,
            inner: self.inner + product * side,
            column: self.column + which % 2 * side,
            side,
        }
    }
}

fn call<R: Runtime, W: Ways>(matrices: Arc<Matrices>, part: Part) -> Call {
    Box::pin(async move {
        if part.side <= TILE {
            matrices.multiply(part);
            return 0;
        }
        // One after the other, so that no tile is written by two at once.
        for product in [0, 1] {
            let matrices = &matrices;
            let quarter =
                move |which| call::<R, W>(Arc::clone(matrices), part.quarter(which, product));
            W::all::<R>((0..4).map(quarter)).await;
        }
        0
    })
}

/// The same as a plain function.
pub(crate) fn plain<C: Calls>(side: usize, nonce: u64) -> u64 {
    let matrices = Matrices::new(side, nonce);
    multiply::<C>(&matrices, Part::whole(side));
    matrices.answer()
}

fn multiply<C: Calls>(matrices: &Matrices, part: Part) {
    if part.side <= TILE {
        return matrices.multiply(part);
    }
    for product in [0, 1] {
        C::all(4, |which| {
            multiply::<C>(matrices, part.quarter(which, product));
            0
        });
    }
}
