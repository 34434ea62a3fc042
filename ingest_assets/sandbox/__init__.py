"""Local counterparts of the services that recipes talk to, in one process, with faults on demand.

``Sandbox`` (in ``sandbox.server``) starts them all on one loopback port. They are strict where the real services are:
what AWS or OpenMetadata would refuse is refused, and AWS answers are held against AWS's own model before they are sent.
"""
