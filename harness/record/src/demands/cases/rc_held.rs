use std::rc::Rc;

fn refused() {
    let _ = spawn!(async move {
        let local = Rc::new(1);
        pause().await;
        drop(local);
    });
}

fn twin() {
    let _ = spawn!(async move {
        let local = Rc::new(1);
        drop(local);
        pause().await;
    });
}
