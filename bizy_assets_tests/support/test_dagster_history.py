"""The history in memory: any thread may log, and one history can take the place of another."""

import threading

from bizy_assets_tests.support.dagster_history import open_history, replace_history


def test_other_threads_log_and_the_content_is_replaced() -> None:
    with open_history() as history, open_history() as empty:
        log = {"message": "waiting", "run_id": "one", "job_name": "migrate"}
        thread = threading.Thread(target=history.report_engine_event, kwargs=log)
        thread.start()
        thread.join()
        assert [entry.message for entry in history.all_logs("one")] == ["waiting"]
        replace_history(history, by=empty)
        assert history.all_logs("one") == []
