"""Words that room codes and aliases are made of: short, told apart by ear, harmless."""

from __future__ import annotations

_CODE_WORDS = """
acorn amber anchor apple apron arch arrow aspen atlas autumn badge bagel baker balm bamboo banjo
barley basil basin basket beach bead beacon bean bell bench berry birch biscuit blanket bloom board
boat bonnet book boot bottle bowl box branch bread brick bridge brook broom bubble bucket bulb
butter button cabin cactus cake camel candle canoe canyon card carpet carrot castle cave cedar
cello chalk cherry chess chest circle clay cliff clock cloud clover coast cocoa comet compass
copper coral corner cotton cradle crater cream crown cube cup curtain cushion daisy dawn desert
desk diamond dinner dock domino door dragon drum dune dust echo elbow elm ember engine envelope
fabric fairy farm feather fence fern fiddle field finger flag flame flute fog forest fork fossil
fountain frame frost garden garlic gate geyser ginger glacier glass glove globe gold grain grape
gravel guitar hammer harbor harp hat hazel hedge helmet hill honey horizon hotel house igloo island
ivory ivy jacket jasmine jelly jewel jigsaw juice jungle kettle key kite kitten ladder lagoon lake
lamp lantern laurel leaf lemon letter lily linen lobby locket lotus lunch magnet mango maple marble
market meadow melody melon mill mint mirror mitten moon moss motor mountain museum mustard napkin
needle nest nickel notebook nutmeg oasis oatmeal ocean olive onion opal orange orchid oven paddle
palace palm paper parade parcel pasta path peach pearl pebble pencil pepper piano picnic pillow
pine planet plum pocket pond poppy postcard potato prism puddle pumpkin puzzle quartz quilt radio
railway rain raisin ribbon rice ring river road robin rocket roof rose ruby saddle sail salad salt
sand
"""
_ADJECTIVES = """
Able Bold Brave Bright Calm Careful Cheerful Clever Cosy Curious Daring Eager Early Fair Fast
Gentle Glad Golden Happy Honest Humble Jolly Keen Kind Lively Lucky Merry Mighty Neat Nimble
Patient Playful Polite Proud Quick Quiet Ready Silver Sunny Swift Tidy Warm Wise Witty
"""
_ANIMALS = """
Badger Beaver Bison Camel Cat Crane Deer Dolphin Dove Eagle Falcon Finch Fox Frog Gecko Hare Hawk
Hedgehog Heron Horse Ibis Koala Lark Lemur Lion Lynx Magpie Mole Moose Newt Octopus Otter Owl Panda
Parrot Penguin Puffin Rabbit Raven Robin Salmon Seal Sparrow Squirrel Stork Swan Tiger Toucan
Turtle Walrus Whale Wolf Wren Yak Zebra
"""
CODE_WORDS = tuple(_CODE_WORDS.split())
ADJECTIVES = tuple(_ADJECTIVES.split())
ANIMALS = tuple(_ANIMALS.split())
