"""One host of the e-mail stress tests: for each ISO moment read, prepare and send as if it were that moment."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import fichetrack
from fichetrack import clock
from fichetrack.config import for_tests
from fichetrack.services import digests, emails


def main(url: str, mail_url: str) -> None:
    instance = Path(os.environ["FICHETRACK_INSTANCE"])
    app = fichetrack.create_app(for_tests(SQLALCHEMY_DATABASE_URI=url, MAIL_URL=mail_url, INSTANCE=instance))
    print("ready", flush=True)
    for line in sys.stdin:
        with app.app_context(), clock.at(datetime.fromisoformat(line.strip())):
            prepared = digests.prepare_due()
            sent = emails.send_pending()
        print(prepared.errors, prepared.emails, sent.sent, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
