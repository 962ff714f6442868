"""What pyproject.toml has no words for: eighty lines of C, which a machine without a compiler does without."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension("features._grams", ["features/_grams.c"], extra_compile_args=["-ffp-contract=off"], optional=True)
    ]
)
