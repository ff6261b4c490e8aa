"""The doors: command line, report, pictures. They show what the house found and compute nothing."""
