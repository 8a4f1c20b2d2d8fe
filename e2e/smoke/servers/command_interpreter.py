"""The function of the smoke test (packages/gate/src/smoke/command-interpreter.ts), written with the Python SDK."""

import base64
import os
from datetime import timedelta

from function_server import serve
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import MessageFactory
from statefun import LongType, StatefulFunctions, ValueSpec, kafka_egress_message, message_builder, simple_type

NAMESPACE = "statefun.smoke.e2e"
SELF = f"{NAMESPACE}/command-interpreter-fn"
DISCARDED = os.environ["SMOKE_DISCARDED_TOPIC"]
VERIFICATIONS = os.environ["SMOKE_VERIFICATIONS_TOPIC"]

pool = DescriptorPool()
pool.AddSerializedFile(base64.b64decode(os.environ["SMOKE_DESCRIPTOR"]))


def message_class(name):
    descriptor = pool.FindMessageTypeByName(f"org.apache.flink.statefun.e2e.smoke.{name}")
    return MessageFactory(pool).GetPrototype(descriptor)


def message_type(name, cls):
    return simple_type(
        typename=f"{NAMESPACE}/{name}",
        serialize_fn=lambda message: message.SerializeToString(),
        deserialize_fn=cls.FromString,
    )


VerificationResult = message_class("VerificationResult")
SOURCE_COMMAND = message_type("source-command", message_class("SourceCommand"))
COMMANDS = message_type("commands", message_class("Commands"))

functions = StatefulFunctions()


@functions.bind(SELF, specs=[ValueSpec("state", LongType)])
def command_interpreter(context, message):
    if message.is_type(SOURCE_COMMAND):
        carry_out(context, message.as_type(SOURCE_COMMAND).commands)
    elif message.is_type(COMMANDS):
        carry_out(context, message.as_type(COMMANDS))
    else:
        raise ValueError(f"a {message.value_typename()} came")


def carry_out(context, commands):
    id = context.address.id
    for command in commands.command:
        kind = command.WhichOneof("command")
        value = getattr(command, kind) if kind else None
        if kind == "increment":
            context.storage.state = (context.storage.state or 0) + 1
        elif kind == "send":
            context.send(to_target(value))
        elif kind == "send_after":
            context.send_after(timedelta(milliseconds=1), to_target(value), value.cancellation_token)
        elif kind == "cancel_send_after":
            context.cancel_delayed_message(value.cancellation_token)
        elif kind == "send_egress":
            emit(context, "discard-sink", DISCARDED, b"discarded-message")
        elif kind == "async_operation":
            carry_out(context, value.resolved_commands)
        elif kind == "verify":
            actual = context.storage.state or 0
            result = VerificationResult(id=int(id), expected=value.expected, actual=actual)
            emit(context, "verification-sink", VERIFICATIONS, result.SerializeToString())
        else:
            raise ValueError("a command of no known kind")


def to_target(value):
    return message_builder(SELF, str(value.target), value=value.commands, value_type=COMMANDS)


def emit(context, egress, topic, value):
    typename = f"{NAMESPACE}/{egress}"
    context.send_egress(kafka_egress_message(typename=typename, topic=topic, key=context.address.id, value=value))


serve(functions)
