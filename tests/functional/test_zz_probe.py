from tests.factories.world import *
from tests.factories.distributions import wheel
import pytest
PATHS = ["/acme%00/", "/acme/core/a%00/", "/acme/core/demo-package/1%00/", "/acme/core/-/simple/a%00/","/acme/-/simple/a%00/","/-/simple/a%00/",
 "/acme/core/-/files/"+"0"*64+"/a%00", "/packages/"+"0"*64+"/a%00", "/api/v4/projects/acme%2Fcore%00/packages", "/api/v4/projects/acme%2Fcore/packages?package_name=a%00",
 "/api/v4/projects/acme%2Fcore/packages/pypi/status/a%00", "/api/v4/projects/999999999999999999/packages", "/api/v4/projects/acme%2Fcore/packages/999999999999999999", "/api/v4/projects/%D9%A3/packages","/api/v4/projects/acme%2Fcore/packages?page=99999999999999999999",
 "/?after=%00", "/acme/?after=%00", "/acme/core/?after=%00", "/acme/core/?q=%00", "/?page=%00",
 "/api/v4/projects/%C2%B2/packages", "/acme/core/-/simple/a%0d%0aX:b/", "/acme/core/-/simple/a%0d%0aX:b", "/acme/core/a%0d%0aX:b", "/acme/core/%D9%A3/","/acme/core/demo-package/%D9%A3/", "/acme/core/-/simple/%EF%BF%BD/", "/"+"x/"*3000]
@pytest.mark.parametrize("path", PATHS, ids=lambda p: p[:40])
def test_probe(world, path):
    world.project("acme/core", "public")
    world.upload("acme/core", wheel())
    for accept in ("*/*", "text/html"):
        r = world.app.get(path, headers={"Accept": accept, **world.as_("boss%d" % len(world.users))}, expect_errors=True)
        assert r.status_int < 500, r.status
        r = world.app.get(path, headers={"Accept": accept}, expect_errors=True)
        assert r.status_int < 500, r.status
def test_login_nul(world):
    r = world.app.get("/-/login")
    f = r.forms[0] if r.forms else None
    for form in r.forms.values():
        if "username" in form.fields:
            form["username"] = "a\0"; form["password"]="x"
            r2 = form.submit(expect_errors=True)
            assert r2.status_int < 500
            return
    assert 0, r.text
