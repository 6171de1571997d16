"""A native provider that does nothing: what a resource costs at the least."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class EmptyProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Creates at once, and finds no difference."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Return some version."""
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Take any configuration."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Find no difference."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        """Do nothing."""
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        """Take any inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        """Find no difference."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        """Return the inputs under some ID."""
        return provider_pb2.CreateResponse(id="empty", properties=request.properties)

    def Delete(self, request: Any, context: Any) -> Any:
        """Do nothing."""
        return empty_pb2.Empty()


server = grpc.server(ThreadPoolExecutor(32))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(EmptyProvider(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
sys.stdout.write(f"{port}\n")
sys.stdout.flush()
server.wait_for_termination()
