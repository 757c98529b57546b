"""The posts of DATA/paired, each with its own picture, and which of them training must not see."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

# One post in so many is held out.
HELD = 10


@dataclass(frozen=True)
class PairedPost:
    """A post and its picture."""

    id: str
    text: str
    picture: Path


def is_held(post_id: str) -> bool:
    """Whether a post is held out: its id alone decides, so that more posts move none."""
    return int(hashlib.sha1(post_id.encode()).hexdigest()[:8], 16) % HELD == 0


def split(ids: list[str]) -> tuple[list[str], list[str]]:
    """Ids for training and ids held out, about a tenth, each in the order given."""
    return [i for i in ids if not is_held(i)], [i for i in ids if is_held(i)]


def read_posts(folder: Path) -> list[PairedPost]:
    """All posts in the order of the file."""
    rows = [json.loads(line) for line in (folder / "posts.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    return [PairedPost(row["id"], row["text"], folder / row["images"][0]) for row in rows]


def gist(text: str) -> str:
    """A text without addresses, handles, letter case and punctuation: near-copies of a post share it."""
    plain = re.sub(r"https?://\S+|@\w+", " ", text.lower())
    return " ".join(word for word in re.findall(r"\w+", plain) if word != "rt")


def held_posts(folder: Path) -> list[PairedPost]:
    """Held-out posts; those whose text, but for its dressing, or picture training sees in another post are left out."""
    posts = read_posts(folder)
    _, held = split([post.id for post in posts])
    chosen = set(held)
    contents = {post.id: (gist(post.text), hashlib.sha1(post.picture.read_bytes()).digest()) for post in posts}
    seen = {part for post in posts if post.id not in chosen for part in contents[post.id]}
    return [post for post in posts if post.id in chosen and not seen & set(contents[post.id])]


def training_pictures(folder: Path) -> list[Path]:
    """Pictures of the posts that training may see, in the order of the file."""
    return [post.picture for post in read_posts(folder) if not is_held(post.id)]
