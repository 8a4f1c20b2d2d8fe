import { StatefunError } from '@statefun/protocol'
import type { Dispatcher } from 'undici'

/** Which cluster is meant; what is left out is found as kubectl finds it. */
export interface KubeOptions {
  /** Default: `KUBECONFIG`, else `~/.kube/config`, else the account of the pod that this runs in. */
  readonly kubeconfig?: string
  /** The configuration itself, in place of a file. */
  readonly configuration?: string
  readonly context?: string
  readonly namespace?: string
}

/** A cluster, and how to show it who asks. */
export interface KubeLogin {
  readonly server: string
  readonly context: string
  readonly namespace: string
  /**
   * What goes with a request: a login helper may have a new token by now.
   *
   * @throws StatefunError `SF_KUBE_CONFIG`
   */
  authenticate(): Promise<{
    readonly headers: Readonly<Record<string, string>>
    /** Connections with the cluster's certificates; new ones each time. */
    readonly dispatcher: Dispatcher | undefined
  }>
}

/**
 * Files, contexts, tokens, certificates and login helpers are those of the official client, which is loaded with the first
 * call. No type of it goes further than this file: they do not compile without packages that its users would have to install.
 *
 * @throws StatefunError `SF_KUBE_CONFIG`
 */
export async function findKubeLogin(options: KubeOptions): Promise<KubeLogin> {
  const { HttpMethod, KubeConfig, RequestContext } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (options.configuration !== undefined) config.loadFromString(options.configuration)
    else if (options.kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(options.kubeconfig)
  } catch (cause) {
    throw new StatefunError('SF_KUBE_CONFIG', 'the configuration of kubectl cannot be read', {
      ...(options.kubeconfig === undefined ? {} : { where: options.kubeconfig }),
      hint: 'name a file with --kubeconfig or KUBECONFIG',
      cause,
    })
  }
  if (options.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name)
    if (!names.includes(options.context)) {
      throw new StatefunError('SF_KUBE_CONFIG', `there is no context "${options.context}"`, {
        hint: `there are: ${names.join(', ') || 'none'}`,
      })
    }
    config.setCurrentContext(options.context)
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw new StatefunError('SF_KUBE_CONFIG', 'the configuration of kubectl names no cluster', {
      hint: 'choose one with --context or "kubectl config use-context"',
    })
  }
  const context = config.getCurrentContext()
  const namespace = options.namespace ?? config.getContextObject(context)?.namespace ?? 'default'
  return {
    server: server.replace(/\/+$/, ''),
    context,
    namespace,
    async authenticate() {
      const request = new RequestContext(server, HttpMethod.GET)
      try {
        await config.applySecurityAuthentication(request)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new StatefunError('SF_KUBE_CONFIG', `the login of kubectl failed: ${reason}`, {
          where: `context ${context}`,
          hint: 'try "kubectl get pods" and mend what it says',
          cause,
        })
      }
      return {
        headers: request.getHeaders(),
        dispatcher: request.getDispatcher() as Dispatcher | undefined,
      }
    },
  }
}
