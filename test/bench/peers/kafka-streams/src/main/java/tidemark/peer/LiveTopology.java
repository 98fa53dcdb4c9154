package tidemark.peer;

import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** The best that Kafka Streams can be made to do: no object for a request, windows on the heap, one encoding a commit. */
final class LiveTopology {
  static Topology of(Settings settings) {
    Topology topology = new Topology();
    topology.addSource("requests", new NameDeserializer(), new ByteArrayDeserializer(), settings.topic());
    topology.addProcessor("windows", () -> new Windowing(settings), "requests");
    topology.addStateStore(LiveStore.builder(settings), "windows");
    topology.addSink(
        "closed", settings.outputTopic(), new StringSerializer(), new ByteArraySerializer(), "windows");
    return topology;
  }

  private static final class Windowing implements Processor<String, byte[], String, byte[]> {
    private final boolean isBatched;
    private final RequestReader reader;
    private ProcessorContext<String, byte[]> context;
    private LiveStore store;
    private OpenWindows windows;

    Windowing(Settings settings) {
      isBatched = settings.isBatched();
      reader = new RequestReader(settings.fingerprint());
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      context = given;
      store = context.getStateStore(LiveStore.NAME);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      Probe.handedOver();
      if (windows == null) windows = store.windows();
      List<OpenWindows.Open> closed = windows.advance(record.timestamp() * 1000);
      if (!closed.isEmpty()) closed.forEach(this::emit);
      if (isBatched) placeBatch(record.key(), record.value());
      else placeSingle(record.key(), record.value());
    }

    private void placeSingle(String service, byte[] value) {
      reader.readSingle(value);
      ServiceWindow window = windows.of(service, reader.atUs);
      if (window == null) return;
      window.record(reader.latencyUs, reader.success);
      window.isChanged = true;
    }

    private void placeBatch(String service, byte[] value) {
      reader.readBatch(value);
      ServiceWindow window = null;
      long startUs = Long.MIN_VALUE;
      for (int i = 0; i < reader.events; i++) {
        long atUs = reader.baseUs + reader.deltaUs[i];
        long start = windows.startOf(atUs);
        if (start != startUs) {
          startUs = start;
          window = windows.of(service, atUs);
          if (window != null) window.isChanged = true;
        }
        if (window != null) window.record(reader.latenciesUs[i], !reader.failed[i]);
      }
    }

    private void emit(OpenWindows.Open closed) {
      closed.byService.forEach(
          (service, window) -> {
            store.forget(service, closed.startUs, window);
            byte[] value = window.encode(closed.startUs);
            context.forward(new Record<>(service, value, closed.startUs / 1000));
          });
    }
  }
}
