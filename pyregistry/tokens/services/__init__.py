"""The verbs of tokens: create one, recognise one."""
