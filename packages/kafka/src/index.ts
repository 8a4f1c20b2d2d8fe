export { kafkaConnector } from './kafka-connector.ts'
