"""Reports that people put together: built with a form, looked at with one's own rights, saved, taken out as files."""
