"""Files that would take the place of others in the index of a group."""

from collections.abc import Collection

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, aliased

from pyregistry.namespaces.models import NamespaceAncestor
from pyregistry.namespaces.services.subtrees import ids_below
from pyregistry.packaging.errors import FilesReplaced
from pyregistry.packaging.models import File, Package
from pyregistry.sentences import shown


def check_replaces_nothing(session: Session, namespace_id: int, group_ids: Collection[int]) -> None:
    """Raise `FilesReplaced` where what comes into groups has older files of the same names.

    An index shows the oldest of several, so that nobody replaces what is published: who moves
    an older one there would. Asked under the lock on the serial, the answer holds until the
    commit. Where the other file is, is not said: who moves need not see that project.
    """
    coming, there = aliased(File), aliased(File)
    package_coming, package_there = aliased(Package), aliased(Package)
    inside = ids_below(namespace_id)
    around = select(NamespaceAncestor.namespace_id).where(
        NamespaceAncestor.ancestor_id.in_(group_ids)
    )
    filename = session.scalars(
        select(coming.filename)
        .join(package_coming, package_coming.id == coming.package_id)
        # Names have an index over all projects, and files have none.
        .join(package_there, package_there.normalized_name == package_coming.normalized_name)
        .join(there, there.package_id == package_there.id)
        .where(
            package_coming.project_id.in_(inside),
            package_there.project_id.in_(around),
            package_there.project_id.not_in(inside),
            there.filename == coming.filename,
            there.sha256 != coming.sha256,
            tuple_(coming.uploaded_at, coming.id) < tuple_(there.uploaded_at, there.id),
        )
        .order_by(coming.id)
        .limit(1)
    ).first()
    if filename is not None:
        raise FilesReplaced(
            f"The file {shown(filename)} would take the place of a newer one in the index of a "
            "group there: delete it first."
        )
