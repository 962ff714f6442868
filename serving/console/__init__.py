"""The console: pages for people who label tickets and for those who answer for the desk, made on the server.

A page needs no script, loads nothing from elsewhere, and escapes whatever people wrote. Who signs in does so by key;
what holds then is a signed cookie, and the key itself at every request. Knows no machine's routes, and they not it.
"""
