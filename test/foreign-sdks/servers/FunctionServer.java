// Serves functions of the Java SDK with the web server of the JDK.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.handler.RequestReplyHandler;
import org.apache.flink.statefun.sdk.java.slice.Slice;
import org.apache.flink.statefun.sdk.java.slice.Slices;

final class FunctionServer {
  static void serve(StatefulFunctions functions) throws IOException {
    RequestReplyHandler handler = functions.requestReplyHandler();
    int port = Integer.parseInt(System.getenv("FUNCTIONS_PORT"));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> answer(exchange, handler));
    server.start();
    System.out.println("listening on " + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, RequestReplyHandler handler) throws IOException {
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
