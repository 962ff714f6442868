"""What pyproject.toml has no words for: some C, which a machine without a compiler does without."""

from setuptools import Extension, setup

# A product is rounded before it is added, as numpy rounds it.
SETTINGS = ["-O3", "-ffp-contract=off", "-fno-math-errno"]
SOURCES = ["features/_grams.c", "features/_scores.c"]

setup(
    ext_modules=[Extension("features._compiled", SOURCES, extra_compile_args=SETTINGS, libraries=["m"], optional=True)]
)
