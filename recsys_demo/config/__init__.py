"""What a person can set: frozen, validated values; free of torch, so that pages can use them."""
