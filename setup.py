"""What pyproject.toml has no words for: some C, which a machine without a compiler does without."""

from setuptools import Extension, setup

# A product is rounded before it is added, as numpy rounds it.
SETTINGS = ["-ffp-contract=off", "-fno-math-errno"]

setup(
    ext_modules=[
        Extension("features._grams", ["features/_grams.c"], extra_compile_args=SETTINGS, libraries=["m"], optional=True)
    ]
)
