"""What keeps an installation alive: examining it, backing it up, restoring it (flask doctor, backup, restore)."""

from fichetrack.operations.backups import backup, restore
from fichetrack.operations.examination import Line, examine

__all__ = ["Line", "backup", "examine", "restore"]
