"""Whether the registry works: what load balancers ask, and what administrators want to know."""
