"""Tools of the data world read and write `hubspot://`, against a served emulator."""

from __future__ import annotations

import contextlib
import csv
import gc
import io
import pickle
import zipfile
from typing import Any

import dask.dataframe
import duckdb
import fsspec
import numpy
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet
import pytest
from distributed import Client, LocalCluster
from PIL import Image
from upath import UPath

from hubspot_files.testing import Emulator

FRAME = pandas.DataFrame({"id": range(1000), "name": [f"n{number % 7}" for number in range(1000)]})


@pytest.fixture
def fs(served: Emulator) -> Any:
    return fsspec.filesystem("hubspot")


def test_pandas(fs: Any) -> None:
    FRAME.to_csv("hubspot://data/frame.csv", index=False)
    FRAME.to_csv("hubspot://data/frame.csv.gz", index=False)
    FRAME.to_parquet("hubspot://data/frame.parquet")
    FRAME.to_excel("hubspot://data/frame.xlsx", index=False)
    assert fs.find("/data") == [f"/data/frame.{kind}" for kind in ("csv", "csv.gz", "parquet", "xlsx")]
    for frame in (
        pandas.read_csv("hubspot://data/frame.csv"),
        pandas.read_csv("hubspot://data/frame.csv.gz"),
        pandas.read_parquet("hubspot://data/frame.parquet"),
        pandas.read_excel("hubspot://data/frame.xlsx"),
        pandas.read_csv("hubspot://data/frame.csv", storage_options={"block_size": 500}),
    ):
        pandas.testing.assert_frame_equal(frame, FRAME)
    first = fs.info("/data/frame.csv")["id"]
    FRAME.head().to_csv("hubspot://data/frame.csv", index=False)
    assert fs.info("/data/frame.csv")["id"] == first


@pytest.mark.parametrize("name", ["frame.csv", "frame.csv.gz", "frame.csv.zip", "frame.xlsx", "frame.pkl"])
def test_a_frame_of_pandas_that_fails_keeps_the_old_file(fs: Any, name: str, caplog: pytest.LogCaptureFixture) -> None:
    url = f"hubspot://data/{name}"
    time = pandas.Timestamp("2026-01-01", tz="UTC")
    # No character of Latin-1, no time without a zone, no object that can be pickled.
    broken = pandas.DataFrame({"id": [1, 2], "value": ["100 €", time], "function": [lambda: 1, None]})

    def write(frame: pandas.DataFrame) -> None:
        if name.endswith("xlsx"):
            frame.to_excel(url, index=False)
        elif name.endswith("pkl"):
            frame.to_pickle(url)
        else:
            frame.to_csv(url, index=False, encoding="latin-1")

    write(FRAME)
    before = fs.cat_file(url)
    with pytest.raises((UnicodeEncodeError, ValueError, AttributeError)):
        write(broken)
    gc.collect()
    assert fs.cat_file(url) == before
    assert [record.getMessage().partition(",")[0] for record in caplog.records if record.levelname == "WARNING"] == [
        f"/data/{name} is not stored"
    ]


def test_writers_of_many_parts_that_fail_keep_the_old_file(fs: Any) -> None:
    FRAME.to_excel("hubspot://data/frame.xlsx")
    FRAME.to_parquet("hubspot://data/frame.parquet")
    before = fs.cat("/data/*")
    table = pyarrow.Table.from_pandas(FRAME)
    with pytest.raises(IndexError, match="sheet"), pandas.ExcelWriter("hubspot://data/frame.xlsx"):
        raise KeyError("before the first sheet")
    writer = pyarrow.parquet.ParquetWriter("/data/frame.parquet", table.schema, filesystem=fs)
    with contextlib.suppress(KeyError), writer:
        writer.write_table(table)
        raise KeyError("after the first part")
    gc.collect()
    assert fs.cat("/data/*") == before


def test_polars(fs: Any) -> None:
    frame = polars.from_pandas(FRAME)
    with fs.open("/data/frame.parquet", "wb") as file:
        frame.write_parquet(file)
    with fs.open("/data/frame.csv", "wb") as file:
        frame.write_csv(file)
    with fs.open("/data/frame.parquet") as file:
        assert polars.read_parquet(file, columns=["id"])["id"].sum() == 499_500
    with fs.open("/data/frame.csv") as file:
        assert polars.read_csv(file).equals(frame)
    dataset = pyarrow.dataset.dataset("data/frame.parquet", filesystem=fs)
    assert polars.scan_pyarrow_dataset(dataset).filter(polars.col("id") < 10).collect().height == 10


