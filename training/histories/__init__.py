"""A desk's files to histories: read, mapped, labelled, kept."""
