fn refused() {
    let mut total = 0;
    let part = &mut total;
    let _ = spawn!(async move {
        pause().await;
        *part += 1;
    });
}

fn twin() {
    let _ = spawn!(async move {
        let mut part = 0;
        pause().await;
        part += 1;
        part
    });
}
