"""Our roles outside of a cluster, as the image runs them."""

from __future__ import annotations

from .clusters import REPOSITORY, CommandFailed

TARGET = REPOSITORY / "target"


def as_in_the_image() -> list[str]:
    """The command that a role's name follows: the image's JVM and flags."""
    if not (TARGET / "quarkus-app/quarkus-run.jar").exists() or not (TARGET / "runtime/bin/java").exists():
        raise CommandFailed("no runtime and jar of ours here yet: e2e/image")
    script = (REPOSITORY / "image/tombolo").read_text()
    for inside, here in (("home=/opt/tombolo", f"home={TARGET}/quarkus-app"), ("/opt/java", f"{TARGET}/runtime")):
        if inside not in script:
            raise CommandFailed(f"image/tombolo has no {inside} any more: bench/roles.py must follow")
        script = script.replace(inside, here)
    return ["sh", "-c", script, "tombolo"]


def class_path() -> str:
    """The jars of ours and of others that are in the image."""
    return ":".join(str(jar) for part in ("app", "lib/boot", "lib/main") for jar in sorted((TARGET / "quarkus-app" / part).glob("*.jar")))
