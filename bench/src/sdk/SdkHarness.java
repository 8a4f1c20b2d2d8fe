import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.statefun.sdk.java.Context;
import org.apache.flink.statefun.sdk.java.StatefulFunction;
import org.apache.flink.statefun.sdk.java.StatefulFunctionSpec;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.TypeName;
import org.apache.flink.statefun.sdk.java.ValueSpec;
import org.apache.flink.statefun.sdk.java.handler.RequestReplyHandler;
import org.apache.flink.statefun.sdk.java.message.Message;
import org.apache.flink.statefun.sdk.java.slice.Slice;
import org.apache.flink.statefun.sdk.java.slice.Slices;

/** The Java SDK's side of the bench; harness.ts says what it does and speaks. */
public final class SdkHarness {
    private static final int STRIDE = 64;
    private static final ValueSpec<Long> TOTAL = ValueSpec.named("total").withLongType();

    static final class Counter implements StatefulFunction {
        @Override
        public CompletableFuture<Void> apply(Context context, Message message) {
            long total = context.storage().get(TOTAL).orElse(0L);
            context.storage().set(TOTAL, total + message.asInt());
            return context.done();
        }
    }

    public static void main(String[] args) throws Exception {
        StatefulFunctions functions = new StatefulFunctions();
        functions.withStatefulFunction(
                StatefulFunctionSpec.builder(TypeName.typeNameFromString(args[0]))
                        .withValueSpec(TOTAL)
                        .withSupplier(Counter::new)
                        .build());
        RequestReplyHandler handler = functions.requestReplyHandler();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t");
            System.out.println(measure(handler, readFrames(fields[0]), Long.parseLong(fields[2]), fields[1]));
        }
    }

    private static byte[] answer(RequestReplyHandler handler, byte[] request) {
        Slice answer = handler.handle(Slices.wrap(request)).join();
        return answer.toByteArray();
    }

    private static String measure(RequestReplyHandler handler, byte[][] requests, long millis, String answersFile)
            throws Exception {
        byte[][] answers = new byte[requests.length][];
        int[] lengths = new int[requests.length];
        for (int i = 0; i < requests.length; i++) {
            answers[i] = answer(handler, requests[i]);
            lengths[i] = answers[i].length;
        }
        long budget = millis * 1_000_000;
        long cpu = cpuNanos();
        long start = System.nanoTime();
        long batches = 0;
        long nanos = 0;
        int next = 0;
        while (nanos < budget) {
            for (int i = 0; i < STRIDE; i++) {
                byte[] answer = answer(handler, requests[next]);
                if (answer.length != lengths[next]) {
                    throw new IllegalStateException("answer " + next + " has changed");
                }
                answers[next] = answer;
                next = next + 1 == requests.length ? 0 : next + 1;
            }
            batches += STRIDE;
            nanos = System.nanoTime() - start;
        }
        cpu = cpuNanos() - cpu;
        writeFrames(answersFile, answers);
        return "{\"batches\":" + batches + ",\"nanos\":" + nanos + ",\"cpuNanos\":" + cpu + "}";
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static byte[][] readFrames(String file) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file)));
        List<byte[]> frames = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] frame = new byte[bytes.getInt()];
            bytes.get(frame);
            frames.add(frame);
        }
        return frames.toArray(new byte[0][]);
    }

    private static void writeFrames(String file, byte[][] frames) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (byte[] frame : frames) {
            out.writeInt(frame.length);
            out.write(frame);
        }
        Files.write(Path.of(file), bytes.toByteArray());
    }
}
