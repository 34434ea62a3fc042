"""botocore's service models, loaded once a server and only when first asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from ingest_assets.sandbox.aws.refusal import Refusal


@dataclass(frozen=True)
class Target:
    """Where a request goes."""

    service: str
    operation: str


class Models:
    """Service models by service name (botocore's own, e.g. ``secretsmanager``)."""

    def __init__(self) -> None:
        self._loader = Loader()
        self._lock = threading.Lock()
        self._models: dict[str, ServiceModel] = {}

    def service(self, name: str) -> ServiceModel:
        """The model of one service.

        Raises:
            Refusal: AWS has no such service; nobody listens there.
        """
        with self._lock:
            if name not in self._models:
                if name not in self._loader.list_available_services("service-2"):
                    raise Refusal("UnknownEndpoint", f"AWS has no service named {name!r}.", 404)
                self._models[name] = ServiceModel(self._loader.load_service_model(name, "service-2"), name)
            return self._models[name]

    def operation(self, target: Target) -> OperationModel:
        """The model of one operation.

        Raises:
            Refusal: AWS's own answer to an operation that the service doesn't have.
        """
        service = self.service(target.service)
        if target.operation not in service.operation_names:
            if self.protocol(target.service) == "query":
                version = service.metadata["apiVersion"]
                message = f"Could not find operation {target.operation} for version {version}"
                raise Refusal("InvalidAction", message)
            raise Refusal("UnknownOperationException", "")
        return service.operation_model(target.operation)

    def protocol(self, service: str) -> str:
        """The protocol that boto3 speaks with a service: ``json``, ``query``, ``rest-xml``, ..."""
        return str(self.service(service).metadata["protocol"])
