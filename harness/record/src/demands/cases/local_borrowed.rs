fn refused() {
    let text = String::from("of this frame");
    let borrowed = &text;
    let _ = spawn!(async move {
        pause().await;
        drop(borrowed.len());
    });
}

fn twin() {
    let text = String::from("of this frame");
    let owned = text.clone();
    let _ = spawn!(async move {
        pause().await;
        drop(owned.len());
    });
}
