"""A policy of the shelf put in force on a world made by hand."""

from abm.policies import SHELF


def done(kind, state, rules, **values):
    """(the rules with the policy in force, its targets, its reach, its price) in the year after ``state``."""
    policy = SHELF[kind](**values)
    at = policy.pick(rules, state)
    reach = policy.reach(rules, state, at)
    return policy.edit(rules, state, at), at, reach, policy.price(reach)
