package io.tollgate.agent.install;

import java.lang.reflect.Modifier;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.annotation.AnnotationValue;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.ParameterDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.description.type.TypeVariableToken;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.bytecode.StackManipulation;
import net.bytebuddy.implementation.bytecode.assign.TypeCasting;
import net.bytebuddy.implementation.bytecode.constant.TextConstant;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
import net.bytebuddy.implementation.bytecode.member.MethodVariableAccess;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/**
 * Binds the tenant that a request names around the method that serves it. The methods of the host's
 * server library are called by name; the agent needs none of these libraries.
 */
enum RequestWeaving implements AgentBuilder.RawMatcher, AgentBuilder.Transformer {
  /**
   * The JDK's HTTP server. A handler is often a lambda, which cannot be woven; its caller can, and
   * it calls the filters too.
   */
  JDK_SERVER("com.sun.net.httpserver.Filter$Chain", "doFilter", 1) {
    @Override
    StackManipulation tenant() {
      TypeDescription headers = type("com.sun.net.httpserver.Headers", Modifier.PUBLIC);
      TypeDescription exchange =
          type("com.sun.net.httpserver.HttpExchange", Modifier.PUBLIC | Modifier.ABSTRACT);
      return new StackManipulation.Compound(
          MethodVariableAccess.REFERENCE.loadFrom(1),
          MethodInvocation.invoke(method(exchange, "getRequestHeaders", headers)),
          new TextConstant(HEADER),
          MethodInvocation.invoke(method(headers, "getFirst", STRING, STRING)));
    }
  },

  /** Servlets of Java EE. */
  JAVAX_SERVLET("javax.servlet.http.HttpServlet", "service", 2) {
    @Override
    StackManipulation tenant() {
      return servletHeader("javax.servlet.http.HttpServletRequest");
    }
  },

  /** Servlets of Jakarta EE. */
  JAKARTA_SERVLET("jakarta.servlet.http.HttpServlet", "service", 2) {
    @Override
    StackManipulation tenant() {
      return servletHeader("jakarta.servlet.http.HttpServletRequest");
    }
  };

  private static final String HEADER = "X-Tollgate-Tenant";
  private static final TypeDescription STRING = TypeDescription.ForLoadedType.of(String.class);

  private final String type;
  private final String method;
  private final int parameters;

  RequestWeaving(String type, String method, int parameters) {
    this.type = type;
    this.method = method;
    this.parameters = parameters;
  }

  /** Puts the tenant, or null, on the stack. */
  abstract StackManipulation tenant();

  @Override
  public boolean matches(
      TypeDescription candidate,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain) {
    return type.equals(candidate.getName());
  }

  @Override
  public DynamicType.Builder<?> transform(
      DynamicType.Builder<?> builder,
      TypeDescription woven,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable ProtectionDomain domain) {
    return builder.visit(
        Advice.withCustomMapping()
            .bind(RequestTenant.class, tenant(), STRING.asGenericType())
            .to(AdviceClasses.describe(RequestAdvice.class.getName()), AdviceClasses.LOCATOR)
            // Servlets have a second, protected service method, which the public one calls.
            .on(
                ElementMatchers.named(method)
                    .and(ElementMatchers.isPublic())
                    .and(ElementMatchers.takesArguments(parameters))));
  }

  private static StackManipulation servletHeader(String requestType) {
    TypeDescription request =
        type(requestType, Modifier.PUBLIC | Modifier.ABSTRACT | Modifier.INTERFACE);
    return new StackManipulation.Compound(
        MethodVariableAccess.REFERENCE.loadFrom(1),
        TypeCasting.to(request),
        new TextConstant(HEADER),
        MethodInvocation.invoke(method(request, "getHeader", STRING, STRING)));
  }

  private static TypeDescription type(String name, int modifiers) {
    return new TypeDescription.Latent(
        name, modifiers, TypeDescription.ForLoadedType.of(Object.class).asGenericType());
  }

  private static MethodDescription.InDefinedShape method(
      TypeDescription owner, String name, TypeDescription returns, TypeDescription... takes) {
    List<ParameterDescription.Token> parameters = new ArrayList<>();
    for (TypeDescription parameter : takes) {
      parameters.add(new ParameterDescription.Token(parameter.asGenericType()));
    }
    return new MethodDescription.Latent(
        owner,
        name,
        Modifier.PUBLIC | (owner.isAbstract() ? Modifier.ABSTRACT : 0),
        Collections.<TypeVariableToken>emptyList(),
        returns.asGenericType(),
        parameters,
        Collections.<TypeDescription.Generic>emptyList(),
        Collections.<AnnotationDescription>emptyList(),
        AnnotationValue.UNDEFINED,
        null);
  }
}
