"""Reading geography from packages and files: the official code, commune contours, lists of territoires. No database here."""
