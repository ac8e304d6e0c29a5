"""What the columns of Bizy's tables mean, for people who read a table's description."""

from collections.abc import Mapping

from bizy_assets.core.contracts.model import Contract

_SHARED = {
    "id": "Number of the row",
    "user_id": "Account that owns the row",
    "title": "Title",
    "description": "Longer description",
    "notes": "Notes",
    "category": "Category",
    "tags": "Tags",
    "created_at": "Time of creation",
    "updated_at": "Time of the last change",
    "completed_at": "Time of completion",
    "project_name": "Project in which it was created",
    "repository_path": "Folder of that project's repository",
}

_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "goals": {
        "parent_goal_id": "Goal that this one is a part of",
        "horizon": "Period of the goal: yearly, quarterly, monthly or weekly",
        "target_date": "Day or time by which it should be reached",
        "status": "State: active, completed, on_hold or cancelled",
        "progress_percentage": "Progress in percent",
        "success_criteria": "How to recognise that it is reached",
        "metrics": "Measured values of the goal",
    },
    "tasks": {
        "parent_goal_id": "Goal that the task serves",
        "priority": "Priority from 1 to 5",
        "status": "State: pending, in_progress, completed or blocked",
        "estimated_hours": "Estimated effort in hours",
        "actual_hours": "Actual effort in hours",
        "due_date": "Day or time by which it should be done",
        "dependencies": "Tasks that must be done before",
    },
    "daily_logs": {
        "date": "Day of the log",
        "tasks_completed": "Number of tasks completed that day",
        "tasks_planned": "Number of tasks planned for that day",
        "completion_rate": "Share of the planned tasks that were completed",
        "energy_level": "Energy of the day",
        "blockers": "What hindered",
        "wins": "What succeeded",
        "learnings": "What was learned",
        "tomorrow_focus": "Focus of the next day",
        "mood": "Mood of the day",
    },
    "research": {
        "summary": "Summary of the finding",
        "source_url": "Address of the source",
        "relevance_score": "Relevance as a number",
        "date_found": "Time of the finding",
        "action_items": "What to do about it",
        "raw_data": "Unprocessed data of the source",
    },
    "metrics": {
        "metric_name": "Name of the metric",
        "value": "Measured value",
        "date": "Time of the measurement",
        "target_value": "Value to be reached",
    },
    "business_plans": {
        "name": "Name of the plan",
        "version": "Version of the plan",
        "vision": "Vision",
        "mission": "Mission",
        "value_proposition": "Value for the customers",
        "target_market": "Market that the plan is made for",
        "revenue_model": "How revenue is made",
        "key_resources": "Resources that the plan needs",
        "key_activities": "Activities that the plan needs",
        "key_partnerships": "Partners that the plan needs",
        "cost_structure": "Costs",
        "is_active": "Whether the plan is the current one",
    },
}


def column_meaning(contract: Contract, column: str) -> str:
    """Return what a column means, without a full stop; raises KeyError for an unknown column."""
    return _MEANINGS[contract.table].get(column) or _SHARED[column]
