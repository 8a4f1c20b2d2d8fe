import type { DeployConfig } from '@statefun/cli'

/** The example on Kubernetes: `statefun deploy render`, with `--profile apache` or `embedded` for the other two ways. */
export const deploy: DeployConfig = {
  namespace: 'counter',
  env: {
    FUNCTIONS_URL: 'http://counter-functions.counter:8080/statefun',
    KAFKA_BOOTSTRAP: 'kafka.counter:9092',
  },
  functions: {
    image: 'counter-functions:1.0',
    port: 8080,
    autoscaling: { min: 3, max: 30, cpuPercent: 70 },
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: 1, memory: '512Mi' } },
  },
  flink: {
    image: 'flink-statefun:1.0',
    parallelism: 2,
    taskManager: { cpu: 1, memory: '2048m' },
  },
  engine: { image: 'counter-engine:1.0' },
  storage: {
    checkpoints: 's3://counter-state/counter',
    region: 'eu-central-1',
    credentials: { role: 'arn:aws:iam::123456789012:role/counter-state' },
  },
}
