"""A section of a page takes the place of the one before it, and touches no other."""

from training.runs.sections import with_section

PAGE = """## May it go live? Not judged yet

The gate is next.

## What was found

| a |

## Since

Nobody looked.
"""


def test_a_section_takes_the_place_of_its_elder() -> None:
    page = with_section(PAGE, "May it go live?", "It is better.", "Yes")
    assert page.startswith("## May it go live? Yes\n\nIt is better.\n\n## What was found\n")
    assert "Not judged" not in page
    assert page.endswith("## Since\n\nNobody looked.\n")


def test_the_last_section_is_replaced_too() -> None:
    page = with_section(PAGE, "Since", "Quiet.")
    assert page.endswith("## Since\n\nQuiet.\n\n")
    assert with_section(page, "Since", "Quiet.") == page
    assert page.count("## ") == 3


def test_a_page_without_the_section_gets_it_on_top() -> None:
    assert with_section("# An old card\n", "Since", "Quiet.") == "## Since\n\nQuiet.\n\n# An old card\n"
    assert with_section("", "Since", "Quiet.") == "## Since\n\nQuiet.\n\n"


def test_what_a_body_says_is_no_pattern() -> None:
    assert r"a \1 \g<0> b" in with_section(PAGE, "Since", r"a \1 \g<0> b")
