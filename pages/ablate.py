"""The Ablate room: what each part of a model is worth."""

from recsys_demo.ui.frame import frame

with frame("ablate") as state:
    from recsys_demo.ui.ablate.room import ablate_room

    ablate_room(state)
