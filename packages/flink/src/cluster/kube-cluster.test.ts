import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cluster } from './cluster.ts'
import { openKubeCluster } from './kube-cluster.ts'
import { KINDS } from './resource-kind.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

const POD = { metadata: { name: 'p', namespace: 'shop', resourceVersion: '5' } }
const MANIFEST = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'fn', namespace: 'shop' },
  spec: { replicas: 2, anything: { kept: true } },
}

let folder: string
let server: Server
let handler: Handler
let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
let cluster: Cluster

beforeEach(async () => {
  requests = []
  folder = mkdtempSync(join(tmpdir(), 'statefun-kube-'))
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, body })
      handler(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  cluster = await openKubeCluster({ kubeconfig: kubeconfig(`http://127.0.0.1:${port}`) })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

function kubeconfig(url: string): string {
  const file = join(folder, 'config')
  const config = {
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [
      { name: 'one', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'two', context: { cluster: 'c', user: 'u' } },
    ],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

const answer =
  (status: number, body: unknown): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

async function failureOf(run: Promise<unknown>): Promise<StatefunError> {
  try {
    await run
  } catch (error) {
    return StatefunError.from(error)
  }
  throw new Error('it did not fail')
}

describe('contexts', () => {
  it('are those of kubectl', async () => {
    expect([cluster.context, cluster.namespace]).toEqual(['one', 'shop'])
    const file = join(folder, 'config')
    const two = await openKubeCluster({ kubeconfig: file, context: 'two' })
    expect([two.context, two.namespace]).toEqual(['two', 'default'])
    expect((await openKubeCluster({ kubeconfig: file, namespace: 'other' })).namespace).toBe('other')
    const error = await failureOf(openKubeCluster({ kubeconfig: file, context: 'tow' }))
    expect([error.code, error.hint]).toEqual(['SF_KUBE_CONFIG', 'there are: one, two'])
    expect((await failureOf(openKubeCluster({ kubeconfig: join(folder, 'none') }))).code).toBe(
      'SF_KUBE_CONFIG',
    )
  })
})

describe('objects', () => {
  it('are applied as they are, by the server', async () => {
    handler = answer(200, MANIFEST)
    expect(await cluster.apply(MANIFEST)).toEqual(MANIFEST)
    await cluster.apply(MANIFEST, { manager: 'other', dryRun: true, force: true })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PATCH /apis/apps/v1/namespaces/shop/deployments/fn?fieldManager=statefun&force=false',
      'PATCH /apis/apps/v1/namespaces/shop/deployments/fn?fieldManager=other&force=true&dryRun=All',
    ])
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'content-type': 'application/apply-patch+yaml',
    })
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(MANIFEST)
  })

  it('are read, listed and deleted', async () => {
    handler = answer(200, { ...POD, items: [POD], metadata: { resourceVersion: '9' } })
    expect(await cluster.get(KINDS.pod, 'shop', 'p')).toMatchObject({ items: [POD] })
    expect(await cluster.list(KINDS.pod, 'shop', 'a=b')).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...POD }])
    expect(await cluster.delete(KINDS.pod, 'shop', 'p')).toBe(true)
    expect(await cluster.get(KINDS.crd, '', 'things.example.com')).toBeDefined()
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/namespaces/shop/pods/p',
      'GET /api/v1/namespaces/shop/pods?labelSelector=a%3Db',
      'DELETE /api/v1/namespaces/shop/pods/p?propagationPolicy=Background',
      'GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com',
    ])
    handler = answer(404, { message: 'pods "p" not found' })
    expect(await cluster.get(KINDS.pod, 'shop', 'p')).toBeUndefined()
    expect(await cluster.delete(KINDS.pod, 'shop', 'p')).toBe(false)
  })

  it.each([
    [404, 'namespaces "shop" not found', 'SF_KUBE_NOT_FOUND', 'make it first: kubectl create namespace shop'],
    [
      404,
      'the server could not find the requested resource',
      'SF_KUBE_NOT_FOUND',
      expect.stringContaining('Operator'),
    ],
    [401, 'Unauthorized', 'SF_KUBE_REFUSED', expect.stringContaining('log in')],
    [403, 'pods is forbidden', 'SF_KUBE_REFUSED', expect.stringContaining('permission')],
    [409, 'Apply failed with 1 conflict', 'SF_KUBE_CONFLICT', expect.stringContaining('--force-conflicts')],
    [422, 'Deployment is invalid', 'SF_KUBE_INVALID', undefined],
    [500, 'etcd is away', 'SF_KUBE_FAILED', undefined],
  ])('%i %s', async (status, message, code, hint) => {
    handler = answer(status, { kind: 'Status', message })
    const error = await failureOf(cluster.apply(MANIFEST))
    expect([error.code, error.message, error.hint]).toEqual([code, message, hint])
    expect(error.where).toBe('PATCH /apis/apps/v1/namespaces/shop/deployments/fn')
  })

  it('a cluster that is away is named', async () => {
    const away = await openKubeCluster({ kubeconfig: kubeconfig('http://127.0.0.1:1') })
    const error = await failureOf(away.list(KINDS.pod, 'shop'))
    expect([error.code, error.where]).toEqual(['SF_KUBE_UNREACHABLE', 'context one'])
    expect(error.message).toContain('no cluster answers at http://127.0.0.1:1: ')
  })
})

