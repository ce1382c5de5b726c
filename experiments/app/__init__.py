"""The workshop's screen: a page on this machine that plays two futures of a city side by side."""
