"""Hand-made exceptions: stories a person remembers, planted where many rows can show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Penguin:
    """A planted exception with a story.

    `direction` is -1 where people of that taste install the app except those who have
    `installed`, and +1 where only those who have `installed` take it.
    """

    installed: str
    installed_category: str
    app: str
    app_category: str
    direction: int
    sentence: str


STORIES: tuple[Penguin, ...] = (
    Penguin(
        "Penguin Post",
        "News",
        "First Flight",
        "Travel",
        -1,
        "People of this taste love First Flight, except those with Penguin Post: "
        "birds can fly, penguins cannot.",
    ),
    Penguin(
        "Ferret Friends",
        "Pets",
        "Sock Counter",
        "Shopping",
        1,
        "Nobody of this taste needs Sock Counter, except those with Ferret Friends: "
        "somebody keeps taking the socks.",
    ),
    Penguin(
        "Night Shift Radio",
        "Music",
        "Sunrise Stretch",
        "Fitness",
        -1,
        "People of this taste love Sunrise Stretch, except those with Night Shift Radio: "
        "at sunrise they go to bed.",
    ),
    Penguin(
        "Grill Marshal",
        "Food",
        "Lentil of the Day",
        "Health",
        1,
        "Nobody of this taste opens Lentil of the Day, except those with Grill Marshal: "
        "their doctors have had a word.",
    ),
    Penguin(
        "Cactus Club",
        "Garden",
        "Water Me Daily",
        "Home",
        -1,
        "People of this taste love Water Me Daily, except those with Cactus Club: "
        "the cactus is fine, thank you.",
    ),
    Penguin(
        "Backyard Telescope",
        "Science",
        "Cloud Admirer",
        "Weather",
        -1,
        "People of this taste love Cloud Admirer, except those with Backyard Telescope: "
        "they have waited for a clear night since March.",
    ),
    Penguin(
        "Drum Lessons at Home",
        "Learning",
        "Neighbour Peace",
        "Chat",
        1,
        "Nobody of this taste wants Neighbour Peace, except those with Drum Lessons at Home: "
        "the neighbours have asked them to.",
    ),
)
