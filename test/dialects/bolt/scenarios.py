"""What programs do with Neo4j's driver for Python. Takes the address of a server; says what was wrong and fails."""

import datetime
import math
import sys
import threading

import neo4j
from neo4j import GraphDatabase, Query, RoutingControl
from neo4j.exceptions import ClientError, ConstraintError, CypherSyntaxError
from neo4j.spatial import CartesianPoint, WGS84Point
from neo4j.time import Date, DateTime, Duration, Time

ADDRESS = sys.argv[1]


def raises(kind, work, code=None):
    try:
        work()
    except kind as error:
        assert code is None or error.code == code, f"{error.code} is not {code}"
        return error
    raise AssertionError(f"{kind} was not raised")


def values(driver):
    for value in [
        None, True, 42, 2**63 - 1, -(2**63), 1.5, math.inf, "naïve ☃ 𝄞", "", [1, "two", None, [3.5]],
        {"a": 1, "b": {"c": []}},
        Date(2024, 2, 29), Time(1, 2, 3, 4), DateTime(2024, 7, 1, 12, 30, 15, 123456789),
        DateTime(2024, 7, 1, 12, 30, tzinfo=datetime.timezone.utc),
        Duration(months=14, days=-3, seconds=5, nanoseconds=7),
        CartesianPoint((1.5, -2.5)), CartesianPoint((1.0, 2.0, 3.0)), WGS84Point((12.99, 55.61)),
    ]:
        records, _, _ = driver.execute_query("RETURN $value AS value", value=value)
        got = records[0]["value"]
        assert got == value and type(got) is type(value), f"{value!r} came back as {got!r}"
    records, _, _ = driver.execute_query(
        "CREATE (a:Py {name: 'A'})-[r:KNOWS {since: 2001}]->(b:Py) RETURN a, r, b"
    )
    a, r, b = records[0].values()
    assert (set(a.labels), a["name"], r.type, r["since"]) == ({"Py"}, "A", "KNOWS", 2001)
    assert (r.start_node.element_id, r.end_node.element_id) == (a.element_id, b.element_id)
    records, _, _ = driver.execute_query("MATCH p = (:Py {name: 'A'})-[:KNOWS]->() RETURN p")
    path = records[0]["p"]
    ends = (path.start_node.element_id, path.end_node.element_id)
    assert len(path) == 1 and ends == (a.element_id, b.element_id), path


def transactions(driver):
    with driver.session() as session:
        assert session.execute_write(lambda tx: tx.run("CREATE (n:PyTx {x: 1}) RETURN n.x").single()[0]) == 1
        assert session.execute_read(lambda tx: tx.run("MATCH (n:PyTx) RETURN count(n)").single()[0]) == 1
        with session.begin_transaction() as tx:
            tx.run("CREATE (:PyTx)")
            tx.rollback()
        with session.begin_transaction(timeout=5, metadata={"app": "test"}) as tx:
            first, second = tx.run("UNWIND range(1, 5) AS i RETURN i"), tx.run("RETURN 7 AS i")
            assert [record["i"] for record in first] == [1, 2, 3, 4, 5]
            assert second.single()["i"] == 7
            tx.commit()
        assert session.run("MATCH (n:PyTx) RETURN count(n)").single()[0] == 1
        raises(ClientError, lambda: session.execute_read(lambda tx: tx.run("CREATE (:No)").consume()),
               "Neo.ClientError.Statement.AccessMode")
    tries = []

    def contended(tx):
        tries.append(1)
        tx.run("MATCH (n:PyTx) SET n.n = coalesce(n.n, 0) + 1").consume()

    def work():
        with driver.session() as session:
            session.execute_write(contended)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records, _, _ = driver.execute_query("MATCH (n:PyTx) RETURN n.n AS n")
    assert records[0]["n"] == 10 and len(tries) >= 10


def results(driver):
    with driver.session(fetch_size=7) as session:
        assert [record[0] for record in session.run("UNWIND range(1, 100) AS i RETURN i")] == list(range(1, 101))
        result = session.run("UNWIND range(1, 1000000) AS i RETURN i")
        assert next(iter(result))[0] == 1
        assert result.consume().query_type == "r"
        for record in session.run("UNWIND range(1, 1000000) AS i RETURN i"):
            if record[0] == 20:
                break
    summary = driver.execute_query("CREATE (n:PyCount {x: 1}) RETURN n").summary
    assert (summary.counters.nodes_created, summary.counters.properties_set, summary.counters.labels_added) == (1, 1, 1)
    assert summary.counters.contains_updates and summary.query_type == "rw"
    assert driver.execute_query("EXPLAIN MATCH (n) RETURN n").summary.plan is not None
    assert driver.execute_query("PROFILE UNWIND [1, 2] AS i RETURN i").summary.profile["rows"] == 2


def errors(driver):
    raises(CypherSyntaxError, lambda: driver.execute_query("RETURN 1 +"), "Neo.ClientError.Statement.SyntaxError")
    raises(ClientError, lambda: driver.execute_query("RETURN $missing"), "Neo.ClientError.Statement.ParameterMissing")
    driver.execute_query("CREATE CONSTRAINT py_unique FOR (n:PyUnique) REQUIRE n.a IS UNIQUE")
    driver.execute_query("CREATE (:PyUnique {a: 1})")
    raises(ConstraintError, lambda: driver.execute_query("CREATE (:PyUnique {a: 1})"))
    slow = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a + b = -1 RETURN count(*)"
    with driver.session() as session:
        error = raises(ClientError, lambda: session.run(Query(slow, timeout=0.3)).consume(),
                       "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration")
        assert not error.is_retryable()
    with driver.session(database="no_such-database") as session:
        raises(ClientError, lambda: session.run("RETURN 1").consume(), "Neo.ClientError.Database.DatabaseNotFound")


def bookmarks(driver):
    with driver.session() as session:
        session.execute_write(lambda tx: tx.run("CREATE (:PyMarked)").consume())
        marks = session.last_bookmarks()
    assert all(mark.startswith("facet:") for mark in marks.raw_values) and len(marks.raw_values) == 1
    with driver.session(bookmarks=marks, default_access_mode=neo4j.READ_ACCESS) as session:
        assert session.run("MATCH (n:PyMarked) RETURN count(n)").single()[0] == 1
    with driver.session(bookmarks=neo4j.Bookmarks.from_raw_values(["FB:other"])) as session:
        raises(ClientError, lambda: session.run("RETURN 1").consume(), "Neo.ClientError.Transaction.InvalidBookmark")


def crowd(driver):
    failures = []

    def work(index):
        try:
            with driver.session() as session:
                assert session.run("RETURN $i", i=index).single()[0] == index
                session.execute_write(lambda tx: tx.run("CREATE (:PyCrowd {i: $i})", i=index).consume())
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [], failures[:3]
    assert driver.execute_query("MATCH (n:PyCrowd) RETURN count(n)").records[0][0] == 100


with GraphDatabase.driver(f"bolt://{ADDRESS}") as direct:
    direct.verify_connectivity()
    assert direct.get_server_info().agent.startswith("Neo4j/5."), direct.get_server_info().agent
    for scenario in (values, transactions, results, errors, bookmarks, crowd):
        scenario(direct)
        print(f"{scenario.__name__}: ok")
with GraphDatabase.driver(f"neo4j://{ADDRESS}") as routed:
    routed.execute_query("CREATE (:PyRouted)")
    found = routed.execute_query("MATCH (n:PyRouted) RETURN count(n)", routing_=RoutingControl.READ)
    assert found.records[0][0] == 1
    print("routing: ok")
print(f"neo4j {neo4j.__version__}")
