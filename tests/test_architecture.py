"""Who may import whom: the arrows of the house, and what each room may bring in."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "desk": set(),
    "features": {"desk"},
    "models": {"desk", "features"},
    "journal": {"desk"},
    "training": {"desk", "features", "models", "journal"},
    "serving": {"desk", "features", "models", "journal"},
    "simulation": {"desk", "journal", "training"},
    "cli": {"desk", "features", "models", "journal", "training", "serving", "simulation"},
}
DESK_MAY_USE = {"cel", "holidays", "scipy"}
FORBIDDEN = {
    "pickle": set(MAY_IMPORT),
    "joblib": set(MAY_IMPORT),
    "cloudpickle": set(MAY_IMPORT),
    "dill": set(MAY_IMPORT),
    "skops": set(MAY_IMPORT),
    "pandas": set(MAY_IMPORT) - {"training", "simulation", "cli"},
    "sklearn": {"desk", "features", "journal", "serving"},
    "mlflow": {"desk", "features", "journal", "serving"},
    "torch": set(MAY_IMPORT) - {"training"},
    "sentence_transformers": set(MAY_IMPORT) - {"training"},
    "model2vec": set(MAY_IMPORT) - {"training"},
}
SPEECHLESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}


def modules(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_beneath_it(package: str) -> None:
    for path in modules(package):
        wrong = (imported(path) & set(MAY_IMPORT)) - MAY_IMPORT[package] - {package}
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_library_stays_out_of_the_rooms_that_must_not_know_it(name: str) -> None:
    for package in FORBIDDEN[name]:
        for path in modules(package):
            assert name not in imported(path), f"{path.relative_to(ROOT)} imports {name}"


def test_the_desk_knows_the_standard_library_and_three_others() -> None:
    import sys

    for path in modules("desk"):
        foreign = imported(path) - set(sys.stdlib_module_names) - DESK_MAY_USE - {"desk"}
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_nobody_imports_the_command_line_the_tests_or_the_benchmarks() -> None:
    for package in MAY_IMPORT:
        for path in modules(package):
            allowed = {"cli"} if package == "cli" else set()
            wrong = (imported(path) & {"cli", "tests", "benchmarks", "notebooks"}) - allowed
            assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_module_names_say_something() -> None:
    for package in MAY_IMPORT:
        for path in modules(package):
            assert path.stem not in SPEECHLESS, path.relative_to(ROOT)
