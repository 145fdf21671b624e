"""What stands behind the command line, one file for each group of commands."""
