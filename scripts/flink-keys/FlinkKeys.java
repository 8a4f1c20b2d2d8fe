import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Prints the keys of all configuration options that the jars of a Flink version declare, and behind an older name the key
 * that replaces it. How packages/flink/src/gen/flink-*-keys.ts are made:
 *
 *   java scripts/flink-keys/FlinkKeys.java lib/*.jar
 *
 * All that the options' classes need must be among the jars: a class that cannot be initialized is left out.
 */
final class FlinkKeys {
  public static void main(String[] jars) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String jar : jars) urls.add(new File(jar).toURI().toURL());
    ClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]));
    Class<?> option = loader.loadClass("org.apache.flink.configuration.ConfigOption");
    Method key = option.getMethod("key");
    Method fallbackKeys = option.getMethod("fallbackKeys");
    TreeMap<String, String> keys = new TreeMap<>();
    for (String jar : jars) {
      try (JarFile file = new JarFile(jar)) {
        for (JarEntry entry : Collections.list(file.entries())) {
          String name = entry.getName();
          if (!name.matches("org/apache/flink/(?!.*shaded).*(Option|Config).*\\.class")) continue;
          for (Field field : optionsOf(loader, name, option)) {
            Object value = field.get(null);
            if (value == null) continue;
            String own = (String) key.invoke(value);
            keys.put(own, "");
            for (Object fallback : (Iterable<?>) fallbackKeys.invoke(value)) {
              Method getKey = fallback.getClass().getMethod("getKey");
              getKey.setAccessible(true);
              keys.putIfAbsent((String) getKey.invoke(fallback), " " + own);
            }
          }
        }
      }
    }
    keys.forEach((name, replacement) -> System.out.println(name + replacement));
  }

  private static List<Field> optionsOf(ClassLoader loader, String entry, Class<?> option) {
    List<Field> fields = new ArrayList<>();
    try {
      String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
      for (Field field : Class.forName(name, true, loader).getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) || field.getType() != option) continue;
        field.setAccessible(true);
        fields.add(field);
      }
    } catch (LinkageError | ReflectiveOperationException withoutItsDependencies) {
      // A class of an optional part whose libraries are not among the jars: none of ours.
    }
    return fields;
  }
}
