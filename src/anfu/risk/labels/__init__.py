"""Labels as figures read them: what payments of a period have turned out to be by now."""
