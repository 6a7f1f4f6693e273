{{/* The proxy beside the workload. */}}
{{- define "tollgate.sidecar.container" -}}
- name: tollgate-proxy
  {{- include "tollgate.image" (dict "image" .Values.proxy.image "root" .) | nindent 2 }}
  command: [java, -jar, /opt/tollgate/tollgate-proxy.jar]
  args: [--config, /etc/tollgate/proxy.yaml]
  {{- if .Values.proxy.nativeSidecar }}
  restartPolicy: Always
  {{- end }}
  env:
    - name: JAVA_TOOL_OPTIONS
      value: {{ .Values.javaOptions | quote }}
    - name: HOSTNAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    {{- include "tollgate.secretEnv" (dict "name" "TOLLGATE_CONTROL_PLANE_TOKEN" "secret" .Values.proxy.controlPlane.tokenSecret) | nindent 4 }}
  ports:
    - {name: traffic, containerPort: {{ .Values.proxy.port }}}
    - {name: admin, containerPort: {{ .Values.proxy.adminPort }}}
    - {name: limits, containerPort: {{ .Values.proxy.cluster.port }}}
  startupProbe:
    httpGet: {path: /live, port: admin}
    periodSeconds: 1
    failureThreshold: 60
  livenessProbe:
    httpGet: {path: /live, port: admin}
    periodSeconds: 10
    failureThreshold: 3
  readinessProbe:
    httpGet: {path: /ready, port: admin}
    periodSeconds: 2
    failureThreshold: 3
  resources:
    {{- toYaml .Values.proxy.resources | nindent 4 }}
  securityContext:
    {{- include "tollgate.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - {name: tollgate-config, mountPath: /etc/tollgate, readOnly: true}
    - {name: tollgate-data, mountPath: /var/lib/tollgate}
    - {name: tollgate-tmp, mountPath: /tmp}
{{- end -}}

{{/* Puts the agent's jar where the workload finds it. */}}
{{- define "tollgate.sidecar.agentJar" -}}
- name: tollgate-agent
  {{- include "tollgate.image" (dict "image" .Values.proxy.image "root" .) | nindent 2 }}
  command: [cp, /opt/tollgate/tollgate-agent.jar, /opt/agent/tollgate-agent.jar]
  resources:
    requests: {cpu: 10m, memory: 32Mi}
    limits: {memory: 64Mi}
  securityContext:
    {{- include "tollgate.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - {name: tollgate-agent, mountPath: /opt/agent}
{{- end -}}

{{/* What the workload's container mounts for the agent. */}}
{{- define "tollgate.sidecar.agentMounts" -}}
- {name: tollgate-agent, mountPath: /opt/agent, readOnly: true}
- {name: tollgate-config, mountPath: /etc/tollgate, readOnly: true}
- {name: tollgate-data, mountPath: /var/lib/tollgate-agent, subPath: agent}
{{- end -}}

{{- define "tollgate.sidecar.agentOption" -}}
-javaagent:/opt/agent/tollgate-agent.jar=/etc/tollgate/agent.properties
{{- end -}}

{{- define "tollgate.sidecar.volumes" -}}
- name: tollgate-config
  configMap:
    name: {{ include "tollgate.workloadName" . }}
- name: tollgate-tmp
  emptyDir: {}
{{- if .Values.agent.enabled }}
- name: tollgate-agent
  emptyDir: {}
{{- end }}
{{- if not .Values.proxy.persistence.enabled }}
- name: tollgate-data
  emptyDir: {}
{{- end }}
{{- end -}}
