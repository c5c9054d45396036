#!/usr/bin/python3
"""Adds up JUnit reports: `count_results.py REPORT.xml...` prints "N passed, N failed[, N skipped]" and fails if a test failed or no test ran."""
import sys
from xml.etree import ElementTree


def count(paths):
    """Passed, failed and skipped test cases in all reports."""
    passed = failed = skipped = 0
    for path in paths:
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped


def main(paths):
    passed, failed, skipped = count(paths)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
