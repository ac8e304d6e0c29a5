"""Errors of a step that become a failure with a sentence."""

import dagster as dg

from bizy_assets.core.process import OUT_OF_MEMORY
from bizy_assets.runtime import user_errors


def test_a_lack_of_memory_is_a_failure_with_a_remedy() -> None:
    @dg.op
    def greedy(context: dg.OpExecutionContext) -> None:
        with user_errors(context):
            raise MemoryError

    @dg.job
    def job() -> None:
        greedy()

    result = job.execute_in_process(raise_on_error=False)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.description == OUT_OF_MEMORY