def test_pyarrow(fs: Any) -> None:
    table = pyarrow.Table.from_pandas(FRAME)
    pyarrow.dataset.write_dataset(
        table, "/data/parts", filesystem=fs, format="parquet", partitioning=["name"], partitioning_flavor="hive"
    )
    dataset = pyarrow.dataset.dataset("/data/parts", filesystem=fs, partitioning="hive")
    assert dataset.count_rows() == 1000
    assert len(dataset.to_table(filter=pyarrow.dataset.field("name") == "n3", columns=["id"])) == 143
    pyarrow.dataset.write_dataset(
        table,
        "/data/parts",
        filesystem=fs,
        format="parquet",
        partitioning=["name"],
        partitioning_flavor="hive",
        existing_data_behavior="overwrite_or_ignore",
    )
    assert pyarrow.dataset.dataset("/data/parts", filesystem=fs, partitioning="hive").count_rows() == 1000


def test_duckdb(fs: Any) -> None:
    FRAME.to_parquet("hubspot://data/1.parquet")
    FRAME.to_csv("hubspot://data/2.csv", index=False)
    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        query = "select name, count(*) from read_parquet('hubspot://data/*.parquet') group by name order by name"
        assert connection.execute(query).fetchall()[0] == ("n0", 143)
        assert connection.execute("select sum(id) from 'hubspot://data/2.csv'").fetchall() == [(499_500,)]
        connection.execute(
            "copy (select * from 'hubspot://data/2.csv' where id < 5) to 'hubspot://data/3.parquet' (format parquet)"
        )
    assert len(pandas.read_parquet("hubspot://data/3.parquet")) == 5


def test_dask(fs: Any) -> None:
    content = io.BytesIO()
    pandas.DataFrame({"x": numpy.arange(10), "y": 1.5}).to_parquet(content)
    fs.pipe({f"/parts/{number:03}.parquet": content.getvalue() for number in range(100)})
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        frame = dask.dataframe.read_parquet("hubspot://parts/*.parquet", columns=["x"]).persist()
        assert frame["x"].sum().compute() == 4500
        frame.repartition(npartitions=4).to_parquet("hubspot://results")
        frame.repartition(npartitions=3).to_csv("hubspot://results-csv/*.csv")
        assert client.submit(_length, fs, "/parts/007.parquet").result() == len(content.getvalue())
    assert len(pandas.read_parquet("hubspot://results")) == 1000
    fs.invalidate_cache()
    assert len(fs.ls("/results-csv")) == 3


def _length(fs: Any, path: str) -> int:
    return len(fs.cat_file(path))


@pytest.mark.filterwarnings("ignore:UPath 'hubspot' filesystem not explicitly implemented")
def test_universal_pathlib(served: Emulator) -> None:
    folder = UPath("hubspot://library/reports")
    path = folder / "q1.csv"
    path.write_text("a,b\n")
    assert path.read_bytes() == b"a,b\n"
    assert path.exists()
    assert folder.is_dir()
    assert path.stat().st_size == 4
    assert [(child.name, child.suffix) for child in folder.iterdir()] == [("q1.csv", ".csv")]
    assert [str(found) for found in UPath("hubspot://library").glob("**/*.csv")] == [str(path)]
    moved = path.rename(folder / "q2.csv")
    assert pickle.loads(pickle.dumps(moved)).read_text() == "a,b\n"
    moved.unlink()
    folder.rmdir()
    assert not folder.exists()
    (folder / "new").mkdir(parents=True)


def test_pillow_zipfile_and_csv(fs: Any) -> None:
    image = Image.new("RGB", (60, 40), "red")
    with fs.open("/images/red.png", "wb") as file:
        image.save(file, "PNG")
    with fs.open("/images/red.png") as file, Image.open(file) as found:
        assert found.convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    with fs.open("/data/archive.zip", "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner.csv", "a,b\n1,2\n")
    with fs.open("/data/archive.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["inner.csv"]
    with fsspec.open("zip://inner.csv::hubspot://data/archive.zip", "r") as text:
        assert list(csv.reader(text)) == [["a", "b"], ["1", "2"]]
