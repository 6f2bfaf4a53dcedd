"""Reading: take the user and filters, return objects or small dataclasses; write nothing."""
