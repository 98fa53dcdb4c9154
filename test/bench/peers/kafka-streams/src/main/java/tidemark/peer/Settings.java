package tidemark.peer;

import java.util.HashMap;
import java.util.Map;

/** What one run is told on its command line, as name=value. */
record Settings(
    String contender,
    boolean isBatched,
    String brokers,
    String topic,
    String outputTopic,
    String applicationId,
    String stateFolder,
    int commitIntervalMs,
    long windowUs,
    long graceUs,
    long fingerprint) {

  static Settings of(String[] arguments) {
    Map<String, String> given = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0) throw new IllegalArgumentException(argument + " is not name=value");
      given.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return new Settings(
        required(given, "contender"),
        required(given, "records").equals("batches"),
        required(given, "brokers"),
        required(given, "topic"),
        required(given, "output"),
        required(given, "application"),
        required(given, "state"),
        Integer.parseInt(required(given, "commitMs")),
        Long.parseLong(required(given, "windowUs")),
        Long.parseLong(required(given, "graceUs")),
        Long.parseUnsignedLong(required(given, "fingerprint"), 16));
  }

  private static String required(Map<String, String> given, String name) {
    String value = given.get(name);
    if (value == null) throw new IllegalArgumentException(name + "= is missing");
    return value;
  }
}
