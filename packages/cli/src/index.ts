export { defineConfig, type StatefunConfig, type TopicFormat } from './config.ts'
