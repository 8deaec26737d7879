"""The resource tree: every address of the registry, as Pyramid traverses it.

    /                                        Root
    /<group>/…/<project>/<package>/<version>/  Group, Project, Package, Release
    <any of these>/-/…                       its Endpoints
    /api/v4/…                                the JSON API, in GitLab's layout
    /packages/<sha256>/<filename>            files, for mirroring clients
    /robots.txt, /favicon.ico                what crawlers and browsers look for

Resources ask services and hold no SQL. Views are registered for resource
classes, always under the empty name: a page's address never depends on whether a
package happens to have its name.
"""

from pyregistry.resources.root import Root, root_factory

__all__ = ["Root", "root_factory"]
