# Sourced by the examples' run scripts: finds a JDK, builds what is stale with progress shown.
# Sets jdk (a JDK's home) and top (the checkout); offers build_stale MODULE=JAR ...

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The feature version of the JDK in a folder; fails where there is no compiler.
jdk_version() {
  [ -x "$1/bin/javac" ] || return 1
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

# The home of the first JDK of 21 or newer: JAVA_HOME, then the PATH, then where installers put them.
find_jdk() {
  local home version on_path
  on_path=$(command -v javac || true)
  for home in "${JAVA_HOME:-}" "${on_path:+$(dirname "$(dirname "$(readlink -f "$on_path")")")}" \
    /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/java/* /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$home" ] || continue
    version=$(jdk_version "$home") || continue
    if [ "${version:-0}" -ge 21 ]; then
      echo "$home"
      return
    fi
  done
  return 1
}

if ! jdk=$(find_jdk); then
  echo "Tollgate needs a JDK 21 or newer: install one, such as Temurin from https://adoptium.net, or set JAVA_HOME to it." >&2
  exit 1
fi

# Whether a jar is missing, or some source or pom is newer than the oldest jar.
stale() {
  local oldest="" jar
  for jar in "$@"; do
    [ -f "$jar" ] || return 0
    if [ -z "$oldest" ] || [ "$jar" -ot "$oldest" ]; then oldest=$jar; fi
  done
  [ -n "$(find "$top/pom.xml" "$top/agent" "$top/proxy" "$top/control-plane" "$top/examples" \
    \( -name target -o -name data -o -name test \) -prune -o \( -path '*/src/main/*' -o -name pom.xml \) -type f -newer "$oldest" -print -quit)" ]
}

# build_stale MODULE=JAR ...: builds the modules if one of their jars is stale.
build_stale() {
  local pair modules="" jars=() started=$SECONDS log
  for pair in "$@"; do
    modules=${modules:+$modules,}${pair%%=*}
    jars+=("$top/${pair%%=*}/target/${pair#*=}")
  done
  if ! stale "${jars[@]}"; then return; fi
  log=$(dirname "${jars[-1]}")/build.log
  mkdir -p "$(dirname "$log")"
  echo "Building Tollgate with the JDK in $jdk (the first build downloads its dependencies) ..."
  if ! (cd "$top" && JAVA_HOME="$jdk" ./mvnw -B -ntp -DskipTests -pl "$modules" -am package) 2>&1 | tee "$log" |
    sed -un 's/^\[INFO\] Building \(Tollgate.*[^ ]\)  *\(\[[0-9/]*\]\)$/  \2 \1/p; /^\[ERROR\]/p'; then
    echo "The build failed; the whole log is $log" >&2
    exit 1
  fi
  # A jar that Maven left as it was must not look stale at the next start. One that it made must keep its
  # time, which the JVM compares with that in the proxy's class archive.
  if stale "${jars[@]}"; then touch "${jars[@]}"; fi
  echo "Built in $((SECONDS - started)) s."
}
