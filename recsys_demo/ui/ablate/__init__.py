"""The Ablate room: parts switched off in a trained model, and models trained without them."""
