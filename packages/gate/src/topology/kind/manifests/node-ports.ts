import type { KubeObject } from '../kubernetes/kube-object.ts'

/** The function server's port on the node. */
export const FUNCTIONS_NODE_PORT = 30_080

/** Ports on the node for the REST API of jobs: the app under test, and apps that tests deploy beside it. */
export const REST_NODE_PORTS = [30_081, 30_082, 30_083, 30_084] as const

/** A Service that leads from a port of the node to pods. */
export function nodePortService(
  namespace: string,
  name: string,
  port: number,
  nodePort: number,
  selector: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'NodePort', selector, ports: [{ name: 'main', port, targetPort: port, nodePort }] },
  }
}
