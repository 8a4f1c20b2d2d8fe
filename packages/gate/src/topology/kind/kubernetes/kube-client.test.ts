import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { untilRolledOut } from './rollout.ts'

type Handler = (
  request: IncomingMessage & { readonly path: string; readonly text: string },
  response: ServerResponse,
) => void

/** An API server of a test. */
async function serve(handler: Handler): Promise<KubeClient> {
  const server = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const chunk of request.setEncoding('utf8')) text += chunk
      handler(Object.assign(request, { path: decodeURIComponent(request.url ?? ''), text }), response)
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return KubeClient.of(
    JSON.stringify({
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    }),
  )
}

const answer = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status).end(JSON.stringify(body))

const RESOURCES = { resources: [{ name: 'things', kind: 'Thing', namespaced: true }] }
const thing: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'b' },
  spec: { 'x-kubernetes-preserve-unknown-fields': true },
}

test('objects are applied as they are, where their kind lies', async () => {
  const seen: string[] = []
  const kube = await serve((request, response) => {
    if (request.method === 'GET') return answer(response, RESOURCES)
    seen.push(`${request.method} ${request.path} ${request.headers['content-type']} ${request.text}`)
    return answer(response, {})
  })
  await kube.apply(thing)
  expect(seen).toEqual([
    `PATCH /apis/example.com/v1/namespaces/b/things/a?fieldManager=statefun-gate&force=true application/apply-patch+yaml ${JSON.stringify(thing)}`,
  ])
})

test('a watch goes on from its list, and over its own end', async () => {
  let watches = 0
  const kube = await serve((request, response) => {
    if (!request.path.includes('watch=true')) {
      return answer(response, { metadata: { resourceVersion: '7' }, items: [] })
    }
    watches += 1
    expect(request.path).toContain('resourceVersion=7')
    const object = { ...thing, status: { turn: watches } }
    return response.writeHead(200).end(`${JSON.stringify({ type: 'MODIFIED', object })}\n`)
  })
  const found = await kube.waitFor<typeof thing & { status: { turn: number } }>('/things/a', {
    what: 'thing',
    timeoutMs: 20_000,
    until: ({ status }) => status.turn === 2,
  })
  expect(found.status.turn).toBe(2)
})

test('what does not come is said with its last status', async () => {
  const kube = await serve((request, response) => {
    if (request.path.includes('watch=true')) return response.writeHead(200)
    return answer(response, {
      metadata: { resourceVersion: '1' },
      items: [{ ...thing, status: { state: 'slow' } }],
    })
  })
  await expect(
    kube.waitFor('/things/a', { what: 'the thing', timeoutMs: 200, until: () => false }),
  ).rejects.toMatchObject({
    code: 'SF_GATE_START_TIMEOUT',
    message: expect.stringContaining('the thing is not ready'),
    excerpt: '{"state":"slow"}',
  })
})

test('a rollout replaces pods that gave up before, and ends with the last words of one of its newest form', async () => {
  const pod = (name: string, owner: string) => ({
    metadata: { name, uid: name, ownerReferences: [{ uid: owner }] },
    spec: { containers: [{ name: 'functions', image: 'statefun-remote-function:e2e' }] },
    status: {
      containerStatuses: [
        {
          name: 'functions',
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { reason: 'Error', exitCode: 1 } },
        },
      ],
    },
  })
  const set = (uid: string, revision: string) => ({
    metadata: { uid, annotations: { 'deployment.kubernetes.io/revision': revision } },
  })
  const deleted: string[] = []
  const kube = await serve(({ method, path }, response) => {
    if (method === 'DELETE') {
      deleted.push(path)
      return answer(response, {})
    }
    if (path.includes('watch=true')) return response.writeHead(200)
    const list = (items: readonly object[]) => answer(response, { metadata: { resourceVersion: '1' }, items })
    if (path.includes('/log?')) return response.writeHead(200).end('Error: planted fault')
    if (path.includes('/replicasets')) return list([set('old', '1'), set('new', '2')])
    if (path.includes('/pods')) {
      const former = pod('former', 'new')
      return list(deleted.length === 0 ? [former] : [former, pod('of-old', 'old'), pod('of-new', 'new')])
    }
    return list([
      { metadata: { name: 'f', generation: 2 }, spec: { replicas: 1 }, status: { observedGeneration: 2 } },
    ])
  })
  const rollout = untilRolledOut(kube, 'a', 'f', {
    what: 'the function server',
    timeoutMs: 20_000,
    selector: 'a=b',
  })
  await expect(rollout).rejects.toMatchObject({
    code: 'SF_GATE_POD',
    message: expect.stringMatching(
      /the function server: pod of-new .*\(statefun-remote-function:e2e\).*exit code 1/,
    ),
    excerpt: 'Error: planted fault',
  })
  expect(deleted).toEqual([expect.stringMatching(/^\/api\/v1\/namespaces\/a\/pods\/former\?/)])
})
