"""Names that keep their numbers, whatever a release of the generator does with them."""

from __future__ import annotations

import pytest

from generator.writing import naming


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("fileMd5", "file_md5"),
        ("md5", "md5"),
        ("sha256Sum", "sha256_sum"),
        ("page_2", "page_2"),
        ("page-2", "page_2"),
        ("createdAtGte", "created_at_gte"),
        ("parentFolderIds", "parent_folder_ids"),
    ],
)
def test_a_number_stays_where_the_description_has_it(written: str, name: str) -> None:
    assert naming.snake_case(written) == name
