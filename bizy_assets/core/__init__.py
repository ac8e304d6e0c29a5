"""The migration in plain Python, without Dagster.

Packages from bottom to top; each imports only from those above it in this list:

    errors        errors that the user can fix
    common        id sets, row counts, check results, progress, files and text
    contracts     the tables of Bizy: columns, rules and indexes
    settings      settings from the environment and from resources
    source        the SQLite file and its snapshots
    postgres      connections, COPY, locks and catalog of any PostgreSQL database
    transform     conversion of the source's values, time zones included
    validation    rules for source values; rejected rows
    target        tables of the target, their owner and privileges
    state         what earlier runs loaded
    reconcile     comparison of the target with the snapshot
    load          loading a table: insert, merge, adopt, dry run
    rollback      removal of all that the migration wrote
    report        the migration report
    server        the embedded server; provisioning of a role and a database
"""
