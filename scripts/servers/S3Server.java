import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;

/** S3Proxy over a folder, on loopback; ends when the process that holds its stdin ends. */
public class S3Server {
  /** Arguments: the folder and the port. The first line of stdin is the secret of key `grapevine`. */
  public static void main(String[] args) throws Exception {
    var secret = new StringBuilder();
    for (int c = System.in.read(); c != '\n'; c = System.in.read()) secret.append((char) c);
    var watch = new Thread(S3Server::endWithParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    Files.createDirectories(Path.of(args[0]));
    var properties = new Properties();
    properties.setProperty("jclouds.filesystem.basedir", args[0]);
    var context =
        ContextBuilder.newBuilder("filesystem").overrides(properties).build(BlobStoreContext.class);
    var server =
        S3Proxy.builder()
            .blobStore(context.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:" + args[1]))
            .awsAuthentication(AuthenticationType.AWS_V4, "grapevine", secret.toString())
            .build();
    server.start();
    System.out.println("S3 started");
  }

  private static void endWithParent() {
    try {
      while (System.in.read() != -1) {}
    } catch (IOException ended) {
      // The same as the end of the input.
    }
    Runtime.getRuntime().halt(0);
  }
}
