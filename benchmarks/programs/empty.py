"""A dynamic provider that does nothing: what a resource costs at the least."""

from typing import Any

from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class EmptyProvider(ResourceProvider):
    """Creates at once, in a class that is imported as this package's is."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the inputs under some ID."""
        return CreateResult("empty", props)


class Empty(Resource, module="benchmarks", name="Empty"):
    """A resource of that provider, with a library's inputs."""

    def __init__(self, resource_name: str, model_id: int) -> None:
        props = {"name": resource_name, "model_id": model_id, "region": "cn-shanghai"}
        super().__init__(EmptyProvider(), resource_name, props)
