"""Trusted publishing, where PyPI has it: clients drop the path of the index and ask the host."""

from pyregistry.resources.base import Resource


class TopLevelExchange(Resource):
    """`/_`, which holds the exchange and nothing else."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "oidc":
            raise KeyError(segment)
        return Exchange(self.request, self, segment)


class Exchange(Resource):
    """`/_/oidc`: where the ID tokens of jobs are exchanged for job tokens."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "audience":
            return ExchangeAudience(self.request, self, segment)
        if segment == "mint-token":
            return MintToken(self.request, self, segment)
        if segment == "burn-token":
            return BurnToken(self.request, self, segment)
        raise KeyError(segment)


class ExchangeAudience(Resource):
    """`/_/oidc/audience`: whom ID tokens must be made out to."""


class MintToken(Resource):
    """`/_/oidc/mint-token`: takes an ID token, gives a job token."""


class BurnToken(Resource):
    """`/_/oidc/burn-token`: takes a job token that is no longer needed."""
