"""WTForms: fields, labels, field checks; no database."""
