// The function of the smoke test (packages/gate/src/smoke/command-interpreter.ts), written with the Java SDK.
import static org.apache.flink.statefun.sdk.java.TypeName.typeNameFromString;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.statefun.sdk.java.Context;
import org.apache.flink.statefun.sdk.java.StatefulFunctionSpec;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.TypeName;
import org.apache.flink.statefun.sdk.java.ValueSpec;
import org.apache.flink.statefun.sdk.java.io.KafkaEgressMessage;
import org.apache.flink.statefun.sdk.java.message.Message;
import org.apache.flink.statefun.sdk.java.message.MessageBuilder;
import org.apache.flink.statefun.sdk.java.types.SimpleType;
import org.apache.flink.statefun.sdk.java.types.Type;
import org.apache.flink.statefun.sdk.shaded.com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import org.apache.flink.statefun.sdk.shaded.com.google.protobuf.Descriptors.Descriptor;
import org.apache.flink.statefun.sdk.shaded.com.google.protobuf.Descriptors.FieldDescriptor;
import org.apache.flink.statefun.sdk.shaded.com.google.protobuf.Descriptors.FileDescriptor;
import org.apache.flink.statefun.sdk.shaded.com.google.protobuf.DynamicMessage;

public final class CommandInterpreter {
  static final FileDescriptor FILE = smokeFile();
  static final Descriptor COMMAND = FILE.findMessageTypeByName("Command");
  static final Type<DynamicMessage> SOURCE_COMMAND = type("source-command", "SourceCommand");
  static final Type<DynamicMessage> COMMANDS = type("commands", "Commands");

  static final TypeName SELF = name("command-interpreter-fn");
  static final TypeName DISCARD_SINK = name("discard-sink");
  static final TypeName VERIFICATION_SINK = name("verification-sink");
  static final String DISCARDED = System.getenv("SMOKE_DISCARDED_TOPIC");
  static final String VERIFICATIONS = System.getenv("SMOKE_VERIFICATIONS_TOPIC");

  static final ValueSpec<Long> STATE = ValueSpec.named("state").withLongType();

  static CompletableFuture<Void> invoke(Context context, Message message) {
    if (message.is(SOURCE_COMMAND)) {
      carryOut(context, (DynamicMessage) get(message.as(SOURCE_COMMAND), "commands"));
    } else if (message.is(COMMANDS)) {
      carryOut(context, message.as(COMMANDS));
    } else {
      throw new IllegalArgumentException("a " + message.valueTypeName() + " came");
    }
    return context.done();
  }

  static void carryOut(Context context, DynamicMessage commands) {
    for (Object each : (List<?>) get(commands, "command")) {
      DynamicMessage command = (DynamicMessage) each;
      FieldDescriptor kind = command.getOneofFieldDescriptor(COMMAND.getOneofs().get(0));
      if (kind == null) throw new IllegalArgumentException("a command of no known kind");
      carryOut(context, kind.getName(), (DynamicMessage) command.getField(kind));
    }
  }

  static void carryOut(Context context, String kind, DynamicMessage value) {
    String id = context.self().id();
    long count = context.storage().get(STATE).orElse(0L);
    switch (kind) {
      case "increment":
        context.storage().set(STATE, count + 1);
        break;
      case "send":
        context.send(toTarget(value));
        break;
      case "send_after":
        String token = (String) get(value, "cancellation_token");
        if (token.isEmpty()) context.sendAfter(Duration.ofMillis(1), toTarget(value));
        else context.sendAfter(Duration.ofMillis(1), token, toTarget(value));
        break;
      case "cancel_send_after":
        context.cancelDelayedMessage((String) get(value, "cancellation_token"));
        break;
      case "send_egress":
        context.send(record(DISCARD_SINK, DISCARDED, id).withUtf8Value("discarded-message").build());
        break;
      case "async_operation":
        carryOut(context, (DynamicMessage) get(value, "resolved_commands"));
        break;
      case "verify":
        Descriptor result = FILE.findMessageTypeByName("VerificationResult");
        DynamicMessage report =
            DynamicMessage.newBuilder(result)
                .setField(result.findFieldByName("id"), Integer.parseInt(id))
                .setField(result.findFieldByName("expected"), get(value, "expected"))
                .setField(result.findFieldByName("actual"), count)
                .build();
        context.send(record(VERIFICATION_SINK, VERIFICATIONS, id).withValue(report.toByteArray()).build());
        break;
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  static Message toTarget(DynamicMessage value) {
    return MessageBuilder.forAddress(SELF, String.valueOf(get(value, "target")))
        .withCustomType(COMMANDS, (DynamicMessage) get(value, "commands"))
        .build();
  }

  static KafkaEgressMessage.Builder record(TypeName egress, String topic, String key) {
    return KafkaEgressMessage.forEgress(egress).withTopic(topic).withUtf8Key(key);
  }

  static Object get(DynamicMessage message, String field) {
    return message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static TypeName name(String name) {
    return typeNameFromString("statefun.smoke.e2e/" + name);
  }

  static Type<DynamicMessage> type(String name, String message) {
    Descriptor descriptor = FILE.findMessageTypeByName(message);
    return SimpleType.simpleImmutableTypeFrom(
        name(name), DynamicMessage::toByteArray, bytes -> DynamicMessage.parseFrom(descriptor, bytes));
  }

  static FileDescriptor smokeFile() {
    try {
      byte[] file = Base64.getDecoder().decode(System.getenv("SMOKE_DESCRIPTOR"));
      return FileDescriptor.buildFrom(FileDescriptorProto.parseFrom(file), new FileDescriptor[0]);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public static void main(String[] args) throws IOException {
    StatefulFunctionSpec spec =
        StatefulFunctionSpec.builder(SELF)
            .withValueSpec(STATE)
            .withSupplier(() -> CommandInterpreter::invoke)
            .build();
    FunctionServer.serve(new StatefulFunctions().withStatefulFunction(spec));
  }
}
