package tidemark.peer;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/** Works a topic off, from its beginning to what was there at the start, and prints what that took as the last line. */
final class Main {
  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.of(arguments);
    Topology topology =
        switch (settings.contender()) {
          case "streams-live" -> LiveTopology.of(settings);
          case "streams-dsl" -> DslTopology.of(settings);
          default -> throw new IllegalArgumentException("no contender " + settings.contender());
        };
    String measured;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", settings.brokers()))) {
      Map<TopicPartition, Long> ends = ends(admin, settings.topic());
      Optional<Integer> partitions = Optional.of(ends.size());
      NewTopic output = new NewTopic(settings.outputTopic(), partitions, Optional.empty());
      // Windows carry the times of the past that they are of.
      output.configs(Map.of("retention.ms", "-1"));
      admin.createTopics(List.of(output)).all().get();
      try (KafkaStreams streams = new KafkaStreams(topology, properties(settings))) {
        streams.setUncaughtExceptionHandler(
            error -> {
              error.printStackTrace();
              Runtime.getRuntime().halt(1);
              return null;
            });
        streams.start();
        long records = ends.values().stream().mapToLong(end -> end).sum();
        while (Probe.records() < records) Thread.sleep(5);
        while (!isCommitted(admin, settings.applicationId(), ends)) Thread.sleep(10);
        measured = Probe.measured();
        streams.close(Duration.ofSeconds(20));
      }
    }
    System.out.println(measured);
  }

  private static Properties properties(Settings settings) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitIntervalMs());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateFolder());
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L * 1024 * 1024);
    properties.put("auto.offset.reset", "earliest");
    // Larger than the defaults, by which it is faster.
    properties.put("max.poll.records", 5000);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5000);
    properties.put("producer.linger.ms", 5);
    properties.put("producer.batch.size", 65_536);
    return properties;
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic) throws Exception {
    Collection<TopicPartitionInfo> partitions =
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions();
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (TopicPartitionInfo partition : partitions)
      asked.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin.listOffsets(asked).all().get().forEach((at, info) -> ends.put(at, info.offset()));
    return ends;
  }

  private static boolean isCommitted(Admin admin, String group, Map<TopicPartition, Long> ends)
      throws Exception {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin
            .listConsumerGroupOffsets(group, new ListConsumerGroupOffsetsOptions().requireStable(true))
            .partitionsToOffsetAndMetadata()
            .get();
    return ends.entrySet().stream()
        .allMatch(
            end -> {
              OffsetAndMetadata at = committed.get(end.getKey());
              return end.getValue() == 0 || (at != null && at.offset() >= end.getValue());
            });
  }
}