describe('watches and logs', () => {
  it('goes on after a connection ends, and lists anew when the API has forgotten the place', async () => {
    const change = (type: string, name: string, resourceVersion: string) =>
      `${JSON.stringify({ type, object: { metadata: { name, namespace: 'shop', resourceVersion } } })}\n`
    const list = (names: readonly string[], resourceVersion: string) => ({
      metadata: { resourceVersion },
      items: names.map((name) => ({ metadata: { name, namespace: 'shop', resourceVersion: '1' } })),
    })
    const script: Handler[] = [
      answer(200, list(['a', 'b'], '10')),
      (_request, response) => {
        const text = change('ADDED', 'c', '11') + change('BOOKMARK', '', '12') + change('MODIFIED', 'a', '13')
        // In pieces that do not end with lines.
        response.write(text.slice(0, 30))
        setTimeout(() => response.end(text.slice(30)), 5)
      },
      (_request, response) =>
        response.end(`${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old' } })}\n`),
      answer(200, list(['c', 'd'], '20')),
      (_request, response) => response.write(change('DELETED', 'd', '21')),
    ]
    handler = (...args) => script.shift()?.(...args)
    const stop = new AbortController()
    const seen: string[] = []
    for await (const { type, object } of cluster.watch(KINDS.pod, 'shop', {
      selector: 'a=b',
      signal: stop.signal,
    })) {
      seen.push(`${type} ${object.kind} ${object.metadata?.name}`)
      if (seen.at(-1) === 'DELETED Pod d') stop.abort()
    }
    expect(seen).toEqual([
      'ADDED Pod a',
      'ADDED Pod b',
      'ADDED Pod c',
      'MODIFIED Pod a',
      'DELETED Pod a',
      'DELETED Pod b',
      'MODIFIED Pod c',
      'ADDED Pod d',
      'DELETED Pod d',
    ])
    const versions = requests.map(({ url }) => new URL(url, 'http://x').searchParams.get('resourceVersion'))
    expect(versions).toEqual([null, '10', '13', null, '20'])
  })

  it('ends with what no repetition mends', async () => {
    handler = answer(403, { message: 'forbidden' })
    const watching = async () => {
      for await (const _ of cluster.watch(KINDS.pod, 'shop', { signal: new AbortController().signal })) {
        // Nothing comes.
      }
    }
    expect((await failureOf(watching())).code).toBe('SF_KUBE_REFUSED')
  })

  it('reads logs line by line', async () => {
    handler = (_request, response) => {
      response.write('one\ntw')
      setTimeout(() => response.end('o\nü'), 5)
    }
    const lines: string[] = []
    for await (const line of cluster.logs('shop', 'p', { container: 'c', tail: 3, previous: true }))
      lines.push(line)
    expect(lines).toEqual(['one', 'two', 'ü'])
    expect(requests[0]?.url).toBe('/api/v1/namespaces/shop/pods/p/log?container=c&tailLines=3&previous=true')
  })
})
