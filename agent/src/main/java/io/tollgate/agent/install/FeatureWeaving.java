package io.tollgate.agent.install;

import io.tollgate.agent.config.Feature;
import io.tollgate.agent.config.MethodRule;
import io.tollgate.agent.report.Log;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/** Weaves the count of a feature's call into the methods the configuration names. */
final class FeatureWeaving implements AgentBuilder.RawMatcher, AgentBuilder.Transformer {
  private final List<Feature> features;
  private final TypeDescription advice = AdviceClasses.describe(CountAdvice.class.getName());
  private final Set<String> exactTypes = new HashSet<>();
  private final List<MethodRule> patterns = new ArrayList<>();
  private final Set<MethodRule> met = ConcurrentHashMap.newKeySet();

  FeatureWeaving(List<Feature> features) {
    this.features = features;
    for (Feature feature : features) {
      for (MethodRule rule : feature.rules()) {
        if (rule.namesOneType()) {
          exactTypes.add(rule.type());
        } else {
          patterns.add(rule);
        }
      }
    }
  }

  @Override
  public boolean matches(
      TypeDescription type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain) {
    return loader != null && isNamed(type.getName());
  }

  private boolean isNamed(String name) {
    if (exactTypes.contains(name)) {
      return true;
    }
    for (MethodRule pattern : patterns) {
      if (pattern.matchesType(name)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public DynamicType.Builder<?> transform(
      DynamicType.Builder<?> builder,
      TypeDescription type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable ProtectionDomain domain) {
    DynamicType.Builder<?> woven = builder;
    for (Feature feature : features) {
      for (MethodRule rule : feature.rules()) {
        if (rule.matchesType(type.getName())) {
          met.add(rule);
          woven = weave(woven, type, feature, rule);
        }
      }
    }
    return woven;
  }

  /** Which rules have met no class so far, one line each. */
  List<String> unmet() {
    List<String> lines = new ArrayList<>();
    for (Feature feature : features) {
      for (MethodRule rule : feature.rules()) {
        if (!met.contains(rule)) {
          lines.add(
              "feature "
                  + feature.key()
                  + " was not counted: no class "
                  + rule.type()
                  + " was loaded; check its name if it should have been");
        }
      }
    }
    return lines;
  }

  private DynamicType.Builder<?> weave(
      DynamicType.Builder<?> builder, TypeDescription type, Feature feature, MethodRule rule) {
    FeatureMethods methods = new FeatureMethods(rule);
    String objection = methods.objection(type);
    if (!objection.isEmpty()) {
      Log.say("feature " + feature.key() + " is not counted there: " + objection);
      return builder;
    }
    return builder.visit(
        Advice.withCustomMapping()
            .bind(FeatureNumber.class, Integer.valueOf(feature.number()))
            .to(advice, AdviceClasses.LOCATOR)
            .on(methods));
  }
}
