"""Who pulled something in the last 30 days: what is to be known before it goes."""

from datetime import timedelta

from pyramid.request import Request

from pyregistry.packaging import models
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import namespace_above
from pyregistry.usage.services.pulls import Pullers, who_pulled

DAYS = 30


def pulled_lately(
    context: Resource,
    request: Request,
    package: models.Package,
    *,
    version: str | None = None,
    filename: str | None = None,
) -> Pullers:
    """Who pulled files of a package, of a release (`version`), or one file of it."""
    return who_pulled(
        request.db,
        namespace_above(context).record.id,
        package.normalized_name,
        request.now - timedelta(days=DAYS),
        version=version,
        filename=filename,
    )
