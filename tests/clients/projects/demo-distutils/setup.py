"""A setup.py of old, which Python 2.7 and 3.6 run."""

from setuptools import setup

setup(
    name="Demo.Distutils",
    version="1.0",
    description="A package of old",
    long_description="A package of old.\n\nWith two paragraphs.\n",
    author="Ann Author",
    author_email="ann@example.org",
    url="https://example.org/demo",
    license="MIT",
    keywords="demo old",
    platforms=["any"],
    classifiers=["Programming Language :: Python :: 2", "Programming Language :: Python :: 3"],
    py_modules=["demo_distutils"],
)
