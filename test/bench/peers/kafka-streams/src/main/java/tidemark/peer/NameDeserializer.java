package tidemark.peer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Deserializer;

/** Gives one String for the same bytes, so that names of services are neither decoded nor hashed for every record. */
final class NameDeserializer implements Deserializer<String> {
  private static final int SLOTS = 1 << 16;

  private final byte[][] bytes = new byte[SLOTS][];
  private final String[] names = new String[SLOTS];

  @Override
  public String deserialize(String topic, byte[] key) {
    int slot = Arrays.hashCode(key) & (SLOTS - 1);
    if (bytes[slot] == null || !Arrays.equals(bytes[slot], key)) {
      bytes[slot] = key;
      names[slot] = new String(key, StandardCharsets.UTF_8);
    }
    return names[slot];
  }
}
