"""Many Bizy files as partitions of one asset graph, with runs that workers execute.

``dagster.yaml`` is the instance of a fleet, which names ``launcher``. ``python -m
bizy_assets.fleet`` starts and stops broker, workers, daemon and webserver of one machine.
"""
