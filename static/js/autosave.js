// autosave
