"""Forgetting builds that nothing names any more."""

from collections.abc import Iterable

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from pyregistry.builds.models import Build, FileBuild
from pyregistry.db import Base, in_batches


def forget_builds(session: Session, build_ids: Iterable[int | None]) -> None:
    """Delete those of the builds that neither a file nor a token names.

    A job whose token is still there may publish more, so its build stays even without a file.
    """
    # Tokens know of builds, not builds of tokens: only of the table that names them.
    tokens = Base.metadata.tables["tokens"]
    named = (
        exists(select(FileBuild.file_id).where(FileBuild.build_id == Build.id)),
        exists(select(tokens.c.id).where(tokens.c.build_id == Build.id)),
    )
    for batch in in_batches({build_id for build_id in build_ids if build_id is not None}):
        session.execute(
            delete(Build).where(Build.id.in_(batch), *(~name for name in named)),
            execution_options={"synchronize_session": False},
        )
