use std::rc::Rc;

fn refused() {
    let _ = spawn!(async move { Rc::new(1) });
}

fn twin() {
    let _ = spawn!(async move { *Rc::new(1) });
}
