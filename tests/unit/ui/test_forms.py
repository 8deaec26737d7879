"""What forms and queries of pages may hold."""

from hypothesis import given
from hypothesis import strategies as st

from pyregistry.ui.forms import local_path


@given(st.text(alphabet="/\\ \t\n\r:@a.?#%\x00ä", max_size=12))
def test_a_local_path_stays_on_this_host(address: str) -> None:
    path = local_path(address)
    assert path == "" or (path[0] == "/" and path[1:2] not in ("/", "\\") and path.isascii())
