"""Plain integers for the keyed random numbers: splitmix64 (Steele, Lea & Flood 2014) and lowbias32 (Wellons 2018)."""

WORD, HALF = 2**64 - 1, 2**32 - 1
GOLDEN = 0x9E3779B97F4A7C15


def splitmix64(state):
    """The output of splitmix64 whose state was ``state`` before the call."""
    z = (state + GOLDEN) & WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


def lowbias32(x):
    x ^= x >> 16
    x = (x * 0x7FEB352D) & HALF
    x ^= x >> 15
    x = (x * 0x846CA68B) & HALF
    return x ^ (x >> 16)


def stream(seed, number, year=0, round=0):
    """The name of a stream: its parts are mixed in one after another."""
    name = 0
    for part in (seed, number, year, round):
        name = splitmix64(name ^ splitmix64(part & WORD))
    return name


def key32(name, identity):
    """A household's key in a stream: the upper half of 64 bits."""
    return splitmix64(name ^ splitmix64(identity & WORD)) >> 32


def uniform(name, identity):
    """A double in (0, 1) from 52 bits."""
    return ((splitmix64(name ^ splitmix64(identity & WORD)) >> 12) + 0.5) / 2**52


def bits(household, alternative):
    return lowbias32(household ^ ((alternative * 0x9E3779B9) & HALF))


def uniform23(word):
    """A number in (0, 1) from the upper 23 bits."""
    return ((word >> 9) + 0.5) / 2**23
