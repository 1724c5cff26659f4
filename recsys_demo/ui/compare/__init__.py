"""The Compare room: memorization against generalization, with what is noise said so."""
