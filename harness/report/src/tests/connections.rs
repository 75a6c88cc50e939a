//! Held connections, as they are printed.

use harness_judge::connections::series;
use harness_record::fabricated::{connections::recorded, smol_run};
use insta::assert_snapshot;

use crate::connections::{markdown, text};

#[test]
fn it_prints_limits_and_what_is_held_against_them() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @r##"
    no runtime, epoll
      connections     trip      CPU  origin
                1     7 µs   3.5 µs    25 %
               10     7 µs   3.5 µs    25 %

    no runtime, threads
      connections     trip      CPU  origin
                1    14 µs     7 µs    25 %
               10    14 µs     7 µs    25 %

    smol 1.2.3 workers@2, spawn
      connections     trip      CPU  origin  trip over epoll        CPU over epoll         trip over threads      CPU over threads
                1    11 µs   5.3 µs    25 %  1.50 [1.50, 1.50]      1.50 [1.50, 1.50]      0.75 [0.75, 0.75]      0.75 [0.75, 0.75]
               10    11 µs   5.3 µs    25 %  1.50 [1.50, 1.50]      1.50 [1.50, 1.50]      0.75 [0.75, 0.75]      0.75 [0.75, 0.75]

    Trip: wall time while all are open, over their round trips. CPU: time of the process over the same.
    Over a limit: time over that of a program without a runtime, in one block [95 % interval].
    Origin: the part of the time in which the one thread at the other end was busy; near 100 % it is what is measured.
    ~ other work disturbed every block.
    "##);
    assert_snapshot!(markdown(&all), @r##"
    | configuration | 1 | 10 | gives out at |
    | --- | --- | --- | --- |
    | no runtime, epoll | 7 µs, CPU 3.5 µs, origin 25 % | 7 µs, CPU 3.5 µs, origin 25 % |  |
    | no runtime, threads | 14 µs, CPU 7 µs, origin 25 % | 14 µs, CPU 7 µs, origin 25 % |  |
    | smol 1.2.3 workers@2, spawn | 11 µs, CPU 5.3 µs, origin 25 %; 1.50 [1.50, 1.50] | 11 µs, CPU 5.3 µs, origin 25 %; 1.50 [1.50, 1.50] |  |

    Each: a round trip while all are open, its CPU time in the client, how busy the origin's thread was; then the time over a plain epoll's, in one block, with its interval at 95 %.
    "##);
    assert_eq!(text(&series(&smol_run())), "");
    assert_eq!(markdown(&[]), "");
}
