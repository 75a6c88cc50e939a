use std::{rc::Rc, sync::Arc};

fn refused() {
    let shared = Rc::new(1);
    let _ = spawn!(async move {
        pause().await;
        drop(shared);
    });
}

fn twin() {
    let shared = Arc::new(1);
    let _ = spawn!(async move {
        pause().await;
        drop(shared);
    });
}
