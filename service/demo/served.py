"""The service as the demo runs it: the product with a moved clock and a few routes that only the demo has.

It refuses to listen on anything but loopback.
"""

import asyncio
import os
from pathlib import Path

from core.workdays import Calendar
from service.demo.processes import LOOPBACK, DemoFailed
from service.demo.routes import DemoRoutes
from service.demo.story import Story
from service.roles import ROLES
from service.runtime import run_service
from service.settings import load_settings

STORY_VARIABLE = "LIANXIN_DEMO_STORY"
TOUR_VARIABLE = "LIANXIN_DEMO_TOUR"
PASSWORD_VARIABLE = "LIANXIN_DEMO_PASSWORD"


def main() -> None:
    """Run the service of the demo until it is ended."""
    settings = load_settings()
    if settings.host_and_port[0] != LOOPBACK:
        raise DemoFailed("The demo listens on 127.0.0.1 only.")
    story = Story(Path(os.environ[STORY_VARIABLE]), settings.zone, Calendar())
    routes = DemoRoutes(story, os.environ[PASSWORD_VARIABLE])
    asyncio.run(
        run_service(
            settings,
            frozenset(ROLES),
            clock=story.clock,
            extend=routes.install,
            frame_ancestor=os.environ[TOUR_VARIABLE],
        )
    )


if __name__ == "__main__":
    main()
