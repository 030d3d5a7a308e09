from typing import Any

from prometheus_client import CollectorRegistry
from raw_events import scalar_records

from tbgateway.scalars import ScalarMetrics


async def test_reading_is_counted(site: Any, until: Any) -> None:
    experiment = site.write("a", scalar_records("loss", 3.0))
    registry = CollectorRegistry()
    async with site.reading() as scalars:
        registry.register(ScalarMetrics(scalars))
        scalars.digest(experiment)
        assert registry.get_sample_value("tbgateway_scalar_reads_waiting") == 1
        await until(lambda: not scalars.waiting)
        assert registry.get_sample_value("tbgateway_scalar_reads_waiting") == 0
        assert registry.get_sample_value("tbgateway_scalar_reads_total") == 1
        assert registry.get_sample_value("tbgateway_scalar_readers_lost_total") == 0
