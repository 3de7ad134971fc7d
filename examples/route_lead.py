"""Asks Namesake whose lead it is and says what to do with the lead.

    python3 -m venv .venv && .venv/bin/pip install -r tests/foreign/requirements.txt
    mkdir -p target/stubs
    .venv/bin/python -m grpc_tools.protoc -Iproto --python_out=target/stubs --grpc_python_out=target/stubs \
        namesake/v1/routing.proto
    PYTHONPATH=target/stubs .venv/bin/python examples/route_lead.py 127.0.0.1:50051

`decide` is the policy that callers are advised to follow: 300 ms for an answer, another try where the server says
that it cannot answer now, and then the lead is held. An error never puts a lead into a rotation.
"""

import sys
import time

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from namesake.v1 import routing_pb2 as pb
from namesake.v1 import routing_pb2_grpc

DEADLINE_SECS = 0.3
ATTEMPTS_MAX = 3
RETRIED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)


def pause_secs(error):
    """How long to wait before the next try: what google.rpc.RetryInfo says, else 100 ms."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.ToTimedelta().total_seconds()
    return 0.1


def ask(client, lead):
    """The answer; raises grpc.RpcError where there is none."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return client.RouteLead(pb.RouteLeadRequest(lead=lead), timeout=DEADLINE_SECS)
        except grpc.RpcError as error:
            if error.code() not in RETRIED or attempt == ATTEMPTS_MAX:
                raise
            time.sleep(pause_secs(error))


def decide(client, lead):
    """What to do with the lead, as one line."""
    try:
        answer = ask(client, lead)
    except grpc.RpcError as error:
        # The lead is kept where a person sees it, and can be sent again: the call changes nothing.
        return f"hold: no answer, {error.code().name}: {error.details()}"
    # First of all, so that no branch below can rotate such a lead by mistake.
    may_rotate = not answer.do_not_round_robin
    match answer.WhichOneof("route"):
        case "owner":
            owner, acting = answer.owner.owner, answer.owner.acting.rep
            loudly = pb.Alert.Name(answer.owner.alert).removeprefix("ALERT_").lower()
            preference = ", preferred; a rotation may give it to others" if may_rotate else ""
            return f"assign to {owner.rep_id}, alert {acting.rep_id} ({loudly}){preference}: {answer.sentence}"
        case "nurture":
            lane = "territory or rotation, else " if may_rotate else ""
            return f"{lane}nurture track {answer.nurture.track}: {answer.sentence}"
        case "review":
            return f"hold in queue {answer.review.queue}: {answer.sentence}"
        case _:
            return "hold: a route that this client is too old to know"


def main(address):
    leads = [
        pb.Lead(lead_id="1", company="BayWa", email="sam@baywa.com", country="DE"),
        pb.Lead(lead_id="2", company="Syngene International", email="meera@syngeneintl.com"),
        pb.Lead(lead_id="3", email="pedro@enel.cl"),
        pb.Lead(lead_id="4", company="Unheard Of Widgets LLC"),
        pb.Lead(lead_id="5", email="test@example.com"),
        pb.Lead(lead_id="6", company="!!!", email="not an e-mail"),
    ]
    with grpc.insecure_channel(address) as channel:
        client = routing_pb2_grpc.RoutingServiceStub(channel)
        for lead in leads:
            print(lead.lead_id, decide(client, lead))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
