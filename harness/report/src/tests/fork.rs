//! Recursions that fork, as they are printed.

use harness_judge::fork::series;
use harness_record::fabricated::{fork::recorded, smol_run};
use insta::assert_snapshot;

use crate::fork::{markdown, text};

#[test]
fn it_prints_how_many_times_as_fast_and_where_it_gave_out() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @r"
    fork/fib: a Fibonacci number by its definition, two calls each; 10,945 forks at n = 20
      times as fast, by n              15    20     time  per fork  cores  memory  from
      the sequential program         1.00  1.00  2.00 ms             1.00  1.0 MB
      rayon @2                       1.67  1.67  1.20 ms     37 ns   2.00  1.0 MB  15
      smol 1.2.3 workers@2, compose  0.25                                          gives out at 20: not done within 60s
      smol 1.2.3 workers@2, spawn    0.50  1.25  1.60 ms    110 ns   2.00  1.0 MB  20

    Times as fast: as the sequential program, plain calls in one thread, of the same block. The other figures are of the largest size.
    Per fork: CPU time beyond that program's, over the forks. Cores: CPU time over time. Memory: how far it rose at its peak.
    In turn: each call awaited before the next; every call of a runtime is in a box, for a future that calls itself must be.
    From: the size from which it is 1.1 times as fast as that program, of those measured. ~ other work disturbed every block.
    ");
    assert_snapshot!(markdown(&all), @r"
    `fork/fib`: a Fibonacci number by its definition, two calls each; 10,945 forks at n = 20

    | times as fast, by n | 15 | 20 | time | per fork | cores | memory | from |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | the sequential program | 1.00 | 1.00 | 2.00 ms |  | 1.00 | 1.0 MB |  |
    | rayon @2 | 1.67 | 1.67 | 1.20 ms | 37 ns | 2.00 | 1.0 MB | 15 |
    | smol 1.2.3 workers@2, compose | 0.25 |  |  |  |  |  | gives out at 20: not done within 60s |
    | smol 1.2.3 workers@2, spawn | 0.50 | 1.25 | 1.60 ms | 110 ns | 2.00 | 1.0 MB | 20 |

    Times as fast: as the sequential program, plain calls in one thread, of the same block. The other figures are of the largest size. Per fork: CPU time beyond that program's, over the forks. Cores: CPU time over time. Memory: how far it rose at its peak. In turn: each call awaited before the next; every call of a runtime is in a box, for a future that calls itself must be. From: the size from which it is 1.1 times as fast as that program, of those measured. ~ other work disturbed every block.
    ");
    assert_eq!(text(&series(&smol_run())), "");
}
