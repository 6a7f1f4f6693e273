package io.tollgate.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.OpenedClassReader;
import org.junit.jupiter.api.Test;

/** The order of the rooms, and what the host's JVM must not be bothered with. */
class HouseTest {
  private static final String HOUSE = "io.tollgate.agent";

  /** The rooms in their order. Agent, in the house's root, sees all of them. */
  private static final List<String> ROOMS =
      List.of("premain", "hook", "config", "report", "context", "install");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(HOUSE);

  @Test
  void everyPackage_isARoom() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(room(type)));
    packages.remove("");
    assertThat(packages).isEqualTo(new TreeSet<>(ROOMS));
  }

  @Test
  void everyRoom_usesOnlyRoomsBeforeIt() {
    List<String> breaches = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      int here = ROOMS.indexOf(room(type));
      if (here < 0) {
        continue;
      }
      type.getDirectDependenciesFromSelf().stream()
          .filter(dependency -> isInHouse(dependency.getTargetClass()))
          .filter(dependency -> !mayUse(here, room(dependency.getTargetClass())))
          .forEach(dependency -> breaches.add(dependency.getDescription()));
    }
    assertThat(breaches).isEmpty();
  }

  @Test
  void byteBuddy_isUsedInInstallAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage(HOUSE + ".install")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("net.bytebuddy..")
        .check(CLASSES);
  }

  @Test
  void roomsInTheBootLoader_useJavaBaseAlone() {
    classes()
        .that()
        .resideInAnyPackage(HOUSE + ".premain", HOUSE + ".hook")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            HOUSE + ".premain",
            HOUSE + ".hook",
            "java.io",
            "java.lang..",
            "java.net",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.jar",
            "java.util.zip",
            "org.jspecify.annotations")
        .check(CLASSES);
  }

  @Test
  void nothing_touchesWhatTheHostMaySetUpFirst() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "java.nio.file..", "javax.management..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.net\\.HttpURLConnection|java\\.lang\\.management\\..*")
        .check(CLASSES);
  }

  @Test
  void everyClass_runsOnJava8WithoutInvokedynamic() throws IOException {
    List<String> breaches = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      String file = "/" + type.getName().replace('.', '/') + ".class";
      try (InputStream bytes =
          Objects.requireNonNull(HouseTest.class.getResourceAsStream(file), file)) {
        new ClassReader(bytes).accept(new Java8Reader(type.getName(), breaches), 0);
      }
    }
    assertThat(breaches).isEmpty();
  }

  private static boolean mayUse(int here, String other) {
    int there = ROOMS.indexOf(other);
    return there >= 0 && there <= here;
  }

  private static boolean isInHouse(JavaClass type) {
    return type.getPackageName().equals(HOUSE) || type.getPackageName().startsWith(HOUSE + ".");
  }

  private static String room(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(HOUSE) ? "" : name.substring(HOUSE.length() + 1);
  }

  /**
   * Lambdas would start up the JDK's method handles before the host's main method, which costs time
   * and has deadlocked agents before.
   */
  private static final class Java8Reader extends ClassVisitor {
    private final String name;
    private final List<String> breaches;

    Java8Reader(String name, List<String> breaches) {
      super(OpenedClassReader.ASM_API);
      this.name = name;
      this.breaches = breaches;
    }

    @Override
    public void visit(
        int version, int access, String type, String signature, String parent, String[] others) {
      if (version > Opcodes.V1_8) {
        breaches.add(name + " has class file version " + version);
      }
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      return new MethodVisitor(OpenedClassReader.ASM_API) {
        @Override
        public void visitInvokeDynamicInsn(
            String called, String type, Handle bootstrap, Object... arguments) {
          breaches.add(name + "." + method + " uses invokedynamic");
        }
      };
    }
  }
}
