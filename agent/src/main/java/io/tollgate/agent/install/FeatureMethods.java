package io.tollgate.agent.install;

import io.tollgate.agent.config.MethodRule;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.ParameterDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * The methods of one class that a rule means. Only methods with a body can be woven; bridges and
 * other methods the compiler adds are left out, since they call the one that counts.
 */
final class FeatureMethods implements ElementMatcher<MethodDescription> {
  private final MethodRule rule;

  FeatureMethods(MethodRule rule) {
    this.rule = rule;
  }

  @Override
  public boolean matches(MethodDescription method) {
    return isNamed(method) && hasBody(method);
  }

  private boolean isNamed(MethodDescription method) {
    return !method.isSynthetic()
        && !method.isTypeInitializer()
        && rule.matchesMethod(method.getInternalName(), parameterTypes(method));
  }

  private static boolean hasBody(MethodDescription method) {
    return !method.isAbstract() && !method.isNative();
  }

  private static List<String> parameterTypes(MethodDescription method) {
    List<String> names = new ArrayList<>();
    for (ParameterDescription parameter : method.getParameters()) {
      names.add(parameter.getType().asErasure().getActualName());
    }
    return names;
  }

  /**
   * Why a class will not be counted as the rule expects.
   *
   * @return a sentence, empty where all is well
   */
  String objection(TypeDescription type) {
    TreeSet<String> others = new TreeSet<>();
    TreeSet<String> withoutBody = new TreeSet<>();
    for (MethodDescription method : type.getDeclaredMethods()) {
      if (matches(method)) {
        return "";
      }
      String text = method.isConstructor() ? "new" : method.getName();
      (isNamed(method) ? withoutBody : others).add(text);
    }
    if (!withoutBody.isEmpty()) {
      return rule
          + " is abstract or native in "
          + type.getName()
          + "; name the class that implements it";
    }
    // A pattern may well meet classes without such a method.
    return rule.namesOneType()
        ? type.getName() + " has no method " + rule + "; it declares " + others
        : "";
  }
}
