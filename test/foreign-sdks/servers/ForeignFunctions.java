// The functions of foreign-functions.ts, written with the Java SDK. Run as: java -cp statefun-sdk-java.jar ForeignFunctions.java
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.apache.flink.statefun.sdk.java.AddressScopedStorage;
import org.apache.flink.statefun.sdk.java.Context;
import org.apache.flink.statefun.sdk.java.StatefulFunction;
import org.apache.flink.statefun.sdk.java.StatefulFunctionSpec;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.TypeName;
import org.apache.flink.statefun.sdk.java.ValueSpec;
import org.apache.flink.statefun.sdk.java.handler.RequestReplyHandler;
import org.apache.flink.statefun.sdk.java.io.KafkaEgressMessage;
import org.apache.flink.statefun.sdk.java.message.Message;
import org.apache.flink.statefun.sdk.java.message.MessageBuilder;
import org.apache.flink.statefun.sdk.java.slice.Slice;
import org.apache.flink.statefun.sdk.java.slice.Slices;

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
    RequestReplyHandler handler =
        new StatefulFunctions()
            .withStatefulFunction(spec(COUNTER, ForeignFunctions::counter, TOTAL))
            .withStatefulFunction(spec(RELAY, ForeignFunctions::relay))
            .withStatefulFunction(spec(REMINDER, ForeignFunctions::reminder))
            .withStatefulFunction(spec(SESSION, ForeignFunctions::session, VISITS, CALLS))
            .requestReplyHandler();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> answer(exchange, handler));
    server.start();
    System.out.println("listening on " + server.getAddress().getPort());
  }

  static void answer(HttpExchange exchange, RequestReplyHandler handler) throws IOException {
    byte[] request = exchange.getRequestBody().readAllBytes();
    int status = 200;
    byte[] body;
    try {
      Slice reply = handler.handle(Slices.wrap(request)).get();
      body = reply.toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
    } catch (Exception e) {
      e.printStackTrace();
      status = 500;
      body = String.valueOf(e).getBytes(StandardCharsets.UTF_8);
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) exchange.getResponseBody().write(body);
    exchange.close();
  }
}
