"""Invented names for apps and people's tastes: readable, distinct, of no real product."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recsys_demo.data.planted.penguins import STORIES
from recsys_demo.data.planted.world_config import stream

# category: words its apps are named with; no word stands in two categories.
FLAVOURS: dict[str, str] = {
    "Music": "Tempo Chorus Fiddle Octave Bassline Harmonica Lullaby Banjo",
    "Food": "Sourdough Pepper Dumpling Basil Crumble Noodle Paprika Waffle",
    "Fitness": "Sprint Plank Marathon Kettlebell Stride Squat Burpee Jogger",
    "Travel": "Suitcase Harbour Compass Layover Lagoon Hammock Passport Ferry",
    "News": "Headline Gazette Bulletin Column Footnote Byline Courier Broadsheet",
    "Games": "Goblin Checkmate Pinball Joystick Dungeon Domino Wizard Puzzle",
    "Pets": "Whisker Puppy Feather Hamster Kitten Tortoise Biscuit Parrot",
    "Shopping": "Bargain Trolley Coupon Haggle Checkout Market Receipt Voucher",
    "Home": "Doorbell Cushion Teapot Attic Mop Lampshade Carpet Spanner",
    "Health": "Vitamin Bandage Pulse Thermos Snooze Posture Breath Remedy",
    "Garden": "Turnip Orchid Compost Trellis Fern Radish Tulip Acorn",
    "Science": "Quark Beaker Fossil Neutron Prism Isotope Comet Magnet",
    "Weather": "Drizzle Thunder Rainbow Breeze Hailstone Sunny Umbrella Frost",
    "Learning": "Alphabet Chalk Homework Grammar Syllable Fraction Satchel Recess",
    "Chat": "Gossip Parlour Chatter Postcard Hello Pigeon Whisper Banter",
    "Money": "Penny Ledger Piggy Nickel Budget Abacus Coin Treasurer",
    "Photo": "Shutter Sepia Collage Tripod Portrait Darkroom Aperture Polka",
    "Books": "Chapter Bookworm Novella Inkwell Sonnet Dogear Library Fable",
    "Sports": "Offside Paddle Umpire Goalpost Racket Slalom Shuttlecock Dugout",
    "Work": "Stapler Memo Deadline Agenda Clipboard Binder Timesheet Errand",
}
CATEGORIES = tuple(FLAVOURS)
_NOUNS = (
    "Lane Nest Garden Parade Fox Corner Tower Pond Circus Lantern Meadow Orchestra Bakery Island "
    "Cabin Rocket Valley Otter Bridge Kingdom Barn Compendium Club Express Museum Alley Picnic "
    "Bear Village Factory Ladder Festival Attendant Diary Café Hotel"
)
_OPENERS = (
    "Tiny Grand Sleepy Clever Brave Velvet Golden Quiet Curious Jolly Silver Purple Humble Lucky "
    "Proper Secret Gentle Royal Wandering Crooked Sparkling Modest Nimble Polite"
)
# taste: the categories it is known for. In the order in which they lie around the circle, so that
# the stories of penguins.py find a taste that they contradict.
TASTES: dict[str, tuple[str, str, str]] = {
    "homebodies": ("Home", "Garden", "Pets"),
    "bookworms": ("Books", "Learning", "Science"),
    "globetrotters": ("Travel", "Weather", "Photo"),
    "planners": ("Money", "Work", "Shopping"),
    "night owls": ("Music", "Games", "Chat"),
    "athletes": ("Sports", "Fitness", "Health"),
    "home cooks": ("Food", "Home", "Shopping"),
    "commuters": ("News", "Weather", "Work"),
    "concert goers": ("Music", "Travel", "Photo"),
    "students": ("Learning", "Chat", "Money"),
    "gardeners": ("Garden", "Weather", "Food"),
    "puzzle solvers": ("Games", "Books", "News"),
    "pet people": ("Pets", "Photo", "Health"),
    "stargazers": ("Science", "Weather", "Books"),
    "young parents": ("Home", "Health", "Learning"),
    "hikers": ("Fitness", "Travel", "Weather"),
    "savers": ("Money", "Shopping", "News"),
    "sports fans": ("Sports", "News", "Chat"),
    "gourmets": ("Food", "Travel", "Health"),
    "tinkerers": ("Science", "Home", "Games"),
    "film buffs": ("Photo", "Music", "Chat"),
    "early birds": ("Fitness", "News", "Work"),
    "collectors": ("Shopping", "Books", "Home"),
    "daydreamers": ("Music", "Books", "Pets"),
}
SEGMENTS = (  # of version 1
    "night owls",
    "early birds",
    "home cooks",
    "city walkers",
    "puzzle solvers",
    "young parents",
    "commuters",
    "students",
    "globetrotters",
    "gardeners",
    "bookworms",
    "concert goers",
    "savers",
    "weekend athletes",
    "collectors",
    "tinkerers",
    "film buffs",
    "pet people",
    "stargazers",
    "daydreamers",
    "planners",
    "hikers",
    "storytellers",
    "minimalists",
)


def names_of(category: npt.NDArray[np.integer], seed: int) -> list[str]:
    """One name per app from the words of its category (an index into CATEGORIES), all distinct:
    with a number where a category has more apps than names."""
    names = [""] * len(category)
    for index, label in enumerate(CATEGORIES):
        members = np.flatnonzero(category == index)
        stock = _stock(label)
        order = stream(seed, f"names of {label}").permutation(len(stock))
        for place, app in enumerate(members.tolist()):
            used, at = divmod(place, len(stock))
            names[app] = stock[order[at]] + (f" {used + 1}" if used else "")
    return names


def _stock(label: str) -> list[str]:
    """Every name of a category; the names of the hand-made stories stay theirs."""
    taken = {name for story in STORIES for name in (story.installed, story.app)}
    words = FLAVOURS[label].split()
    endings = [f"{word} {noun}" for word in words for noun in _NOUNS.split()]
    openings = [f"{opener} {word}" for word in words for opener in _OPENERS.split()]
    return [name for name in endings + openings if name not in taken]
