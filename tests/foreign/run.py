"""A client that is not ours: Google's gRPC for Python, with code generated from proto/ as anybody would.

    .venv/bin/python tests/foreign/run.py 127.0.0.1:50051

The server may hold any registry, as long as no account is called like NOBODY. Exits 0 when all is well.
"""

import pathlib
import sys
import tempfile
import unittest

import grpc
import grpc_tools
from google.rpc import code_pb2, error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
SERVICE = "namesake.v1.RoutingService"
NOBODY = "Zyxqwv Kettlebrook Unlisted GmbH"
DEADLINE_SECS = 10

address = ""


def generate(out):
    """Python code for the contract. google/rpc/status.proto comes from googleapis-common-protos."""
    bundled = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    paths = [f"-I{PROTO}", f"-I{bundled}", f"--python_out={out}", f"--grpc_python_out={out}"]
    if protoc.main(["protoc", *paths, "namesake/v1/routing.proto"]) != 0:
        sys.exit("the contract cannot be compiled")
    sys.path.insert(0, out)


def details_of(status):
    """The details of a google.rpc.Status by the name of their message."""
    found = {}
    for detail in status.details:
        kind = detail.type_url.rsplit(".", 1)[-1]
        message = getattr(error_details_pb2, kind)()
        assert detail.Unpack(message), detail
        found[kind] = message
    return found


class ForeignClient(unittest.TestCase):
    def setUp(self):
        from namesake.v1 import routing_pb2, routing_pb2_grpc

        self.pb = routing_pb2
        self.channel = grpc.insecure_channel(address)
        self.addCleanup(self.channel.close)
        self.client = routing_pb2_grpc.RoutingServiceStub(self.channel)

    def lead(self, **fields):
        return self.pb.Lead(**fields)

    def route(self, **fields):
        return self.client.RouteLead(
            self.pb.RouteLeadRequest(lead=self.lead(**fields)), timeout=DEADLINE_SECS
        )

    def refused(self, **fields):
        with self.assertRaises(grpc.RpcError) as caught:
            self.route(**fields)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        return details_of(rpc_status.from_call(caught.exception))

    def test_a_lead_nobody_owns_goes_to_nurture_and_may_be_rotated(self):
        answer = self.route(lead_id="L-1", company=NOBODY)
        self.assertEqual(answer.lead_id, "L-1")
        self.assertEqual(answer.WhichOneof("route"), "nurture")
        self.assertEqual(answer.nurture.reason, self.pb.NURTURE_REASON_NO_MATCH)
        self.assertIs(answer.do_not_round_robin, False)
        self.assertGreaterEqual(answer.envelope.index_revision, 1)
        self.assertEqual(len(answer.envelope.policy_digest), 16)
        self.assertFalse(answer.HasField("tier"), "no match, no tier")

    def test_do_not_round_robin_is_at_the_top_of_every_answer(self):
        field = self.pb.RouteLeadResponse.DESCRIPTOR.fields_by_name["do_not_round_robin"]
        self.assertEqual((field.number, field.type), (1, field.TYPE_BOOL))
        self.assertIsNone(field.containing_oneof)

    def test_an_explanation_agrees_with_the_route(self):
        request = self.pb.ExplainLeadRequest(lead=self.lead(company=NOBODY))
        explained = self.client.ExplainLead(request, timeout=DEADLINE_SECS)
        self.assertEqual(explained.decision.WhichOneof("route"), "nurture")

    def test_a_stream_keeps_the_order_and_survives_a_bad_lead(self):
        ids = [str(number) for number in range(50)]
        leads = (
            self.pb.RouteLeadsRequest(
                lead=self.lead(lead_id=lead_id, company="!!!" if lead_id == "25" else NOBODY)
            )
            for lead_id in ids
        )
        answers = list(self.client.RouteLeads(leads, timeout=DEADLINE_SECS))
        self.assertEqual([answer.lead_id for answer in answers], ids)
        bad = [answer for answer in answers if answer.WhichOneof("result") == "error"]
        self.assertEqual([answer.lead_id for answer in bad], ["25"])
        self.assertEqual(bad[0].error.code, code_pb2.INVALID_ARGUMENT)
        self.assertEqual(details_of(bad[0].error)["ErrorInfo"].reason, "NOTHING_USABLE")

    def test_nothing_usable_is_explained_field_by_field(self):
        details = self.refused(email="jane.at.acme")
        info = details["ErrorInfo"]
        self.assertEqual((info.reason, info.domain), ("NOTHING_USABLE", "namesake"))
        self.assertIn("ERROR_REASON_" + info.reason, self.pb.ErrorReason.keys())
        fields = [violation.field for violation in details["BadRequest"].field_violations]
        self.assertEqual(
            fields, ["lead.company", "lead.email", "lead.website", "lead.known_account_id"]
        )
        self.assertNotIn("jane", str(details))

    def test_a_message_that_is_too_large_is_refused_with_the_limit(self):
        details = self.refused(company="a" * (1 << 20))
        self.assertEqual(details["ErrorInfo"].reason, "MESSAGE_TOO_LARGE")
        self.assertEqual(details["ErrorInfo"].metadata["limit_bytes"], "65536")

    def test_a_warning_names_the_field_and_a_code(self):
        answer = self.route(company=NOBODY, country="Atlantis")
        warnings = [(warning.field, warning.code) for warning in answer.warnings]
        self.assertIn(("country", self.pb.WARNING_CODE_UNKNOWN_COUNTRY), warnings)

    def test_health_is_serving(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        for service in ("", SERVICE):
            request = health_pb2.HealthCheckRequest(service=service)
            answer = health.Check(request, timeout=DEADLINE_SECS)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING, service)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    address = sys.argv.pop()
    with tempfile.TemporaryDirectory() as out:
        generate(out)
        unittest.main(verbosity=2)
