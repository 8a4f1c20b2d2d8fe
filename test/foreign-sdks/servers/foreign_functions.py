"""The functions of foreign-functions.ts, written with the Python SDK."""

import os
from datetime import timedelta

from function_server import serve
from statefun import (
    IntType,
    StatefulFunctions,
    ValueSpec,
    kafka_egress_message,
    message_builder,
)

NAMESPACE = os.environ["FOREIGN_NAMESPACE"]
TOPIC = os.environ["FOREIGN_RESULTS_TOPIC"]
TTL = timedelta(milliseconds=int(os.environ["FOREIGN_TTL_MS"]))

functions = StatefulFunctions()


def emit(context, text):
    context.send_egress(
        kafka_egress_message(typename="foreign/results", topic=TOPIC, key=context.address.id, value=text)
    )


@functions.bind(f"{NAMESPACE}/counter", specs=[ValueSpec("total", IntType)])
def counter(context, message):
    total = (context.storage.total or 0) + message.as_int()
    context.storage.total = total
    if context.caller is not None:
        caller = context.caller
        context.send(message_builder(caller.typename, caller.id, int_value=total))
    emit(context, str(total))


@functions.bind(f"{NAMESPACE}/relay")
def relay(context, message):
    if context.caller is not None:
        emit(context, f"relayed {message.as_int()}")
    else:
        context.send(message_builder(f"{NAMESPACE}/counter", context.address.id, int_value=message.as_int()))


@functions.bind(f"{NAMESPACE}/reminder")
def reminder(context, message):
    id = context.address.id
    command, *rest = message.as_string().split(" ")
    if command == "start":
        context.send_after(
            timedelta(milliseconds=int(rest[0])),
            message_builder(f"{NAMESPACE}/reminder", id, str_value="ring"),
            cancellation_token=f"reminder-{id}",
        )
    elif command == "cancel":
        context.cancel_delayed_message(f"reminder-{id}")
    elif command == "ring":
        emit(context, "ring")
    else:
        raise ValueError(f"unknown command: {command}")


@functions.bind(
    f"{NAMESPACE}/session",
    specs=[
        ValueSpec("visits", IntType, expire_after_write=TTL),
        ValueSpec("calls", IntType, expire_after_call=TTL),
    ],
)
def session(context, message):
    visits = (context.storage.visits or 0) + 1
    calls = (context.storage.calls or 0) + 1
    context.storage.visits = visits
    context.storage.calls = calls
    emit(context, f"{visits}/{calls}")


serve(functions)
