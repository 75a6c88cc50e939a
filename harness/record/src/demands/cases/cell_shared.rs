use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

fn refused() {
    let total = Arc::new(Cell::new(0));
    let _ = spawn!(async move {
        pause().await;
        total.set(1);
    });
}

fn twin() {
    let total = Arc::new(AtomicU64::new(0));
    let _ = spawn!(async move {
        pause().await;
        total.store(1, Ordering::Relaxed);
    });
}
