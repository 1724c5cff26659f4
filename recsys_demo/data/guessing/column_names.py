"""Names by which columns of strangers' files are recognized."""

from __future__ import annotations

import re
import unicodedata

LABELS: tuple[str, ...] = (
    "label",
    "target",
    "y",
    "click",
    "clicked",
    "is_click",
    "install",
    "is_installed",
)
LABELS += ("installed", "converted", "conversion", "purchase", "purchased", "bought", "liked")
LABELS += ("like", "response", "action", "taken", "is_attributed")
RATINGS = ("rating", "ratings", "stars", "score", "overall", "grade")
# What one may do several times; of an item or a person it may be an attribute as well.
COUNTED_DEEDS = (
    "clicks",
    "installs",
    "purchases",
    "conversions",
    "orders",
    "bookings",
    "downloads",
)
COUNTS = ("cnt", "count", "plays", "n_used", "frequency", "listen_count")
USERS: tuple[str, ...] = (
    "user",
    "user_id",
    "u_id",
    "customer",
    "customer_id",
    "member",
    "visitor",
    "visitor_id",
)
USERS += ("reviewer", "reviewer_id", "account", "account_id", "person", "kunde", "nutzer", "client")
USERS += ("client_id", "session", "session_id", "device_id")
ITEMS: tuple[str, ...] = (
    "item",
    "item_id",
    "i_id",
    "app",
    "app_id",
    "movie",
    "movie_id",
    "product",
    "product_id",
)
ITEMS += ("article", "article_id", "song", "song_id", "track", "track_id", "video", "video_id")
ITEMS += ("book", "book_id", "isbn", "sku", "asin", "ad", "ad_id", "show", "game", "game_id")
ITEMS += ("artikel", "produkt", "business_id", "artist", "artist_id")
TIMES = ("time", "timestamp", "date", "datetime", "ts", "day", "created_at", "datum", "zeit")
SPLITS = ("split", "part", "fold", "subset", "set")
NAMES = ("name", "title", "item_name", "app_name", "movie_title", "product_name")

# Words that end in id and number nothing, as the last word of a name.
_NO_IDS = (
    *("acid", "afraid", "android", "arid", "asteroid", "avid", "avoid", "bid", "braid", "candid"),
    *("covid", "cuboid", "droid", "druid", "eyelid", "fluid", "forbid", "grid", "horrid", "humid"),
    *("hybrid", "invalid", "kid", "laid", "lipid", "liquid", "livid", "lucid", "madrid", "maid"),
    *("mermaid", "morbid", "opioid", "orchid", "overpaid", "paid", "placid", "plaid", "polaroid"),
    *("prepaid", "pyramid", "raid", "rapid", "repaid", "rigid", "said", "slid", "solid"),
    *("splendid", "squid", "steroid", "stupid", "thyroid", "timid", "underpaid", "unpaid", "valid"),
    *("vivid", "void"),
)
_MEASURED = "amount|avg|has|is|last|max|mean|min|not|total|was"
_IS_NO_ID = re.compile(rf"(?:.*_)?(?:{_MEASURED})?(?:{'|'.join(_NO_IDS)})")
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def plain_name(name: str) -> str:
    """The words of a name in small letters: userId, USER-ID, userid and "user id" are all user_id,
    paid and isValid are no ids. Accents are left out, other scripts stay."""
    bare = unicodedata.normalize("NFKD", _HUMP.sub("_", unicodedata.normalize("NFKC", name)))
    letters = "".join(c for c in bare.casefold() if not unicodedata.combining(c))
    plain = re.sub(r"[\W_]+", "_", letters).strip("_")
    if plain.endswith("_id") or _IS_NO_ID.fullmatch(plain):
        return plain
    return re.sub(r"(?<=[^\W\d_])id$", "_id", plain)
