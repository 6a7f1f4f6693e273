package io.tollgate.yaml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Where a strict reading begins: text in, {@link YamlMap} out. Stateless and thread-safe. */
public final class YamlFile {
  private YamlFile() {}

  /**
   * Reads a file whose root is a mapping. Secrets are taken from this process's environment.
   *
   * @throws YamlException if the file cannot be read, is not YAML or is not a mapping
   */
  public static YamlMap read(Path file) {
    try {
      return parse(
          file.toString(), text(file.toString(), Files.readAllBytes(file)), System.getenv());
    } catch (NoSuchFileException e) {
      throw new YamlException(file.toString(), 0, "", "there is no such file");
    } catch (IOException e) {
      throw new YamlException(file.toString(), 0, "", "cannot be read: " + e.getMessage());
    }
  }

  private static String text(String name, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is wrong
    if (decoder.decode(in, out, true).isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new YamlException(name, line, "", "the text is not UTF-8 here; save it as UTF-8");
    }
    return out.flip().toString();
  }

  /**
   * Reads a text whose root is a mapping; an empty text is an empty mapping.
   *
   * @param name what to call the text in messages
   * @param text YAML 1.2
   * @param environment where {@code {env: NAME}} is looked up
   * @throws YamlException if the text is not YAML or not a mapping
   */
  public static YamlMap parse(String name, String text, Map<String, String> environment) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setAllowDuplicateKeys(false)
            // The mapping that has such a key refuses it, with its line.
            .setAllowNonScalarKeys(true)
            .build();
    Optional<Node> root;
    try {
      Parser parser = new ParserImpl(settings, new StreamReader(settings, text));
      root = new Composer(settings, new ShallowParser(parser)).getSingleNode();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw new YamlException(name, line, "", "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new YamlException(name, 0, "", "not YAML: " + e.getMessage());
    }
    YamlSource source = new YamlSource(name, text, environment);
    if (root.isEmpty()) {
      return new YamlMap(source, "", 1, Map.of());
    }
    if (root.get() instanceof MappingNode mapping) {
      return YamlMap.of(source, "", mapping);
    }
    throw source.mistake(root.get(), "", "a mapping of keys to values is expected here");
  }
}
