"""Every model, so that the metadata is whole wherever this is imported."""

import pyregistry.accounts.models
import pyregistry.builds.models
import pyregistry.events.models
import pyregistry.freshness.models
import pyregistry.jobs.models
import pyregistry.limits.models
import pyregistry.namespaces.models
import pyregistry.numbering
import pyregistry.packaging.models
import pyregistry.protection.models
import pyregistry.tokens.models
import pyregistry.trusted_publishing.models  # noqa: F401 -- imported for the tables they define
from pyregistry.db import Base

metadata = Base.metadata
