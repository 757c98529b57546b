import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes records as Java programs do. Arguments: brokers, topic, compression, number of records, bytes of padding in each. */
public class KafkaWriter {
  public static void main(String[] args) throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("compression.type", args[2]);
    settings.put("linger.ms", "50");
    settings.put("batch.size", "1000000");
    settings.put("max.request.size", "200000000");
    settings.put("buffer.memory", "400000000");
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      var padding = "x".repeat(Integer.parseInt(args[4]));
      for (int i = 0; i < Integer.parseInt(args[3]); i++) {
        producer.send(new ProducerRecord<>(args[1], "key-" + i, "value-" + i + padding));
      }
    }
  }
}
