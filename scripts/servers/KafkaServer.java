import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** One Kafka node: formats its storage if it is new, runs, and ends when the process that holds its stdin ends. */
public class KafkaServer {
  /** Arguments: the server.properties file, the cluster id, and what else formatting a new storage takes. */
  public static void main(String[] args) {
    Thread watch = new Thread(KafkaServer::endWithParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    var format = new ArrayList<String>(List.of("format", "--ignore-formatted", "-t", args[1], "-c", args[0]));
    format.addAll(List.of(args).subList(2, args.length));
    int code = StorageTool.execute(format.toArray(new String[0]), System.out);
    if (code != 0) System.exit(code);
    Kafka.main(new String[] {args[0]});
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) { }
    } catch (java.io.IOException broken) {
      // A broken pipe means the same as its end.
    }
    Thread halt = new Thread(() -> {
      try {
        TimeUnit.SECONDS.sleep(8);
      } catch (InterruptedException ended) {
        return;
      }
      Runtime.getRuntime().halt(1);
    });
    halt.setDaemon(true);
    halt.start();
    System.exit(0);
  }
}
