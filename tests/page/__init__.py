"""The sandbox page in a real Chromium, against the real sandbox server."""
