import { list } from '../readers/list.ts'
import { object } from '../readers/object.ts'
import { EMBEDDED, required } from '../readers/reader.ts'
import { integer, text } from '../readers/scalars.ts'
import type { Binding, ModuleKind } from './kind.ts'

const port = required(integer(0, 65_535), 'TCP port to listen on; 0 takes a free one.')
const ID_HINT = 'the id is fixed: leave it out'

const INGRESS_ID = 'io.statefun.playground/ingress'
const EGRESS_ID = 'io.statefun.playground/egress'

/** `io.statefun.playground.v1/ingress` (contract 4.6). */
export const playgroundIngress: ModuleKind = {
  kind: 'io.statefun.playground.v1/ingress',
  role: 'ingress',
  doc: 'Takes messages over HTTP at /<namespace>/<type>/<id>, for local use.',
  only: EMBEDDED,
  spec: object({
    fields: { port },
    mistakes: { id: ID_HINT },
    build: ({ values, offset }, context): Binding => ({
      role: 'ingress',
      key: { name: INGRESS_ID, shown: INGRESS_ID, offset },
      definition: {
        kind: 'io.statefun.playground.v1/ingress',
        id: INGRESS_ID,
        port: values.port,
        location: context.location(offset),
      },
      targets: [],
    }),
  }),
}

/** `io.statefun.playground.v1/egress` (contract 4.6). */
export const playgroundEgress: ModuleKind = {
  kind: 'io.statefun.playground.v1/egress',
  role: 'egress',
  doc: 'Keeps records in memory and hands them out over HTTP at /<topic>, for local use.',
  only: EMBEDDED,
  spec: object({
    fields: {
      port,
      topics: required(list(text, { min: 1 }), 'Topics that records may be written to.'),
    },
    mistakes: { id: ID_HINT },
    build: ({ values, offset }, context): Binding => ({
      role: 'egress',
      key: { name: EGRESS_ID, shown: EGRESS_ID, offset },
      definition: {
        kind: 'io.statefun.playground.v1/egress',
        id: EGRESS_ID,
        port: values.port,
        topics: values.topics.map(({ value }) => value),
        location: context.location(offset),
      },
    }),
  }),
}
