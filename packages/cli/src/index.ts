export type { DeployConfig } from '@statefun/flink'
export { defineConfig, type StatefunConfig, type TopicFormat } from './config.ts'
