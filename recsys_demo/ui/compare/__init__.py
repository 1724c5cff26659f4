"""The Compare room: memorization against generalization, judged by one rule."""
