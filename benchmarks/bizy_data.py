"""Makes Bizy databases of any size for benchmarks, by SQLite itself and always the same."""

import sqlite3
from contextlib import closing
from pathlib import Path

GOALS_PER_TASK = 1 / 67

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE goals (
    id INTEGER NOT NULL PRIMARY KEY, title VARCHAR(500) NOT NULL, description TEXT,
    horizon VARCHAR(50), target_date DATETIME, status VARCHAR(50), progress_percentage FLOAT,
    success_criteria TEXT, parent_goal_id INTEGER, created_at DATETIME, updated_at DATETIME,
    metrics JSON, project_name VARCHAR(200), repository_path VARCHAR(500));
CREATE TABLE tasks (
    id INTEGER NOT NULL PRIMARY KEY, title VARCHAR(500) NOT NULL, description TEXT,
    priority INTEGER, status VARCHAR(50), category VARCHAR(100), estimated_hours FLOAT,
    actual_hours FLOAT, due_date DATETIME, created_at DATETIME, completed_at DATETIME,
    parent_goal_id INTEGER, dependencies JSON, notes TEXT, tags JSON,
    project_name VARCHAR(200), repository_path VARCHAR(500));
"""

_GOALS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO goals
SELECT i, 'Goal ' || i || ': größer werden', 'Why this matters, part ' || i, 'quarterly',
       strftime('%Y-%m-%d 00:00:00.000000', 1740000000 + i * 40, 'unixepoch'),
       CASE i % 3 WHEN 0 THEN 'completed' ELSE 'active' END, (i * 7) % 100 + 0.5,
       'Measured by number ' || (i % 17), CASE WHEN i % 5 = 0 AND i > 5 THEN i - 5 END,
       strftime('%Y-%m-%d %H:%M:%S.', 1725000000 + i * 30, 'unixepoch')
           || printf('%06d', i % 1000000),
       strftime('%Y-%m-%d %H:%M:%S.', 1725000000 + i * 30 + 86400 * (i % 2), 'unixepoch')
           || printf('%06d', i % 1000000),
       '{"mrr": ' || (i * 13 % 9999) || ', "note": "\\u6771"}',
       CASE WHEN i % 4 = 0 THEN 'business-agent' END, CASE WHEN i % 4 = 0 THEN '/home/u/work' END
FROM n
"""

_TASKS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO tasks
SELECT i, 'Task ' || i || ' — review the quarterly numbers',
       'Body of task ' || i || ': ' || substr(:text, 1 + i % 40, 60 + i % 120), i % 5 + 1,
       CASE i % 3 WHEN 0 THEN 'completed' WHEN 1 THEN 'pending' ELSE 'in_progress' END,
       CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'marketing' WHEN 2 THEN 'sales'
                  WHEN 3 THEN 'operations' ELSE 'development' END,
       (i % 16) / 2.0, CASE WHEN i % 3 = 0 THEN (i % 12) / 4.0 END,
       CASE WHEN i % 4 THEN strftime('%Y-%m-%d 17:00:00.000000', 1740000000 + i * 60, 'unixepoch')
       END,
       strftime('%Y-%m-%d %H:%M:%S.', 1725000000 + i * 50 * 1000000 / :count, 'unixepoch')
           || printf('%06d', i % 1000000),
       CASE WHEN i % 3 = 0 THEN
           strftime('%Y-%m-%d %H:%M:%S.', 1725100000 + i * 50 * 1000000 / :count, 'unixepoch')
               || printf('%06d', i * 7 % 1000000) END,
       CASE WHEN i % 5 THEN 1 + i % :goals END, '[' || (i - 1) || ', ' || (i / 2) || ']',
       CASE WHEN i % 2 THEN substr(:text, 1 + i % 70, 80) END, '["urgent", "a\\"b", "größe"]',
       CASE WHEN i % 4 = 0 THEN 'business-agent' END,
       CASE WHEN i % 4 = 0 THEN '/home/u/work' END
FROM n
"""

_TEXT = (
    "Call the auditor about last year's figures, then write down what was agreed; "
    "ask for the signed contract, größere Beträge zuerst, and put 東京 on the list. "
) * 4


def make(path: Path, tasks: int) -> None:
    """Makes a database of so many tasks, of about 430 bytes each, and a 67th as many goals."""
    path.unlink(missing_ok=True)
    goals = max(1, round(tasks * GOALS_PER_TASK))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA)
        connection.execute(_GOALS, {"count": goals})
        connection.execute(_TASKS, {"count": tasks, "goals": goals, "text": _TEXT})
        connection.commit()
