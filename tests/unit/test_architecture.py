"""The layers: views, resources and commands → services → models → database, never back."""

import ast
from collections.abc import Callable, Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.factories.source import PACKAGE, REPOSITORY, Module, imported_modules, modules

MAXIMUM_MODULE_LENGTH = 400
MAXIMUM_FUNCTION_LENGTH = 60

OUTERMOST_FOLDERS = {"api", "cli", "resources", "ui"}
COMPOSITION = {
    "authority",
    "components",
    "config",
    "csrf",
    "exactness",
    "quotas",
    "refusals",
    "remembering",
    "server",
    "second_attempts",
    "transactions",
}
"""The modules that put the application together."""

LEAVES = {
    *("clock", "errors", "http", "parallel", "progress"),
    *("proxies", "sentences", "settings", "texts", "version"),
}
"""What everything may use, and what uses nothing of the domains."""


def is_view(module: Module) -> bool:
    """Views, resources and commands, and what puts them together."""
    parts = module.parts
    return (
        not parts
        or parts[0] in OUTERMOST_FOLDERS | COMPOSITION
        or "views" in parts
        or (parts[0] == "authnz" and module.is_package)
    )


def is_model(module: Module) -> bool:
    return module.parts[-1:] == ("models",) and len(module.parts) > 1


def is_service(module: Module) -> bool:
    """Modules of verbs: the folders of services, and the domains that are verbs alone."""
    if is_view(module) or is_model(module):
        return False
    return "services" in module.parts or module.parts[0] in {"events", "forklift", "storage"}


def holds_no_sql(module: Module) -> bool:
    """Views, resources and commands; but what connects requests to the database must know it."""
    return bool(module.parts) and is_view(module) and module.parts[0] not in COMPOSITION


def named(choose: Callable[[Module], bool]) -> list[str]:
    return [name for name, module in modules().items() if choose(module)]


def used_by(module: Module) -> set[str]:
    """The modules that a module uses; the package itself imports nothing by itself."""
    return set(imported_modules(module.name)) - {PACKAGE}


def offenders(
    choose: Callable[[Module], object], find: Callable[[Module], Collection[str]]
) -> dict[str, list[str]]:
    """What `find` finds, by module: of the modules that `choose` chooses, those with something."""
    found = {name: find(module) for name, module in modules().items() if choose(module)}
    return {name: sorted(set(what)) for name, what in found.items() if what}


def cycle_in(graph: Mapping[str, set[str]]) -> list[str] | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_the_layers_are_recognised() -> None:
    assert "pyregistry.accounts.services.users" in named(is_service)
    assert "pyregistry.simple.services" in named(is_service)
    assert "pyregistry.accounts.models" in named(is_model)
    assert "pyregistry.forklift.views" in named(is_view)
    assert "pyregistry.resources.root" in named(holds_no_sql)
    assert "pyregistry.cli.users" in named(holds_no_sql)


def test_services_know_no_views() -> None:
    assert offenders(is_service, lambda module: used_by(module) & set(named(is_view))) == {}


def test_services_know_no_pyramid() -> None:
    def pyramid(module: Module) -> list[str]:
        return [target for target in module.imports() if target.split(".")[0] == "pyramid"]

    assert offenders(is_service, pyramid) == {}


def test_services_take_no_request() -> None:
    def with_request(module: Module) -> list[str]:
        return [
            function.name
            for function in module.functions()
            for argument in (
                *function.args.posonlyargs,
                *function.args.args,
                *function.args.kwonlyargs,
            )
            if argument.arg.strip("_") == "request"
        ]

    assert offenders(is_service, with_request) == {}


def test_models_know_no_services() -> None:
    beyond = {*named(is_service), *named(is_view)}
    assert offenders(is_model, lambda module: used_by(module) & beyond) == {}


def test_the_database_knows_nothing_of_the_package() -> None:
    layer = {f"pyregistry.{name}" for name in ("db", "engines", "retries", "slow_queries")}
    for module in layer:
        assert set(imported_modules(module)) <= layer


def test_views_resources_and_commands_import_no_sql() -> None:
    # A session is handed on, and what a broken database raises is told; nothing is asked.
    def sql(module: Module) -> list[str]:
        return [
            target
            for target in module.imports()
            if target.split(".")[0] == "sqlalchemy"
            and target != "sqlalchemy.orm.Session"
            and not target.startswith("sqlalchemy.exc.")
        ]

    assert offenders(holds_no_sql, sql) == {}


def test_views_resources_and_commands_run_no_sql() -> None:
    def queries(module: Module) -> list[str]:
        return [
            ast.unparse(node)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"execute", "scalars", "scalar", "exec_driver_sql"}
        ]

    assert offenders(holds_no_sql, queries) == {}


def test_no_arrow_points_back_to_the_outside() -> None:
    outside = set(named(is_view)) - {PACKAGE}
    inside = offenders(lambda module: not is_view(module), lambda module: used_by(module) & outside)
    assert inside == {}


def test_leaves_use_only_leaves() -> None:
    def beyond(module: Module) -> list[str]:
        return [target for target in used_by(module) if target.split(".")[1] not in LEAVES]

    assert offenders(lambda module: module.parts[:1] and module.parts[0] in LEAVES, beyond) == {}


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph = {name: used_by(module) for name, module in modules().items()}
    assert cycle_in(graph) is None


def test_domains_do_not_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module in modules().values():
        if not is_view(module):
            used = {modules()[target] for target in used_by(module)}
            domains = {target.parts[0] for target in used if not is_view(target)}
            graph.setdefault(module.parts[0], set()).update(domains - {module.parts[0]})
    assert cycle_in(graph) is None


def test_module_length() -> None:
    def too_long(module: Module) -> bool:
        return module.lines > MAXIMUM_MODULE_LENGTH

    assert named(too_long) == []


def test_function_length() -> None:
    def too_long(module: Module) -> list[str]:
        return [
            function.name
            for function in module.functions()
            if (function.end_lineno or 0) - function.lineno >= MAXIMUM_FUNCTION_LENGTH
        ]

    assert offenders(lambda _: True, too_long) == {}


def test_every_module_says_what_it_is() -> None:
    assert named(lambda module: not ast.get_docstring(module.tree)) == []


def test_public_functions_and_classes_say_what_they_promise() -> None:
    def silent(module: Module) -> list[str]:
        return [
            node.name
            for node in documented(module.tree)
            if not node.name.startswith("_") and not ast.get_docstring(node)
        ]

    assert offenders(lambda _: True, silent) == {}


def documented(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions and classes of a module; what methods promise is often said by an interface."""
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


# In two pieces each, so that this file does not hold what it looks for.
PUBLIC_INDEXES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "pypi" + ".python.org",
    "conda" + ".anaconda.org",
    "registry" + ".npmjs.org",
]


def repository_files() -> list[str]:
    """Every file that belongs to the repository, by its path in it."""
    skipped = {".venv", ".git", "var", "dist", "build", "screenshots"}
    return [
        str(path.relative_to(REPOSITORY))
        for path in sorted(REPOSITORY.rglob("*"))
        if path.is_file()
        and not any(
            part in skipped or part == "__pycache__" or part.endswith(("_cache", ".egg-info"))
            for part in path.relative_to(REPOSITORY).parts
        )
        and path.relative_to(REPOSITORY).parts[0] != ".hypothesis"
    ]


def test_no_address_of_a_public_index_is_in_the_repository() -> None:
    found = [
        (path, needle)
        for path in repository_files()
        for needle in PUBLIC_INDEXES
        if needle.encode() in (REPOSITORY / path).read_bytes().lower()
    ]
    assert found == []
