"""Names by which columns of strangers' files are recognized."""

from __future__ import annotations

import re

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
COUNTS = ("cnt", "count", "plays", "n_used", "frequency", "listen_count")
USERS: tuple[str, ...] = (
    "user",
    "user_id",
    "uid",
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
    "iid",
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


def plain_name(name: str) -> str:
    """userId, User-ID and "user id" are all user_id."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    return re.sub(r"(?<=[a-z])id$", "_id", plain) if not plain.endswith("_id") else plain
