import { httpEndpoint, httpEndpointV1 } from './http-endpoint.ts'
import { kafkaEgress } from './kafka-egress.ts'
import { kafkaIngress } from './kafka-ingress.ts'
import type { ModuleKind } from './kind.ts'
import { kinesisEgress } from './kinesis-egress.ts'
import { kinesisIngress } from './kinesis-ingress.ts'
import { playgroundEgress, playgroundIngress } from './playground.ts'

/** Every kind of module.yaml. */
export const MODULE_KINDS: readonly ModuleKind[] = [
  httpEndpoint,
  httpEndpointV1,
  kafkaIngress,
  kafkaEgress,
  kinesisIngress,
  kinesisEgress,
  playgroundIngress,
  playgroundEgress,
]
