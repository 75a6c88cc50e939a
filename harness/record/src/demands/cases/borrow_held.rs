use std::cell::RefCell;

fn refused() {
    let _ = spawn!(async move {
        let total = RefCell::new(0);
        let mut borrow = total.borrow_mut();
        *borrow += 1;
        pause().await;
    });
}

fn twin() {
    let _ = spawn!(async move {
        let total = RefCell::new(0);
        {
            let mut borrow = total.borrow_mut();
            *borrow += 1;
        }
        pause().await;
        drop(total);
    });
}
