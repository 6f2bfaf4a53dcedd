"""Geography read from packages and files: the official code, contours, lists of territoires. No database here."""
