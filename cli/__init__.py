"""The verbs of the command line, each a module, imported when it is called."""
