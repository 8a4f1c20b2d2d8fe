// The functions of foreign-functions.ts, written with the Java SDK.
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.statefun.sdk.java.AddressScopedStorage;
import org.apache.flink.statefun.sdk.java.Context;
import org.apache.flink.statefun.sdk.java.StatefulFunction;
import org.apache.flink.statefun.sdk.java.StatefulFunctionSpec;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.TypeName;
import org.apache.flink.statefun.sdk.java.ValueSpec;
import org.apache.flink.statefun.sdk.java.io.KafkaEgressMessage;
import org.apache.flink.statefun.sdk.java.message.Message;
import org.apache.flink.statefun.sdk.java.message.MessageBuilder;

public final class ForeignFunctions {
  static final String NAMESPACE = System.getenv("FOREIGN_NAMESPACE");
  static final String TOPIC = System.getenv("FOREIGN_RESULTS_TOPIC");
  static final Duration TTL = Duration.ofMillis(Long.parseLong(System.getenv("FOREIGN_TTL_MS")));

  static final TypeName RESULTS = TypeName.typeNameFromString("foreign/results");
  static final TypeName COUNTER = TypeName.typeNameOf(NAMESPACE, "counter");
  static final TypeName RELAY = TypeName.typeNameOf(NAMESPACE, "relay");
  static final TypeName REMINDER = TypeName.typeNameOf(NAMESPACE, "reminder");
  static final TypeName SESSION = TypeName.typeNameOf(NAMESPACE, "session");

  static final ValueSpec<Integer> TOTAL = ValueSpec.named("total").withIntType();
  static final ValueSpec<Integer> VISITS =
      ValueSpec.named("visits").thatExpireAfterWrite(TTL).withIntType();
  static final ValueSpec<Integer> CALLS =
      ValueSpec.named("calls").thatExpiresAfterCall(TTL).withIntType();

  static CompletableFuture<Void> counter(Context context, Message message) {
    AddressScopedStorage storage = context.storage();
    int total = storage.get(TOTAL).orElse(0) + message.asInt();
    storage.set(TOTAL, total);
    context.caller()
        .ifPresent(caller -> context.send(MessageBuilder.forAddress(caller).withValue(total).build()));
    emit(context, Integer.toString(total));
    return context.done();
  }

  static CompletableFuture<Void> relay(Context context, Message message) {
    if (context.caller().isPresent()) {
      emit(context, "relayed " + message.asInt());
    } else {
      context.send(
          MessageBuilder.forAddress(COUNTER, context.self().id()).withValue(message.asInt()).build());
    }
    return context.done();
  }

  static CompletableFuture<Void> reminder(Context context, Message message) {
    String id = context.self().id();
    String[] command = message.asUtf8String().split(" ");
    switch (command[0]) {
      case "start":
        context.sendAfter(
            Duration.ofMillis(Long.parseLong(command[1])),
            "reminder-" + id,
            MessageBuilder.forAddress(REMINDER, id).withValue("ring").build());
        break;
      case "cancel":
        context.cancelDelayedMessage("reminder-" + id);
        break;
      case "ring":
        emit(context, "ring");
        break;
      default:
        throw new IllegalArgumentException("unknown command: " + command[0]);
    }
    return context.done();
  }

  static CompletableFuture<Void> session(Context context, Message message) {
    AddressScopedStorage storage = context.storage();
    int visits = storage.get(VISITS).orElse(0) + 1;
    int calls = storage.get(CALLS).orElse(0) + 1;
    storage.set(VISITS, visits);
    storage.set(CALLS, calls);
    emit(context, visits + "/" + calls);
    return context.done();
  }

  static void emit(Context context, String text) {
    context.send(
        KafkaEgressMessage.forEgress(RESULTS)
            .withTopic(TOPIC)
            .withUtf8Key(context.self().id())
            .withUtf8Value(text)
            .build());
  }

  static StatefulFunctionSpec spec(TypeName name, StatefulFunction function, ValueSpec<?>... states) {
    return StatefulFunctionSpec.builder(name).withValueSpecs(states).withSupplier(() -> function).build();
  }

  public static void main(String[] args) throws IOException {
    FunctionServer.serve(
        new StatefulFunctions()
            .withStatefulFunction(spec(COUNTER, ForeignFunctions::counter, TOTAL))
            .withStatefulFunction(spec(RELAY, ForeignFunctions::relay))
            .withStatefulFunction(spec(REMINDER, ForeignFunctions::reminder))
            .withStatefulFunction(spec(SESSION, ForeignFunctions::session, VISITS, CALLS)));
  }
}
