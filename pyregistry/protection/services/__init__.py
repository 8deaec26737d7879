"""The verbs of protection: manage rules and prefixes, check a name against them."""
