package tidemark.peer;

import java.time.Duration;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/** How one would write it: groupByKey, windowedBy, aggregate, suppress, on RocksDB with its cache. Single requests only. */
final class DslTopology {
  private record Request(long atUs, long latencyUs, boolean success) {}

  static Topology of(Settings settings) {
    if (settings.isBatched()) throw new IllegalArgumentException("streams-dsl reads single requests");
    Duration window = Duration.ofMillis(settings.windowUs() / 1000);
    Duration grace = Duration.ofMillis(settings.graceUs() / 1000);
    Duration kept = window.plus(grace).multipliedBy(4);
    WindowBytesStoreSupplier store =
        Stores.persistentTimestampedWindowStore(LiveStore.NAME, kept, window, false);
    Serde<ServiceWindow> windows = windowsWithStart(0);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(settings.topic(), consumed(settings))
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(window, grace))
        .aggregate(
            ServiceWindow::new,
            (service, request, counted) -> {
              counted.record(request.latencyUs(), request.success());
              return counted;
            },
            Materialized.<String, ServiceWindow>as(store)
                .withKeySerde(Serdes.String())
                .withValueSerde(windows)
                .withCachingEnabled())
        .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()))
        .toStream()
        .map(
            (key, counted) ->
                KeyValue.pair(key.key(), counted.encode(key.window().start() * 1000)))
        .to(settings.outputTopic(), Produced.with(Serdes.String(), Serdes.ByteArray()));
    return builder.build();
  }

  /** Event time is the request's own, as it decides the window. */
  private static Consumed<String, Request> consumed(Settings settings) {
    RequestReader reader = new RequestReader(settings.fingerprint());
    Deserializer<Request> deserializer =
        (topic, value) -> {
          Probe.handedOver();
          reader.readSingle(value);
          return new Request(reader.atUs, reader.latencyUs, reader.success);
        };
    Serde<Request> requests = Serdes.serdeFrom((topic, request) -> null, deserializer);
    return Consumed.with(Serdes.String(), requests)
        .withTimestampExtractor((record, before) -> ((Request) record.value()).atUs() / 1000);
  }

  private static Serde<ServiceWindow> windowsWithStart(long startUs) {
    return Serdes.serdeFrom(
        (topic, window) -> window == null ? null : window.encode(startUs),
        (topic, bytes) -> bytes == null ? null : ServiceWindow.decode(bytes));
  }
}
