fn refused() {
    let text = String::from("of this frame");
    let _ = spawn!(async {
        pause().await;
        drop(text.len());
    });
}

fn twin() {
    let text = String::from("of this frame");
    let _ = spawn!(async move {
        pause().await;
        drop(text.len());
    });
}
