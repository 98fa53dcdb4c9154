package tidemark.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * Windows as objects on the heap; what has changed since the last commit is encoded once, at the commit, into a logged in-memory store. Kafka
 * Streams calls nobody before a commit but stores of this internal type: there is no public hook, and with the public interfaces an
 * aggregate is encoded at every update.
 */
final class LiveStore implements StateStore, CachedStateStore<Bytes, byte[]> {
  static final String NAME = "windows";

  private final Settings settings;
  private final KeyValueStore<Bytes, byte[]> stored;
  private OpenWindows windows;

  private LiveStore(Settings settings, KeyValueStore<Bytes, byte[]> stored) {
    this.settings = settings;
    this.stored = stored;
  }

  static StoreBuilder<LiveStore> builder(Settings settings) {
    StoreBuilder<KeyValueStore<Bytes, byte[]>> inner =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(NAME), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingEnabled(Map.of())
            .withCachingDisabled();
    return new StoreBuilder<>() {
      @Override
      public LiveStore build() {
        return new LiveStore(settings, inner.build());
      }

      @Override
      public String name() {
        return NAME;
      }

      @Override
      public boolean loggingEnabled() {
        return true;
      }

      @Override
      public Map<String, String> logConfig() {
        return inner.logConfig();
      }

      @Override
      public StoreBuilder<LiveStore> withLoggingEnabled(Map<String, String> config) {
        return this;
      }

      @Override
      public StoreBuilder<LiveStore> withLoggingDisabled() {
        return this;
      }

      @Override
      public StoreBuilder<LiveStore> withCachingEnabled() {
        return this;
      }

      @Override
      public StoreBuilder<LiveStore> withCachingDisabled() {
        return this;
      }
    };
  }

  /** What was stored becomes objects once, after the store was restored. */
  OpenWindows windows() {
    if (windows != null) return windows;
    windows = new OpenWindows(settings.windowUs(), settings.graceUs());
    try (KeyValueIterator<Bytes, byte[]> entries = stored.all()) {
      while (entries.hasNext()) {
        KeyValue<Bytes, byte[]> entry = entries.next();
        ByteBuffer key = ByteBuffer.wrap(entry.key.get());
        long startUs = key.getLong();
        ServiceWindow window = ServiceWindow.decode(entry.value);
        window.isStored = true;
        windows.restore(StandardCharsets.UTF_8.decode(key).toString(), startUs, window);
      }
    }
    return windows;
  }

  /** A window that was stored and has closed need not be kept. */
  void forget(String service, long startUs, ServiceWindow window) {
    if (window.isStored) stored.delete(key(service, startUs));
  }

  /** Called before every commit. */
  @Override
  public void flushCache() {
    if (windows == null) return;
    for (OpenWindows.Open open : windows.open)
      open.byService.forEach(
          (service, window) -> {
            if (!window.isChanged) return;
            stored.put(key(service, open.startUs), window.encode(open.startUs));
            window.isChanged = false;
            window.isStored = true;
          });
  }

  private static Bytes key(String service, long startUs) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(ByteBuffer.allocate(8 + name.length).putLong(startUs).put(name).array());
  }

  @Override
  public boolean setFlushListener(CacheFlushListener<Bytes, byte[]> listener, boolean sendOld) {
    return false;
  }

  @Override
  public void clearCache() {
    windows = null;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    stored.init(context, this);
  }

  @Override
  public void close() {
    stored.close();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return stored.isOpen();
  }
}
