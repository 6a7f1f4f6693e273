package io.tollgate.agent.install;

import io.tollgate.agent.hook.Hook;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.ParameterDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.JavaModule;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * Carries the tenant along where the JDK hands tasks to other threads: at the start of such a
 * method each task among its arguments is replaced by what {@link Hook} makes of it. Straight-line
 * code that needs no frame, and costs a look at the thread's slot where no tenant is bound.
 *
 * <p>Chosen so that each task passes one of these methods. {@code ForkJoinPool.execute} is left
 * alone: virtual threads are continued through it.
 */
final class CarryWeaving
    implements AgentBuilder.RawMatcher,
        AgentBuilder.Transformer,
        AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {
  private static final String HOOK = Hook.class.getName().replace('.', '/');

  /** The methods by class; none named means all that are public. */
  private static final Map<String, Set<String>> METHODS = methods();

  private static final Set<String> TASKS = tasks();

  private static Map<String, Set<String>> methods() {
    Map<String, Set<String>> methods = new HashMap<>();
    methods.put("java.util.concurrent.ThreadPoolExecutor", Collections.singleton("execute"));
    methods.put(
        "java.util.concurrent.AbstractExecutorService", Collections.singleton("newTaskFor"));
    methods.put(
        "java.util.concurrent.ScheduledThreadPoolExecutor", Collections.singleton("schedule"));
    methods.put("java.util.concurrent.ForkJoinPool", Collections.singleton("submit"));
    methods.put("java.util.concurrent.CompletableFuture", Collections.<String>emptySet());
    methods.put("java.lang.ThreadBuilders", Collections.singleton("newVirtualThread"));
    return methods;
  }

  private static Set<String> tasks() {
    Set<String> names = new HashSet<>();
    for (Class<?> type :
        Arrays.asList(
            Runnable.class,
            Callable.class,
            Supplier.class,
            Consumer.class,
            BiConsumer.class,
            Function.class,
            BiFunction.class)) {
      names.add(type.getName());
    }
    return names;
  }

  @Override
  public boolean matches(
      TypeDescription type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain) {
    return loader == null && METHODS.containsKey(type.getName());
  }

  @Override
  public DynamicType.Builder<?> transform(
      DynamicType.Builder<?> builder,
      TypeDescription type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable ProtectionDomain domain) {
    return builder.visit(
        new AsmVisitorWrapper.ForDeclaredMethods().method(new Handing(type.getName()), this));
  }

  @Override
  public MethodVisitor wrap(
      TypeDescription type,
      MethodDescription method,
      MethodVisitor visitor,
      Implementation.Context context,
      TypePool pool,
      int writerFlags,
      int readerFlags) {
    return new Carrying(visitor, method);
  }

  /** The methods of one class that hand over tasks. */
  private static final class Handing implements ElementMatcher<MethodDescription> {
    private final Set<String> names;

    Handing(String type) {
      this.names = METHODS.getOrDefault(type, Collections.<String>emptySet());
    }

    @Override
    public boolean matches(MethodDescription method) {
      boolean named = names.isEmpty() ? method.isPublic() : names.contains(method.getName());
      return named && method.isMethod() && !method.isSynthetic() && !method.isAbstract();
    }
  }

  /** Puts the replacements at the start of the method's code. */
  private static final class Carrying extends MethodVisitor {
    private final MethodDescription method;

    Carrying(MethodVisitor visitor, MethodDescription method) {
      super(OpenedClassReader.ASM_API, visitor);
      this.method = method;
    }

    @Override
    public void visitCode() {
      super.visitCode();
      for (ParameterDescription parameter : method.getParameters()) {
        TypeDescription type = parameter.getType().asErasure();
        if (TASKS.contains(type.getName())) {
          String task = type.getDescriptor();
          String carry = method.getName().equals("newVirtualThread") ? "Thread" : simpleName(type);
          visitVarInsn(Opcodes.ALOAD, parameter.getOffset());
          visitMethodInsn(
              Opcodes.INVOKESTATIC, HOOK, "carry" + carry, "(" + task + ")" + task, false);
          visitVarInsn(Opcodes.ASTORE, parameter.getOffset());
        }
      }
    }

    private static String simpleName(TypeDescription type) {
      return type.getName().substring(type.getName().lastIndexOf('.') + 1);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(Math.max(maxStack, 1), maxLocals);
    }
  }
}
