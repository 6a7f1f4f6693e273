package io.tollgate.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The order of the rooms. A room uses only rooms before it; the circle closes over the wire. */
class HouseTest {
  private static final String HOUSE = "io.tollgate.controlplane";

  /** The rooms in their order. ControlPlaneMain, in the house's root, sees all of them. */
  private static final List<String> ROOMS =
      List.of(
          "money",
          "database",
          "web",
          "audit",
          "time",
          "catalog",
          "catalog.yaml",
          "catalog.version",
          "tenant",
          "subscription",
          "discount",
          "wallet",
          "tax",
          "usage",
          "rating",
          "invoice",
          "invoice.composition",
          "invoice.document",
          "invoice.run",
          "payment",
          "payment.stripe",
          "dunning",
          "entitlement",
          "notification",
          "revenue",
          "transfer",
          "simulation",
          "simulation.scenario",
          "console");

  /** Rooms without Vert.x, I/O, a clock or floating point. */
  private static final Set<String> PURE = Set.of("money", "rating");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(HOUSE);

  @Test
  void everyPackage_isARoom() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(room(type)));
    packages.remove("");
    assertThat(new TreeSet<>(ROOMS)).containsAll(packages);
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
  void everyVendorLibrary_hasOneImporter() {
    onlyIn("com.stripe..", "payment.stripe");
    onlyIn("org.flywaydb..", "database");
    onlyIn("io.zonky..", "database");
    onlyIn("com.github.jknack..", "invoice.document");
    onlyIn("com.openhtmltopdf..", "invoice.document");
  }

  @Test
  void pureRooms_haveNoVertxClockOrFloatingPoint() {
    for (String room : PURE) {
      noClasses()
          .that()
          .resideInAPackage(HOUSE + "." + room)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "java.net..", "java.nio..")
          .allowEmptyShould(true)
          .check(CLASSES);
      assertThat(clockCallsAndFloatingPoint(room)).isEmpty();
    }
  }

  private static List<String> clockCallsAndFloatingPoint(String room) {
    List<String> breaches = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      if (!room(type).equals(room)) {
        continue;
      }
      type.getMethodCallsFromSelf().stream()
          .filter(
              call ->
                  Set.of("currentTimeMillis", "nanoTime").contains(call.getName())
                      || (call.getName().equals("now")
                          && call.getTargetOwner().getPackageName().equals("java.time")))
          .forEach(call -> breaches.add(call.getDescription()));
      type.getFields().stream()
          .filter(field -> isFloating(field.getRawType()))
          .forEach(field -> breaches.add(field.getFullName()));
      type.getMethods().stream()
          .filter(
              method ->
                  isFloating(method.getRawReturnType())
                      || method.getRawParameterTypes().stream().anyMatch(HouseTest::isFloating))
          .forEach(method -> breaches.add(method.getFullName()));
    }
    return breaches;
  }

  private static boolean isFloating(JavaClass type) {
    return Set.of("double", "float", "java.lang.Double", "java.lang.Float")
        .contains(type.getName());
  }

  private static void onlyIn(String library, String room) {
    noClasses()
        .that()
        .resideOutsideOfPackage(HOUSE + "." + room)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true)
        .check(CLASSES);
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
}
