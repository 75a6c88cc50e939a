use std::sync::{Arc, Mutex, PoisonError};

fn refused() {
    let total = Arc::new(Mutex::new(0));
    let _ = spawn!(async move {
        let mut guard = total.lock().unwrap_or_else(PoisonError::into_inner);
        *guard += 1;
        pause().await;
    });
}

fn twin() {
    let total = Arc::new(Mutex::new(0));
    let _ = spawn!(async move {
        {
            let mut guard = total.lock().unwrap_or_else(PoisonError::into_inner);
            *guard += 1;
        }
        pause().await;
    });
}
