fn refused(text: &str) {
    let _ = spawn!(async move {
        pause().await;
        drop(text.len());
    });
}

fn twin(text: &str) {
    let text = text.to_owned();
    let _ = spawn!(async move {
        pause().await;
        drop(text.len());
    });
}
