import type { DeployConfig } from '../src/deploy/deploy-config.ts'
import type { Deployment } from '../src/deploy/deployment.ts'
import { resolveDeployment } from '../src/deploy/resolve-deployment.ts'

/** A module that all profiles take. */
export const MODULE = `kind: io.statefun.endpoints.v2/http
spec:
  functions: shop/*
  urlPathTemplate: http://shop-functions.default:8000/statefun
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: shop/in
  address: \${KAFKA:-kafka:9092}
  consumerGroupId: shop
  startupPosition: {type: earliest}
  topics:
    - {topic: orders, valueType: shop/order, targets: [shop/order]}
---
kind: io.statefun.kafka.v1/egress
spec: {id: shop/out, address: "kafka:9092", deliverySemantic: {type: at-least-once}}
`

/** A description with as little as there can be. */
export const CONFIG: DeployConfig = {
  functions: { image: 'shop/functions:1' },
  flink: { image: 'shop/flink:1' },
  engine: { image: 'shop/engine:1' },
  storage: { checkpoints: 's3://bucket/shop' },
}

/** {@link CONFIG} with changes, resolved. */
export function deploymentOf(changes: DeployConfig = {}, module = MODULE): Deployment {
  return resolveDeployment({ app: 'shop', config: { ...CONFIG, ...changes }, module })
}
