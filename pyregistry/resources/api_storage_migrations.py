"""Migrations of the storage in the JSON API."""

from pyregistry.resources.base import Resource, number_of


class ApiStorageMigrations(Resource):
    """`/api/v4/application/storage_migrations`."""

    def __getitem__(self, segment: str) -> Resource:
        return ApiStorageMigration(self.request, self, segment)


class ApiStorageMigration(Resource):
    """`…/storage_migrations/:migration_id`: one that there is, or could be."""

    @property
    def migration_id(self) -> int | None:
        """The migration's id; None for what can be none."""
        return number_of(self.__name__)

    def __getitem__(self, segment: str) -> Resource:
        if segment != "cancel":
            raise KeyError(segment)
        return ApiCancelStorageMigration(self.request, self, segment)


class ApiCancelStorageMigration(Resource):
    """`…/storage_migrations/:migration_id/cancel`."""

    __parent__: ApiStorageMigration

    @property
    def migration_id(self) -> int | None:
        """The migration's id; None for what can be none."""
        return self.__parent__.migration_id
