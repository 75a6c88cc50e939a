//! The origin, running: the tests of this package in one program, since each file would be linked by itself.

mod running;

mod branches;
mod held;
mod wire;
